"""Open customer orders and their lines. Orders and lines a file does not name stay as they are; what a system keeps for
us comes whole, so that lines it does not name are gone, and nobody else changes it.
"""

from collections.abc import Sequence

from django.utils import timezone

from procurement.models import CustomerOrder, CustomerOrderLine
from procurement.services.record_writers.base import (
    Group,
    Target,
    Written,
    products_by_sku,
    products_hold,
    unknown_sku,
)
from procurement.services.record_writers.kept_orders import lines_drop, orders_rename
from procurement.services.record_writers.row_changes import Table, values_before
from procurement.sources.base import CustomerOrderRecord, RowError

HEADER = ("customer", "ordered_on", "due_date", "open")
KEPT = ("kept_by", "external_id")


class CustomerOrderWriter:
    batch = 500

    def __init__(self, target: Target) -> None:
        self._target = target

    def key(self, record: CustomerOrderRecord) -> str:
        return record.number

    def write(self, groups: Sequence[Group]) -> Written:
        """Counts are of order lines; a changed head counts as a change of its order's first line."""
        written = Written()
        if self._target.kept_by:
            orders_rename(self._target.kept_by, groups)
        products = products_by_sku(row.sku for group in groups for row in group)
        orders = {
            order.number: order
            for order in self._target.stored(
                CustomerOrder.objects.filter(number__in=[group[0].number for group in groups])
            ).select_related("site", "kept_by")
        }
        stored = {
            (line.order_id, line.line_number): line
            for line in self._target.stored(CustomerOrderLine.objects.filter(order__in=orders.values()))
        }
        heads: list[CustomerOrder] = []
        lines: list[CustomerOrderLine] = []
        whole: dict[int, Group] = {}
        for group in groups:
            good = self._good_lines(group, products, orders.get(group[0].number), written)
            none_of_ours = all(record.ignored for record in group)
            if not good:
                if none_of_ours and self._target.kept_by and (known_head := orders.get(group[0].number)):
                    whole[known_head.pk] = group
                continue
            head = self._head(group[0])
            known_head = orders.get(head.number)
            head_differs = known_head is None or any(
                getattr(known_head, name) != getattr(head, name) for name in self._head_fields
            )
            if head_differs:
                heads.append(head)
                before = values_before(Table.ORDER, known_head)
                self._target.changes.note(Table.ORDER, head, before)
            if known_head and self._target.kept_by:
                whole[known_head.pk] = group
            for at, (number, record) in enumerate(good):
                line = CustomerOrderLine(
                    order=head,
                    line_number=number,
                    product_id=products[record.sku],
                    quantity=record.quantity,
                    shipped_quantity=record.shipped_quantity,
                    code=record.code,
                )
                known = stored.get((known_head.pk, number)) if known_head else None
                differs = known is None or _content(known) != _content(line)
                written.count(known=known is not None, differs=differs or (head_differs and not at))
                if differs:
                    lines.append(line)
                    before = values_before(Table.ORDER_LINE, known)
                    self._target.changes.note(Table.ORDER_LINE, line, before)
                else:
                    self._target.changes.same(Table.ORDER_LINE, line)
        if not self._target.dry_run:
            self._save(heads, lines)
            self._target.changes.save()
        written.removed += lines_drop(whole, stored.values())
        return written

    @property
    def _head_fields(self) -> tuple[str, ...]:
        return (*HEADER, *KEPT) if self._target.kept_by else HEADER

    def _good_lines(
        self, group: Group, products: dict[str, int], stored: CustomerOrder | None, written: Written
    ) -> list[tuple[int, CustomerOrderRecord]]:
        """(line number, record) of what can be kept; the rest goes to the errors."""
        first: CustomerOrderRecord = group[0]
        good: dict[int, CustomerOrderRecord] = {}
        for at, row in enumerate(group, start=1):
            number = row.order_line or at
            if stored and stored.site_id != self._target.site.pk:
                why = f"belongs to site {stored.site.code}; an order has one site"
                written.errors.append(RowError(row.line, "number", row.number, why))
            elif stored and (keeper := self._other_keeper(stored, row)):
                written.errors.append(RowError(row.line, "number", row.number, keeper))
            elif row.ignored:
                continue
            elif row.refused:
                written.errors.append(row.refused)
            elif row.sku not in products:
                written.errors.append(unknown_sku(row.line, row.sku))
            elif row.shipped_quantity > row.quantity:
                why = f"is more than the {row.quantity} ordered"
                written.errors.append(RowError(row.line, "shipped_quantity", str(row.shipped_quantity), why))
            elif number in good:
                why = f"order {row.number} has this line in line {good[number].line} of the file already"
                written.errors.append(RowError(row.line, "order_line", str(number), why))
            elif differing := next((n for n in HEADER if getattr(row, n) != getattr(first, n)), None):
                why = f"differs from line {first.line}, which is of the same order"
                written.errors.append(RowError(row.line, differing, str(getattr(row, differing)), why))
            else:
                good[number] = row
        return list(good.items())

    def _other_keeper(self, stored: CustomerOrder, row: CustomerOrderRecord) -> str:
        ours = self._target.kept_by
        if stored.kept_by and stored.kept_by != ours:
            return f"is an order of {stored.kept_by}; only that system changes it"
        if stored.kept_by and stored.external_id != row.external_id:
            return f"is the number of another order of {stored.kept_by}, too"
        return ""

    def _head(self, record: CustomerOrderRecord) -> CustomerOrder:
        return CustomerOrder(
            number=record.number,
            site=self._target.site,
            customer=record.customer,
            ordered_on=record.ordered_on or timezone.localdate(self._target.as_of),
            due_date=record.due_date,
            open=record.open,
            source=self._target.source,
            kept_by=self._target.kept_by,
            external_id=record.external_id,
        )

    def _save(self, heads: list[CustomerOrder], lines: list[CustomerOrderLine]) -> None:
        CustomerOrder.objects.bulk_create(
            heads,
            update_conflicts=True,
            unique_fields=["number"],
            update_fields=[*HEADER, "source", *(KEPT if self._target.kept_by else ())],
        )
        # The database does not look whether these are there: they are held until the lines are written.
        products_hold(line.product_id for line in lines)
        held = CustomerOrder.objects.filter(number__in={line.order.number for line in lines})
        held = held.order_by("pk").select_for_update(no_key=True)
        keys = dict(held.values_list("number", "pk"))
        for line in lines:
            line.order_id = keys[line.order.number]
        CustomerOrderLine.objects.bulk_create(
            lines,
            update_conflicts=True,
            unique_fields=["order", "line_number"],
            update_fields=["product", "quantity", "shipped_quantity", "code"],
        )


def _content(line: CustomerOrderLine) -> tuple[object, ...]:
    return line.product_id, line.quantity, line.shipped_quantity, line.code
