"""What waits for a code is read again soonest; what was taken over under another meaning of it is taken back first."""

from collections.abc import Collection, Sequence

from django.db.models import Q
from django.utils import timezone

from orders.wakeups import wake
from procurement.models import (
    FIRST_IN_LINE,
    CodeSystem,
    CustomerOrderLine,
    SourceAccount,
    SourceProblem,
    StockPart,
    WaitingEntry,
)
from procurement.services.order_demand import demand_of_orders
from procurement.services.stock_unsaying import part_take_back
from procurement.sources.base import Capability, SourceConfig
from procurement.sources.registry import SOURCES, source_class
from suppliers.exceptions import ConnectorConfigurationError
from suppliers.models import SupplierAccount

AT_ONCE = 500


def system_hold(system: CodeSystem) -> None:
    """Nothing of the system is taken over until the transaction ends, or some of it would escape being taken back."""
    if system.account_id:
        SourceAccount.objects.select_for_update(no_key=True).get(pk=system.account_id)
    elif system.supplier_id:
        list(SupplierAccount.objects.select_for_update(no_key=True).filter(supplier=system.supplier_id))
    else:
        CodeSystem.objects.select_for_update(no_key=True).get(pk=system.pk)


def code_read_again(system: CodeSystem, code: str) -> None:
    """What waits for the code. Call inside a transaction."""
    if system.account is not None:
        waiting = WaitingEntry.objects.filter(code__system=system, code__code=code)
        entries_ask_again(
            system.account, waiting.values_list("external_id", flat=True), f"waits for the meaning of {code}"
        )
    elif system.supplier is not None:
        # The list is due, whatever becomes of the wake-up.
        SupplierAccount.objects.filter(supplier=system.supplier).update(catalogue_fetched_at=None)
        wake("procurement.tasks.read_list", system.supplier.pk)


def entries_ask_again(source: SourceAccount, external_ids: Collection[str], why: str) -> None:
    """These first, where the source tells single entries; else all of it. Soonest."""
    if source.kind in SOURCES and _tells_entries(source):
        wanted = sorted(set(external_ids))
        for start in range(0, len(wanted), AT_ONCE):
            _first_in_line(source, wanted[start : start + AT_ONCE], why)
    SourceAccount.objects.filter(pk=source.pk).update(wanted_at=timezone.now(), next_run_at=None)
    if source.active and not source.paused_reason:
        wake("procurement.tasks.sync_source", source.pk)


def _tells_entries(source: SourceAccount) -> bool:
    settings = {name: str(value) for name, value in source.settings.items()}
    try:
        return (
            Capability.ENTRIES in source_class(source.kind)(SourceConfig(source.name, settings)).capabilities
        )
    except ConnectorConfigurationError:
        return False  # it is not read before somebody has mended that, and then as a whole


def _first_in_line(source: SourceAccount, external_ids: Sequence[str], why: str) -> None:
    known = SourceProblem.objects.filter(account=source, external_id__in=external_ids)
    missing = set(external_ids) - set(known.values_list("external_id", flat=True))
    known.update(asked_at=FIRST_IN_LINE)
    SourceProblem.objects.bulk_create(
        SourceProblem(
            account=source,
            external_id=external_id,
            words=f"{external_id} is read again: it {why}.",
            asked_at=FIRST_IN_LINE,
        )
        for external_id in sorted(missing)
    )


def code_take_back(
    system: CodeSystem, code: str, *, lines_but: int | None = None, stock_but: int | None = None
) -> list[str]:
    """What was taken over under this code, unless it is of these products; sentences of what was, for people.

    Orders of a source are read again; what came in files comes again with the next. Call inside a transaction.
    """
    told = _lines_back(system, code, lines_but) + _stock_back(system, code, stock_but)
    if told and system.account is not None:
        entries_ask_again(system.account, (), "")
    return told


def _lines_back(system: CodeSystem, code: str, but: int | None) -> list[str]:
    if system.supplier is not None:
        return []
    # Our own code is not remembered with a line.
    named = Q(code=code) | Q(code="", product__sku=code)
    lines = CustomerOrderLine.objects.filter(named, order__kept_by=system.account)
    lines = lines.exclude(product=but) if but else lines
    numbers = dict(lines.values_list("order__external_id", "order__number"))
    count = lines.count()
    if not count:
        return []
    if system.account is not None:
        with demand_of_orders(system.account, numbers.keys()):
            lines.delete()
        entries_ask_again(system.account, numbers.keys(), f"names {code}, which means something else now")
    else:
        lines.delete()
    return [f"{count} line{'s' if count != 1 else ''} of customer orders"]


def _stock_back(system: CodeSystem, code: str, but: int | None) -> list[str]:
    parts = StockPart.objects.filter(system=system, code=code).select_related(
        "site", "product", "system__account"
    )
    told = []
    for part in parts.exclude(product=but) if but else parts:
        part_take_back(part, f"{code} is another item")
        told.append(f"the stock of {part.product.sku} at {part.site.name}")
    return told
