"""Customer orders that a system keeps for us: what it renamed, dropped or has no more."""

from collections.abc import Collection, Iterable, Mapping, Sequence

from procurement.models import CustomerOrder, CustomerOrderLine, SourceAccount
from procurement.services.record_writers.base import Group


def orders_rename(keeper: SourceAccount, groups: Sequence[Group]) -> None:
    """An order is the same one under another number; the number of an order that is in nobody's way is taken over."""
    numbers = {group[0].external_id: group[0].number for group in groups}
    taken = set(CustomerOrder.objects.filter(number__in=numbers.values()).values_list("number", flat=True))
    for order in CustomerOrder.objects.filter(kept_by=keeper, external_id__in=numbers):
        number = numbers[order.external_id]
        if order.number != number and number not in taken:
            CustomerOrder.objects.filter(pk=order.pk).update(number=number)


def lines_drop(whole: Mapping[int, Group], stored: Iterable[CustomerOrderLine]) -> int:
    """Delete the lines that their order (by its key), which came whole, does not name any more; how many."""
    named = {(order, row.order_line) for order, group in whole.items() for row in group if not row.ignored}
    dropped = [
        line.pk
        for line in stored
        if line.order_id in whole and (line.order_id, line.line_number) not in named
    ]
    if dropped:
        CustomerOrderLine.objects.filter(pk__in=dropped).delete()
    return len(dropped)


def orders_remove(keeper: SourceAccount, external_ids: Collection[str]) -> int:
    """Delete orders that are none any more; how many lines they had."""
    orders = CustomerOrder.objects.filter(kept_by=keeper, external_id__in=external_ids)
    _, deleted = orders.delete()
    return deleted.get(CustomerOrderLine._meta.label, 0)
