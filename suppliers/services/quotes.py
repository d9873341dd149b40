"""Prices and stock of supplier products: asked first, then written in short transactions."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal, InvalidOperation
from itertools import chain

from django.db import transaction
from django.utils import timezone

from suppliers.connectors.base import PRICE_LADDER, Connector
from suppliers.exceptions import ConnectorConfigurationError
from suppliers.messages import Quotation, QuotationRequest, QuotedPrice, StockAvailability, UnreadableItem
from suppliers.models import PriceQuote, PriceTier, Supplier, SupplierAccount, SupplierProduct
from suppliers.packing import pack_up
from suppliers.services.asking import Inquiry, Progress

BATCH = 500

Tiers = tuple[tuple[Decimal, Decimal], ...]  # (from quantity, unit price), ascending


@dataclass(frozen=True, slots=True)
class PriceRefresh:
    changed: int
    unchanged: int
    not_offered: int
    problems: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class StockRefresh:
    updated: int
    problems: tuple[str, ...] = ()


@dataclass(slots=True)
class _Answers:
    prices: dict[str, dict[Decimal, QuotedPrice]] = field(default_factory=lambda: defaultdict(dict))
    not_offered: set[str] = field(default_factory=set)
    problems: dict[str, str] = field(default_factory=dict)

    def add(self, quotations: Sequence[Quotation]) -> None:
        for quotation in quotations:
            for price in quotation.prices:
                self.prices[price.supplier_sku][price.quantity] = price
            self.not_offered.update(quotation.not_offered)
            self.problems.update({item.supplier_sku: item.problem for item in quotation.unreadable})


# -- prices -----------------------------------------------------------------------------------------------
def prices_refresh(
    *, supplier: Supplier, offers: Sequence[SupplierProduct], progress: Progress | None = None
) -> PriceRefresh:
    """A new quote where the price list of an offer has changed. Needs the network; not inside a transaction."""
    inquiry = Inquiry(supplier, progress)
    steps = _ladder(inquiry.connector())
    ladders = {offer.supplier_sku: _quantities(offer, steps) for offer in offers}
    asked_at = timezone.now()
    answers = _Answers()
    # The ends first: where they cost the same, nothing in between needs asking.
    ends = ((offer, ladders[offer.supplier_sku][0]) for offer in offers)
    tops = ((offer, ladders[offer.supplier_sku][-1]) for offer in offers)
    answers.add(inquiry.ask_all("prices", _requests(chain(ends, tops)), Connector.fetch_quotation))
    between = _requests(_between(offers, ladders, answers))
    if between:
        answers.add(inquiry.ask_all("price tiers", between, Connector.fetch_quotation))
    changed = unchanged = gone = 0
    for start in range(0, len(offers), BATCH):
        batch = [
            offer for offer in offers[start : start + BATCH] if offer.supplier_sku not in answers.problems
        ]
        counts = _quotes_write(supplier, batch, answers, asked_at)
        changed, unchanged, gone = changed + counts[0], unchanged + counts[1], gone + counts[2]
    return PriceRefresh(changed, unchanged, gone, tuple(answers.problems.values()))


def _ladder(connector: Connector) -> list[Decimal]:
    said = connector.setting(PRICE_LADDER.name)
    try:
        steps = sorted({Decimal(step.strip()) for step in said.split(",")})
    except InvalidOperation:
        steps = []
    if not steps or steps[0] < 1 or not all(step.is_finite() for step in steps):
        raise ConnectorConfigurationError(
            f"The price ladder is {said!r}; expected multiples like 1,5,20,100."
        )
    return steps


def _quantities(offer: SupplierProduct, steps: Sequence[Decimal]) -> list[Decimal]:
    """The ladder's quantities that the supplier sells, ascending."""
    least = offer.minimum_quantity
    return sorted(
        {pack_up(least * step, pack_size=offer.pack_size, minimum=least).quantity for step in steps}
    )


def _requests(pairs: Iterator[tuple[SupplierProduct, Decimal]]) -> list[QuotationRequest]:
    asked = dict.fromkeys((offer.supplier_sku, offer.external_id, quantity) for offer, quantity in pairs)
    return [QuotationRequest(supplier_sku=s, external_id=e, quantity=quantity) for s, e, quantity in asked]


