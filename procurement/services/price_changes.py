"""Price lists that replaced others, in money on the demand expected. Safe to run at any time: one row a list."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

from django.contrib.auth.models import AbstractBaseUser
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from orders.models import PurchaseOrderLine, Status
from procurement.engine.price_change import Prices, Rival, crossing_words, yearly_effect
from procurement.models import PlanRun, PriceChange, Requirement
from suppliers.models import PriceQuote, SupplierProduct
from suppliers.packing import pack_up
from suppliers.selectors import RatesKnown, rates_in_force
from suppliers.terms_in_force import blocks, contracts_in_force, price_lists

LOOKED_BACK = timedelta(days=7)
BOUGHT_WITHIN = timedelta(days=365)
KEPT = timedelta(days=365)
AT_ONCE = 500
CENT = Decimal("0.01")
YEAR = 365


@dataclass(frozen=True, slots=True)
class Expected:
    """Of a product, over all sites: by the newest plan of each."""

    daily: Decimal
    usual: Decimal  # a review period's demand of the site that sells most


def price_changes_find() -> int:
    """Compute what is not computed yet of the last days; returns how many. The rest is the next turn's."""
    quotes = list(_new_lists()[:AT_ONCE])
    if not quotes:
        return 0
    before = _previous(quotes)
    expected = _expected({quote.supplier_product.product_id for quote in quotes})
    market = _Market.of(quotes)
    rows = [
        market.change(quote, before[quote.pk], expected[quote.supplier_product.product_id])
        for quote in quotes
        if quote.pk in before and quote.supplier_product.product_id in expected
    ]
    PriceChange.objects.bulk_create(rows, ignore_conflicts=True)
    return len(rows)


def price_changes_seen(*, changes: QuerySet[PriceChange], by: AbstractBaseUser) -> int:
    return changes.filter(seen_at=None).update(seen_at=timezone.now(), seen_by_id=by.pk)


def price_changes_prune() -> int:
    deleted, _ = PriceChange.objects.filter(computed_at__lt=timezone.now() - KEPT).delete()
    return deleted


def _new_lists() -> QuerySet[PriceQuote]:
    """Lists with one before them and demand expected, oldest first."""
    earlier = PriceQuote.objects.filter(
        supplier_product=OuterRef("supplier_product"), pk__lt=OuterRef("pk"), tiers__isnull=False
    )
    wanted = Requirement.objects.filter(
        run__in=_newest_runs(), product=OuterRef("supplier_product__product"), daily_demand__gt=0
    )
    quotes = PriceQuote.objects.filter(
        Exists(earlier),
        Exists(wanted),
        change=None,
        tiers__isnull=False,
        fetched_at__gte=timezone.now() - LOOKED_BACK,
        supplier_product__active=True,
        supplier_product__supplier__active=True,
    )
    return (
        quotes.select_related("supplier_product__supplier")
        .prefetch_related("tiers")
        .distinct()
        .order_by("pk")
    )


def _newest_runs() -> list[int]:
    done = (
        PlanRun.objects.filter(status=PlanRun.Status.DONE).order_by("site", "-pk").values_list("site", "pk")
    )
    newest: dict[int, int] = {}
    for site, pk in done:
        newest.setdefault(site, pk)
    return list(newest.values())


def _previous(quotes: Sequence[PriceQuote]) -> dict[int, PriceQuote]:
    """By new list, the one it replaced."""
    of_offer: dict[int, list[PriceQuote]] = defaultdict(list)
    offers = [quote.supplier_product_id for quote in quotes]
    for quote in (
        PriceQuote.objects.filter(supplier_product__in=offers).prefetch_related("tiers").order_by("pk")
    ):
        of_offer[quote.supplier_product_id].append(quote)
    found = {}
    for quote in quotes:
        earlier = [
            old for old in of_offer[quote.supplier_product_id] if old.pk < quote.pk and old.tiers.all()
        ]
        if earlier:
            found[quote.pk] = earlier[-1]
    return found


def _expected(products: Iterable[int]) -> dict[int, Expected]:
    runs = _newest_runs()
    review = {
        run.pk: int(run.parameters.get("review_period_days") or 7)
        for run in PlanRun.objects.filter(pk__in=runs)
    }
    daily: dict[int, Decimal] = defaultdict(Decimal)
    usual: dict[int, Decimal] = defaultdict(Decimal)
    needs = Requirement.objects.filter(run__in=runs, product__in=set(products), daily_demand__gt=0)
    for product, run, demand in needs.values_list("product", "run", "daily_demand"):
        daily[product] += demand
        usual[product] = max(usual[product], demand * review[run])
    return {product: Expected(daily[product], usual[product]) for product in daily}


