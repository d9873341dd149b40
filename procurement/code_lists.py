"""What the pages of codes show: those that wait for a meaning, those on their way, and what was said."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Sum
from django.utils import timezone

from procurement.models import (
    FIRST_IN_LINE,
    ItemCode,
    SourceAccount,
    SourceRun,
    UnitConversion,
    UnmatchedCode,
    WaitingEntry,
)
from suppliers.models import Product

SHOWN = 50
_waiting = Exists(WaitingEntry.objects.filter(code=OuterRef("pk")))
_with_system = ("system__account", "system__supplier", "product")


def codes_open() -> QuerySet[UnmatchedCode]:
    """Nobody has said what they mean, and something waits for it; what most wait for first."""
    rows = UnmatchedCode.objects.filter(_waiting, ignored_at=None, settled_at=None)
    counted = rows.annotate(entries=Sum("waiting__rows"), documents=Count("waiting"))
    return counted.select_related(*_with_system).order_by("-entries", "code", "pk")


def codes_ignored() -> QuerySet[UnmatchedCode]:
    rows = UnmatchedCode.objects.filter(ignored_at__isnull=False).select_related(*_with_system, "ignored_by")
    return rows.annotate(entries=Sum("waiting__rows")).order_by("-ignored_at", "pk")


def codes_mapped(search: str = "") -> QuerySet[ItemCode]:
    rows = ItemCode.objects.select_related("system__account", "system__supplier", "product", "mapped_by")
    if search:
        rows = rows.filter(code__icontains=search) | rows.filter(product__sku__icontains=search)
    return rows.order_by("code", "pk")


def conversions() -> QuerySet[UnitConversion]:
    return UnitConversion.objects.select_related("product", "entered_by").order_by("product__sku", "unit")


@dataclass(frozen=True, slots=True)
class UnderWay:
    """What is read again since somebody said what a code means."""

    what: str  # the code, or what else is read
    where: str
    entries: int
    words: str
    bad: bool = False


def codes_under_way() -> list[UnderWay]:
    rows = UnmatchedCode.objects.filter(_waiting, ignored_at=None, settled_at__isnull=False)
    rows = rows.annotate(entries=Sum("waiting__rows")).select_related(*_with_system)
    running = set(
        SourceRun.objects.filter(status=SourceRun.Status.RUNNING, lease_until__gt=timezone.now()).values_list(
            "account", flat=True
        )
    )
    found = [
        _under_way(row, getattr(row, "entries", 0), running) for row in rows.order_by("-settled_at")[:SHOWN]
    ]
    shown = {one.where for one in found}
    return found + [_again(source, running) for source in _asked_again() if source.name not in shown]


def _asked_again() -> QuerySet[SourceAccount]:
    """What was taken back is read again as well."""
    first = Q(problems__asked_at=FIRST_IN_LINE)
    sources = SourceAccount.objects.annotate(
        again=Count("problems__external_id", filter=first, distinct=True)
    )
    return sources.filter(Q(again__gt=0) | Q(wanted_at__isnull=False)).order_by("name")


def _again(source: SourceAccount, running: set[int]) -> UnderWay:
    words, bad = _reading(source, source.pk in running)
    entries = getattr(source, "again", 0)
    return UnderWay("Entries it concerns" if entries else "Everything", source.name, entries, words, bad)


def _under_way(row: UnmatchedCode, entries: int, running: set[int]) -> UnderWay:
    source, supplier = row.system.account, row.system.supplier
    if source is not None:
        words, bad = _reading(source, source.pk in running)
    elif supplier is not None:
        bad = bool(supplier.paused_reason)
        words = "the supplier is paused; its list comes after that" if bad else "its list is asked for"
    else:
        words, bad = "load the file again, and its rows are taken over", False
    return UnderWay(row.code, str(row.system), entries, words, bad)


def _reading(source: SourceAccount, runs: bool) -> tuple[str, bool]:
    if source.paused_reason:
        return "the source is paused; it comes with the first reading after that", True
    if not source.active:
        return "the source is inactive; it comes when somebody makes it active", True
    if runs:
        return "being read now", False
    return (
        ("read next", False) if source.failures == 0 else ("the last reading failed; it is tried again", True)
    )


def overshadowed(mappings: Sequence[ItemCode]) -> set[int]:
    """Mappings whose code has become an item of its own since: nothing is taken over under it until one is gone."""
    own = dict(Product.objects.filter(sku__in={one.code for one in mappings}).values_list("sku", "pk"))
    return {
        one.pk
        for one in mappings
        if one.system.supplier_id is None and own.get(one.code, one.product_id) != one.product_id
    }
