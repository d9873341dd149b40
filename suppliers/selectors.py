"""Reading what suppliers offer, and what their currencies are worth."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal

from django.conf import settings
from django.db.models import Exists, F, Max, OuterRef, Q
from django.utils import timezone

from suppliers.gtin import gtin, spellings
from suppliers.models import ExchangeRate, PriceQuote, Product, Supplier, SupplierProduct
from suppliers.prices import unit_price
from suppliers.rates import Rate
from suppliers.terms_in_force import price_lists

HISTORY_SHOWN = timedelta(days=90)


def price_in_force(offer: SupplierProduct, quantity: Decimal, *, currency: str) -> Decimal | None:
    """The unit price for buying `quantity` by contract or else the quote in force, None where none can be ordered by.

    `currency`: that of the order, which stays what it is when the supplier's changes.
    """
    prices = price_lists([offer.pk], day=timezone.localdate()).get(offer.pk)
    if prices is None or prices.currency != currency:
        return None
    return unit_price(prices.tiers, quantity, incremental=prices.incremental)


def offers_with_old_prices(
    *, supplier: Supplier, products: Collection[int] | None = None
) -> list[SupplierProduct]:
    """Whose prices the supplier was not asked for as long as its answers hold; what was never asked first."""
    before = timezone.now() - timedelta(hours=supplier.prices_valid_hours)
    newer = PriceQuote.objects.filter(
        supplier_product=OuterRef("pk"), superseded_at=None, fetched_at__gte=before
    )
    offers = SupplierProduct.objects.filter(
        ~Exists(newer),
        Q(prices_checked_at=None) | Q(prices_checked_at__lt=before),
        supplier=supplier,
        active=True,
    )
    if products is not None:
        offers = offers.filter(product__in=products)
    return list(offers.order_by(F("prices_checked_at").asc(nulls_first=True), "pk"))


@dataclass(frozen=True, slots=True)
class RatesKnown:
    """The rates to count with on a day, and why there is none of a currency."""

    base: str
    usable: dict[str, Rate] = field(default_factory=dict)
    too_old: dict[str, Rate] = field(default_factory=dict)

    def problem(self, currency: str) -> str:
        """Empty where it can be counted with."""
        if currency == self.base or currency in self.usable:
            return ""
        if last := self.too_old.get(currency):
            return (
                f"the last exchange rate of {currency} is of {last.date:%-d %b %Y}, which is more than"
                f" {settings.EXCHANGE_RATE_DAYS} days ago"
            )
        return f"no exchange rate of {currency} to {self.base} is known"


@dataclass(frozen=True, slots=True)
class RateStanding:
    """The last rate of a currency, how it went, and who needs it."""

    currency: str
    last: Rate | None
    problem: str  # why it is not counted with
    history: tuple[Decimal, ...]  # of the last 90 days, oldest first
    suppliers: tuple[str, ...]  # who sell in it


def rate_standings() -> list[RateStanding]:
    """Of every currency that is known or that a supplier sells in; those first that somebody needs and that fail."""
    known, today = rates_in_force(), timezone.localdate()
    sellers: dict[str, list[str]] = defaultdict(list)
    for currency, name in Supplier.objects.filter(active=True).values_list("currency", "name"):
        if currency != known.base:
            sellers[currency].append(name)
    history: dict[str, dict[date, Decimal]] = defaultdict(dict)
    rows = ExchangeRate.objects.filter(
        base=known.base, status=ExchangeRate.Status.ACCEPTED, date__gt=today - HISTORY_SHOWN, date__lte=today
    )
    for currency, day, value in rows.order_by("date", "read_at", "pk").values_list(
        "currency", "date", "rate"
    ):
        history[currency][day] = value
    standings = [
        RateStanding(
            currency,
            known.usable.get(currency) or known.too_old.get(currency),
            known.problem(currency),
            tuple(history[currency].values()),
            tuple(sellers.get(currency, ())),
        )
        for currency in {*known.usable, *known.too_old, *sellers}
    ]
    return sorted(standings, key=lambda one: (not one.suppliers, not one.problem, one.currency))


def rates_in_force(*, day: date | None = None, currencies: Iterable[str] | None = None) -> RatesKnown:
    """The last rate of each currency: on weekends and holidays that of the days before, up to a stated age."""
    day = day or timezone.localdate()
    base = settings.BASE_CURRENCY
    known = RatesKnown(base)
    rows = ExchangeRate.objects.filter(base=base, date__lte=day, status=ExchangeRate.Status.ACCEPTED)
    if currencies is not None:
        wanted = {*currencies} - {base}
        if not wanted:
            return known
        rows = rows.filter(currency__in=wanted)
    last = dict(rows.order_by().values("currency").annotate(last=Max("date")).values_list("currency", "last"))
    oldest = day - timedelta(days=settings.EXCHANGE_RATE_DAYS)
    # Of several sources of one day the one that was read last.
    for row in rows.filter(date__in=set(last.values())).order_by("read_at", "pk"):
        if row.date == last[row.currency]:
            (known.usable if row.date >= oldest else known.too_old)[row.currency] = row.as_rate()
    return known


def products_by_gtin(numbers: Iterable[str]) -> Mapping[str, Sequence[Product]]:
    """By GTIN of 14 digits, however its zeros are written at the product."""
    written = {spelling for number in set(numbers) for spelling in spellings(number)}
    found = defaultdict[str, list[Product]](list)
    for product in Product.objects.filter(barcode__in=written).order_by("sku"):
        found[gtin(product.barcode)].append(product)
    return found