def _prices(quote: PriceQuote, rates: RatesKnown) -> Prices | None:
    """None where its currency cannot be counted in the base one."""
    worth = _worth(quote.currency, rates)
    tiers = tuple(sorted((tier.from_quantity, tier.unit_price) for tier in quote.tiers.all()))
    return None if worth is None else Prices(tiers, quote.incremental, worth)


def _worth(currency: str, rates: RatesKnown) -> Decimal | None:
    if currency == rates.base:
        return Decimal(1)
    rate = rates.usable.get(currency)
    return rate.value if rate else None


@dataclass(frozen=True, slots=True)
class _Market:
    """What everybody asks now for the products concerned."""

    rates: RatesKnown
    rivals: Mapping[int, Sequence[tuple[int, Rival]]]  # by product: (offer, rival)
    indifferent: frozenset[int]  # offers that are blocked, or whose price no list changes
    bought: frozenset[int]  # offers

    @classmethod
    def of(cls, quotes: Sequence[PriceQuote]) -> "_Market":
        today, rates = timezone.localdate(), rates_in_force()
        products = {quote.supplier_product.product_id for quote in quotes}
        offers = list(
            SupplierProduct.objects.filter(
                product__in=products, active=True, supplier__active=True
            ).select_related("supplier")
        )
        keys = [offer.pk for offer in offers]
        told, blocked = price_lists(keys, day=today), blocks(offers, day=today)
        rivals: dict[int, list[tuple[int, Rival]]] = defaultdict(list)
        for offer in offers:
            asked = told.get(offer.pk)
            worth = _worth(asked.currency, rates) if asked else None
            if asked and worth is not None and offer.pk not in blocked:
                prices = Prices(asked.tiers, asked.incremental, worth)
                rival = Rival(offer.supplier.name, prices, offer.pack_size, _least(offer, Decimal(0)))
                rivals[offer.product_id].append((offer.pk, rival))
        contracts = contracts_in_force(day=today, within=Q(supplier_product__in=keys))
        lines = PurchaseOrderLine.objects.filter(
            supplier_product__in=keys, order__transferred_at__gte=timezone.now() - BOUGHT_WITHIN
        ).exclude(order__status__in=(Status.REJECTED, Status.CANCELLED))
        bought = lines.order_by().values_list("supplier_product", flat=True).distinct()
        return cls(
            rates,
            rivals,
            frozenset(pk for pk, item in contracts.items() if item.unit_price is not None) | blocked.keys(),
            frozenset(bought),
        )

    def change(self, quote: PriceQuote, previous: PriceQuote, expected: Expected) -> PriceChange:
        offer = quote.supplier_product
        usual = _least(offer, expected.usual)
        before, after = _prices(previous, self.rates), _prices(quote, self.rates)
        rivals = [rival for pk, rival in self.rivals.get(offer.product_id, ()) if pk != offer.pk]
        effect, standing, concerns = None, "", offer.pk in self.bought
        if before and after:
            effect = yearly_effect(before, after, usual=usual, daily=expected.daily).quantize(CENT)
            own = Rival(offer.supplier.name, after, offer.pack_size, _least(offer, Decimal(0)))
            standing = crossing_words(offer.supplier.name, before, after, rivals, own=own, usual=usual)
            others = [rival.prices.each(max(usual, rival.least)) for rival in rivals]
            concerns |= min(before.each(usual), after.each(usual)) <= min(others, default=Decimal("Infinity"))
        return PriceChange(
            quote=quote,
            previous=previous,
            supplier=offer.supplier,
            product_id=offer.product_id,
            supplier_product=offer,
            day=timezone.localdate(quote.fetched_at),
            usual_quantity=usual,
            old_price=_unit(previous, usual),
            new_price=_unit(quote, usual),
            old_currency=previous.currency,
            currency=quote.currency,
            yearly_quantity=expected.daily * YEAR,
            yearly_effect=effect,
            concerns_us=concerns and offer.pk not in self.indifferent,
            standing=standing,
            computed_at=timezone.now(),
        )


def _least(offer: SupplierProduct, quantity: Decimal) -> Decimal:
    """The least that can be bought to have so much."""
    wanted = max(quantity, offer.minimum_quantity)
    return pack_up(wanted, pack_size=offer.pack_size, minimum=offer.minimum_quantity).quantity


def _unit(quote: PriceQuote, quantity: Decimal) -> Decimal:
    tiers = tuple(sorted((tier.from_quantity, tier.unit_price) for tier in quote.tiers.all()))
    return Prices(tiers, quote.incremental).each(quantity)
