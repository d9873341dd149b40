"""Prices and stock of supplier products: asked first, then written in short transactions."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from itertools import chain

from django.db import transaction
from django.utils import timezone

from suppliers.connectors.base import PRICE_REACH, Connector
from suppliers.exceptions import ConnectorConfigurationError
from suppliers.messages import Quotation, QuotationRequest, StockAvailability, UnreadableItem
from suppliers.models import PriceQuote, PriceTier, Purpose, Supplier, SupplierAccount, SupplierProduct
from suppliers.packing import pack_down, pack_up
from suppliers.services.asking import Inquiry, Progress
from suppliers.services.budget import calls_a_day
from suppliers.tiers import Tiers, first_questions, next_questions, tiers_of

BATCH = 500
AT_ONCE = 100  # offers
_Counts = Counter[str]


@dataclass(frozen=True, slots=True)
class PriceRefresh:
    changed: int
    unchanged: int
    not_offered: int
    problems: tuple[str, ...] = ()
    put_off: str = ""  # why not all could be asked
    out_of_time: bool = False  # and it may go on at once

    @property
    def answered(self) -> int:
        return self.changed + self.unchanged + self.not_offered

    def __add__(self, after: "PriceRefresh") -> "PriceRefresh":
        return PriceRefresh(
            self.changed + after.changed,
            self.unchanged + after.unchanged,
            self.not_offered + after.not_offered,
            self.problems + after.problems,
            after.put_off,
            after.out_of_time,
        )


@dataclass(frozen=True, slots=True)
class StockRefresh:
    updated: int
    problems: tuple[str, ...] = ()
    put_off: str = ""
    out_of_time: bool = False


@dataclass(slots=True)
class _Answers:
    prices: dict[str, dict[Decimal, Decimal]] = field(default_factory=lambda: defaultdict(dict))
    currency: dict[str, str] = field(default_factory=dict)
    not_offered: set[str] = field(default_factory=set)
    problems: dict[str, str] = field(default_factory=dict)

    def add(self, quotations: Sequence[Quotation]) -> None:
        for quotation in quotations:
            for price in quotation.prices:
                sku = price.supplier_sku
                self.prices[sku][price.quantity] = price.unit_price
                if self.currency.setdefault(sku, price.currency) != price.currency:
                    self.problems[sku] = f"{sku} is quoted in {self.currency[sku]} and in {price.currency}."
            self.not_offered.update(quotation.not_offered)
            self.problems.update({item.supplier_sku: item.problem for item in quotation.unreadable})

    def only_whole(
        self, offers: Mapping[str, SupplierProduct], asked: Collection[tuple[str, Decimal]]
    ) -> None:
        """Half a price list is none: what is still to be asked of an offer would change its tiers."""
        lacking = {sku for sku, quantity in asked if quantity not in self.prices.get(sku, ())}
        for sku in list(self.prices):
            if sku in lacking or next_questions(self.prices[sku], offers[sku].pack_size):
                del self.prices[sku]

    def usable(self, sku: str) -> bool:
        return sku in self.prices and sku not in self.problems and sku not in self.not_offered


# -- prices -----------------------------------------------------------------------------------------------
def prices_refresh(
    *,
    supplier: Supplier,
    offers: Sequence[SupplierProduct],
    progress: Progress | None = None,
    until: float | None = None,
) -> PriceRefresh:
    """A new quote where the price list of an offer has changed. Needs the network; not inside a transaction.

    `until`: by the monotonic clock; what could not be asked by then, or with the calls allowed, stays as it was.
    """
    # Where it may be cut off, a part after the other, so that whole price lists are known by then.
    limited = until is not None or calls_a_day(supplier) is not None
    size = AT_ONCE if limited else max(1, len(offers))
    total = PriceRefresh(0, 0, 0)
    for start in range(0, len(offers), size):
        if total.put_off:
            break
        total += _prices_refresh(supplier, offers[start : start + size], progress, until)
    return total


def _prices_refresh(
    supplier: Supplier, offers: Sequence[SupplierProduct], progress: Progress | None, until: float | None
) -> PriceRefresh:
    inquiry = Inquiry(supplier, progress, purpose=Purpose.PRICES, until=until)
    reach = _reach(inquiry.connector())
    asked_at = timezone.now()
    by_sku = {offer.supplier_sku: offer for offer in offers}
    standing = {quote.supplier_product_id: _tiers_in(quote) for quote in _in_force(offers)}
    answers = _Answers()
    questions = [
        (offer, quantity)
        for offer in offers
        for quantity in _first_questions(offer, reach, standing.get(offer.pk, ()))
    ]
    asked: set[tuple[str, Decimal]] = set()
    while questions and not inquiry.put_off:
        asked |= {(offer.supplier_sku, quantity) for offer, quantity in questions}
        answers.add(inquiry.ask_all("prices", _requests(questions), _ask_prices))
        questions = [
            (by_sku[sku], quantity)
            for sku, prices in answers.prices.items()
            if answers.usable(sku)
            for quantity in next_questions(prices, by_sku[sku].pack_size)
            if (sku, quantity) not in asked
        ]
    if inquiry.put_off:
        answers.only_whole(by_sku, asked)
    counts = _Counts()
    for start in range(0, len(offers), BATCH):
        # What could not be read, or was not answered, stays as it was.
        batch = [
            offer
            for offer in offers[start : start + BATCH]
            if offer.supplier_sku in answers.not_offered or answers.usable(offer.supplier_sku)
        ]
        _quotes_write(supplier, batch, answers, asked_at, counts)
    return PriceRefresh(
        counts["changed"],
        counts["unchanged"],
        counts["not offered"],
        (*answers.problems.values(), *filter(None, [inquiry.put_off])),
        inquiry.put_off,
        inquiry.out_of_time,
    )


def _first_questions(offer: SupplierProduct, reach: Decimal, known: Tiers) -> list[Decimal]:
    """Up to the stock on offer, as nobody can order more; where that is not told, up to `reach` times the least."""
    pack = offer.pack_size
    least = pack_up(offer.minimum_quantity, pack_size=pack, minimum=offer.minimum_quantity).quantity
    most = least * reach
    if offer.stock_on_offer is not None:
        most = pack_down(offer.stock_on_offer, pack_size=pack, minimum=least)
    return first_questions(least=least, most=most, pack_size=pack, known=known)


def _reach(connector: Connector) -> Decimal:
    said = connector.setting(PRICE_REACH.name)
    if not said.isdecimal() or not 1 <= int(said) <= 1_000_000:
        raise ConnectorConfigurationError(f"{PRICE_REACH.label} is {said!r}; expected a whole number from 1.")
    return Decimal(said)


def _ask_prices(connector: Connector, chunk: Sequence[QuotationRequest]) -> Quotation:
    return connector.fetch_quotation(chunk)


def _requests(pairs: Iterable[tuple[SupplierProduct, Decimal]]) -> list[QuotationRequest]:
    return [
        QuotationRequest(supplier_sku=offer.supplier_sku, external_id=offer.external_id, quantity=quantity)
        for offer, quantity in pairs
    ]


def _in_force(offers: Sequence[SupplierProduct]) -> Iterable[PriceQuote]:
    for start in range(0, len(offers), BATCH):
        yield from PriceQuote.objects.filter(
            supplier_product__in=offers[start : start + BATCH], superseded_at=None
        ).prefetch_related("tiers")


@transaction.atomic
def _quotes_write(
    supplier: Supplier,
    offers: Sequence[SupplierProduct],
    answers: _Answers,
    asked_at: datetime,
    counts: _Counts,
) -> None:
    # One writer of a supplier's quotes at a time; SQLite has taken its lock with the transaction.
    SupplierAccount.objects.select_for_update().get(supplier=supplier)
    standing = {quote.supplier_product_id: quote for quote in _in_force(offers)}
    superseded: list[int] = []
    new: list[tuple[PriceQuote, Tiers]] = []
    for offer in offers:
        quote, sku = standing.get(offer.pk), offer.supplier_sku
        if sku in answers.not_offered:
            counts["not offered"] += 1
            superseded += [quote.pk] if quote else []
            continue
        tiers, currency = tiers_of(answers.prices[sku]), answers.currency[sku]
        if quote and quote.currency == currency and _tiers_in(quote) == tiers:
            counts["unchanged"] += 1
            continue
        counts["changed"] += 1
        superseded += [quote.pk] if quote else []
        new.append((PriceQuote(supplier_product=offer, currency=currency, fetched_at=asked_at), tiers))
    SupplierProduct.objects.filter(pk__in=[offer.pk for offer in offers]).update(prices_checked_at=asked_at)
    PriceQuote.objects.filter(pk__in=superseded).update(superseded_at=timezone.now())
    PriceQuote.objects.bulk_create([quote for quote, _ in new])
    PriceTier.objects.bulk_create(
        PriceTier(quote=quote, from_quantity=start, unit_price=price)
        for quote, tiers in new
        for start, price in tiers
    )


def _tiers_in(quote: PriceQuote) -> Tiers:
    return tuple(sorted((tier.from_quantity, tier.unit_price) for tier in quote.tiers.all()))


# -- stock ------------------------------------------------------------------------------------------------
def stock_refresh(
    *,
    supplier: Supplier,
    offers: Sequence[SupplierProduct],
    progress: Progress | None = None,
    until: float | None = None,
) -> StockRefresh:
    """What the supplier has of each offer now. Needs the network; not inside a transaction."""
    # Before asking: an order that leaves meanwhile then counts as not yet taken off the figure.
    asked_at = timezone.now()
    requests = _requests((offer, offer.minimum_quantity) for offer in offers)
    inquiry = Inquiry(supplier, progress, purpose=Purpose.STOCK, until=until)
    answers: list[StockAvailability | UnreadableItem] = list(
        chain.from_iterable(
            inquiry.ask_all(
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
    problems = [said.problem for said in answers if isinstance(said, UnreadableItem)]
    problems += [inquiry.put_off] if inquiry.put_off else []
    return StockRefresh(len(told), tuple(problems), inquiry.put_off, inquiry.out_of_time)