def _between(
    offers: Sequence[SupplierProduct], ladders: Mapping[str, list[Decimal]], answers: _Answers
) -> Iterator[tuple[SupplierProduct, Decimal]]:
    for offer in offers:
        prices = answers.prices.get(offer.supplier_sku, {})
        if len({price.unit_price for price in prices.values()}) > 1:
            yield from ((offer, quantity) for quantity in ladders[offer.supplier_sku][1:-1])


def tiers_of(prices: Sequence[QuotedPrice]) -> Tiers:
    """Equal neighbours are one tier."""
    tiers: list[tuple[Decimal, Decimal]] = []
    for price in sorted(prices, key=lambda price: price.quantity):
        if not tiers or tiers[-1][1] != price.unit_price:
            tiers.append((price.quantity, price.unit_price))
    return tuple(tiers)


@transaction.atomic
def _quotes_write(
    supplier: Supplier, offers: Sequence[SupplierProduct], answers: _Answers, asked_at: datetime
) -> tuple[int, int, int]:
    # One writer of a supplier's quotes at a time; SQLite has taken its lock with the transaction.
    SupplierAccount.objects.select_for_update().get(supplier=supplier)
    standing = {
        quote.supplier_product_id: quote
        for quote in PriceQuote.objects.filter(
            supplier_product__in=offers, superseded_at=None
        ).prefetch_related("tiers")
    }
    superseded: list[int] = []
    new: list[tuple[PriceQuote, Tiers]] = []
    unchanged = gone = 0
    for offer in offers:
        quote, prices = standing.get(offer.pk), list(answers.prices.get(offer.supplier_sku, {}).values())
        if offer.supplier_sku in answers.not_offered or not prices:
            gone += 1
            superseded += [quote.pk] if quote else []
            continue
        tiers, currency = tiers_of(prices), prices[0].currency
        if quote and quote.currency == currency and _tiers_in(quote) == tiers:
            unchanged += 1
            continue
        superseded += [quote.pk] if quote else []
        new.append((PriceQuote(supplier_product=offer, currency=currency, fetched_at=asked_at), tiers))
    PriceQuote.objects.filter(pk__in=superseded).update(superseded_at=timezone.now())
    PriceQuote.objects.bulk_create([quote for quote, _ in new])
    PriceTier.objects.bulk_create(
        PriceTier(quote=quote, from_quantity=start, unit_price=price)
        for quote, tiers in new
        for start, price in tiers
    )
    return len(new), unchanged, gone


def _tiers_in(quote: PriceQuote) -> Tiers:
    return tuple(sorted((tier.from_quantity, tier.unit_price) for tier in quote.tiers.all()))


# -- stock ------------------------------------------------------------------------------------------------
def stock_refresh(
    *, supplier: Supplier, offers: Sequence[SupplierProduct], progress: Progress | None = None
) -> StockRefresh:
    """What the supplier has of each offer now. Needs the network; not inside a transaction."""
    # Before asking: an order that leaves meanwhile then counts as not yet taken off the figure.
    asked_at = timezone.now()
    requests = _requests((offer, offer.minimum_quantity) for offer in offers)
    answers: list[StockAvailability | UnreadableItem] = list(
        chain.from_iterable(
            Inquiry(supplier, progress).ask_all(
                "stock", requests, lambda connector, chunk: list(connector.fetch_stock_availability(chunk))
            )
        )
    )
    by_sku = {said.supplier_sku: said for said in answers if isinstance(said, StockAvailability)}
    told = [offer for offer in offers if offer.supplier_sku in by_sku]
    for offer in told:
        offer.stock_on_offer, offer.stock_as_of = by_sku[offer.supplier_sku].quantity, asked_at
    for start in range(0, len(told), BATCH):
        SupplierProduct.objects.bulk_update(told[start : start + BATCH], ["stock_on_offer", "stock_as_of"])
    problems = tuple(said.problem for said in answers if isinstance(said, UnreadableItem))
    return StockRefresh(len(told), problems)
