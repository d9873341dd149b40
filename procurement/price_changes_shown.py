"""Price changes as people look at them: those that matter, together by supplier and day, the worst first."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.conf import settings
from django.db.models import Q, QuerySet

from procurement.models import PriceChange
from suppliers.models import PriceQuote, Supplier
from suppliers.prices import unit_price

MOST = 1_000  # rows that are looked at
OLD_PRICES = 12  # in the picture
ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class ShownChange:
    row: PriceChange
    history: Sequence[Decimal]  # for the usual quantity, oldest first


@dataclass(frozen=True, slots=True)
class SupplierDay:
    supplier: Supplier
    day: date
    changes: Sequence[ShownChange]  # worst first

    @property
    def effect(self) -> Decimal:
        """A year, in the base currency; what could not be counted left out."""
        return sum((change.row.yearly_effect or ZERO for change in self.changes), ZERO)

    @property
    def unseen(self) -> int:
        return sum(change.row.seen_at is None for change in self.changes)

    @property
    def key(self) -> str:
        return f"{self.supplier.code}-{self.day.isoformat()}"


def price_changes_that_matter(*, unseen: bool) -> QuerySet[PriceChange]:
    """They concern us, and are worth the threshold a year, or nobody can tell for want of a rate."""
    least = settings.PRICE_ALERT_YEARLY
    worth = Q(yearly_effect__gte=least) | Q(yearly_effect__lte=-least) | Q(yearly_effect=None)
    rows = PriceChange.objects.filter(worth, concerns_us=True)
    return rows.filter(seen_at=None) if unseen else rows


def supplier_days(*, unseen: bool) -> list[SupplierDay]:
    """The worst first: what costs most more a year."""
    rows = list(
        price_changes_that_matter(unseen=unseen)
        .select_related("supplier", "product", "supplier_product", "seen_by")
        .order_by("-day", "-pk")[:MOST]
    )
    histories = _histories(rows)
    grouped: dict[tuple[int, date], list[ShownChange]] = defaultdict(list)
    for row in rows:
        grouped[row.supplier_id, row.day].append(ShownChange(row, histories.get(row.pk, ())))
    days = [
        SupplierDay(changes[0].row.supplier, day, sorted(changes, key=_worst))
        for (_, day), changes in grouped.items()
    ]
    return sorted(days, key=lambda one: (-one.effect, -one.day.toordinal(), one.supplier.name))


def _worst(change: ShownChange) -> tuple[bool, Decimal, str]:
    effect = change.row.yearly_effect
    return effect is None, -(effect or ZERO), change.row.product.sku


def _histories(rows: Iterable[PriceChange]) -> dict[int, list[Decimal]]:
    """What the usual quantity of each cost by the lists up to it."""
    rows = list(rows)
    lists: dict[int, list[PriceQuote]] = defaultdict(list)
    offers = {row.supplier_product_id for row in rows}
    for quote in (
        PriceQuote.objects.filter(supplier_product__in=offers).prefetch_related("tiers").order_by("pk")
    ):
        lists[quote.supplier_product_id].append(quote)
    found = {}
    for row in rows:
        until = [quote for quote in lists[row.supplier_product_id] if quote.pk <= row.quote_id]
        told = [(quote, _tiers(quote)) for quote in until if quote.currency == row.currency]
        found[row.pk] = [
            unit_price(tiers, row.usual_quantity, incremental=quote.incremental)
            for quote, tiers in told
            if tiers
        ][-OLD_PRICES:]
    return found


def _tiers(quote: PriceQuote) -> list[tuple[Decimal, Decimal]]:
    return sorted((tier.from_quantity, tier.unit_price) for tier in quote.tiers.all())
