"""A supplier's range, and what of it nobody has matched to our products yet."""

from collections.abc import Sequence

from procurement.models import UnmatchedCode
from procurement.services.codes.resolving import Trouble, Unmatched
from procurement.services.codes.waiting import Waits, waiting_replace
from suppliers.models import Supplier
from suppliers.services.asking import Progress
from suppliers.services.catalogue import CatalogueSync, UnmatchedItem, catalogue_sync

LIST = "list"  # the one entry that waits for all codes of a list: the list itself


def supplier_list_sync(
    *,
    supplier: Supplier,
    progress: Progress | None = None,
    force: bool = False,
    only_unknown: bool = False,
    until: float | None = None,
) -> CatalogueSync:
    """As `catalogue_sync`; what is unmatched is on the page of unmatched codes."""
    return catalogue_sync(
        supplier=supplier,
        progress=progress,
        force=force,
        only_unknown=only_unknown,
        until=until,
        keep=list_keep,
    )


def list_keep(supplier: Supplier, unmatched: Sequence[UnmatchedItem]) -> None:
    """All that the list has now; what was unmatched before and is not any more is forgotten."""
    ignored = set(
        UnmatchedCode.objects.filter(system__supplier=supplier, ignored_at__isnull=False).values_list(
            "code", flat=True
        )
    )
    waits = [_waits(one, one.item.supplier_sku in ignored) for one in unmatched if one.item.supplier_sku]
    waiting_replace(supplier=supplier, entries=[LIST], waits=waits)


def _waits(one: UnmatchedItem, ignored: bool) -> Waits:
    trouble = Trouble.UNIT if one.product else Trouble.AMBIGUOUS if one.candidates else Trouble.UNKNOWN
    found = Unmatched(
        one.item.supplier_sku, trouble, one.words, product=one.product.pk if one.product else None,
        unit=one.item.unit, ignored=ignored,
    )  # fmt: skip
    return Waits(LIST, found, one.words, one.item.name, one.item.barcode)
