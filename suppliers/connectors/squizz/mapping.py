"""Translating what is on offer: products, prices and stock. Prices and stock name products by key, not by code."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal

from suppliers.connectors.jsondata import STEP, Json
from suppliers.connectors.squizz import esd
from suppliers.connectors.units import UnitWords
from suppliers.exceptions import ProtocolError
from suppliers.messages import (
    CatalogueItem,
    Quotation,
    QuotationRequest,
    QuotedPrice,
    StockAvailability,
    UnreadableItem,
)

SKU, KEY = 60, 100
FORCED = "CF"  # a contract price that goes before all others
REFERENCE_TYPES = ("", "C", FORCED, "P")
Stock = Decimal | str | None  # how much; what is wrong with the entry; not told


@dataclass(frozen=True, slots=True)
class Product:
    key: str
    sell_unit: str
    price_holds_tax: bool


@dataclass(frozen=True, slots=True)
class Price:
    from_quantity: Decimal
    amount: Decimal
    tax_rate: Decimal | None
    sell_unit: str
    forced: bool


@dataclass(slots=True)
class PriceList:
    products: dict[str, Product] = field(default_factory=dict)  # by key
    keys: dict[str, str] = field(default_factory=dict)  # by product code
    prices: dict[str, list[Price]] = field(default_factory=lambda: defaultdict(list))  # by key
    problems: dict[str, str] = field(default_factory=dict)  # by key


# -- products ---------------------------------------------------------------------------------------------
def catalogue_items(
    records: Iterable[Json], units: UnitWords, *, default_unit: str, whole_packs: bool
) -> Iterator[CatalogueItem | UnreadableItem]:
    for record in records:
        try:
            yield _catalogue_item(record, units, default_unit, whole_packs)
        except ProtocolError as error:
            yield UnreadableItem(supplier_sku=_code_if_any(record), problem=str(error))


def _catalogue_item(record: Json, units: UnitWords, default_unit: str, whole_packs: bool) -> CatalogueItem:
    unit = esd.told(record, "unit")
    return CatalogueItem(
        supplier_sku=record.get("productCode").text(limit=SKU),
        external_id=_key(record),
        name=esd.note(record, "name", limit=200),
        unit=units.code(unit) if unit else default_unit,
        pack_size=(esd.number(record, "packQuantity") or None) if whole_packs else Decimal(1),
        barcode=esd.note(record, "barcode", limit=20),
    )


def _key(record: Json) -> str:
    key = esd.code(record, "keyProductID", limit=KEY)
    if not key:
        raise record.get("keyProductID").wrong("a key")
    return key


def _code_if_any(record: Json) -> str:
    try:
        return record.get("productCode").text(limit=SKU)
    except ProtocolError:
        return ""


# -- prices -----------------------------------------------------------------------------------------------
def price_list(products: Iterable[Json], prices: Iterable[Json]) -> PriceList:
    """Records that cannot be read cost only their own product its price."""
    listed = PriceList()
    for record in products:
        try:
            key = _key(record)
            listed.products[key] = Product(
                key,
                esd.code(record, "keySellUnitID", limit=KEY),
                esd.flag(record, "isPriceTaxInclusive"),
            )
            listed.keys.setdefault(_code_if_any(record), key)
        except ProtocolError as error:
            listed.problems[_key_if_any(record)] = str(error)
    for record in prices:
        if key := _key_if_any(record):  # others are prices of downloads and of labour
            try:
                listed.prices[key].append(_price(record))
            except ProtocolError as error:
                listed.problems[key] = str(error)
    return listed


def _price(record: Json) -> Price:
    kind = esd.code(record, "referenceType", limit=20)
    if kind not in REFERENCE_TYPES:
        raise record.get("referenceType").wrong("one of " + ", ".join(filter(None, REFERENCE_TYPES)))
    amount = esd.number(record, "price")
    if amount is None:
        raise record.get("price").wrong("a number")
    return Price(
        from_quantity=esd.number(record, "quantity") or Decimal(0),
        amount=amount,
        tax_rate=esd.number(record, "taxRate"),
        sell_unit=esd.code(record, "keySellUnitID", limit=KEY),
        forced=kind == FORCED,
    )


def _key_if_any(record: Json) -> str:
    try:
        return esd.code(record, "keyProductID", limit=KEY)
    except ProtocolError:
        return ""


def quotation(listed: PriceList, items: Iterable[QuotationRequest], currency: str) -> Quotation:
    prices, not_offered, unreadable = [], [], []
    for item in items:
        key = item.external_id or listed.keys.get(item.supplier_sku, "")
        product = listed.products.get(key)
        if problem := listed.problems.get(key):
            unreadable.append(UnreadableItem(supplier_sku=item.supplier_sku, problem=problem))
            continue
        found = _best(listed.prices.get(key, ()), product, item.quantity) if product else None
        if product is None or found is None:
            not_offered.append(item.supplier_sku)
            continue
        amount = found.amount
        if product.price_holds_tax:
            if found.tax_rate is None:
                text = f"{item.supplier_sku}: its price holds tax, at a rate that is not told."
                unreadable.append(UnreadableItem(supplier_sku=item.supplier_sku, problem=text))
                continue
            amount = _rounded(amount / (1 + found.tax_rate / 100))
        prices.append(
            QuotedPrice(
                supplier_sku=item.supplier_sku, quantity=item.quantity, unit_price=amount, currency=currency
            )
        )
    return Quotation(prices=tuple(prices), not_offered=tuple(not_offered), unreadable=tuple(unreadable))


def _best(prices: Iterable[Price], product: Product, quantity: Decimal) -> Price | None:
    """A forced contract price goes first, then the nearest quantity below ours, then the cheapest."""
    fitting = [
        price
        for price in prices
        if price.from_quantity <= quantity and price.sell_unit in ("", product.sell_unit)
    ]
    return min(fitting, key=lambda p: (not p.forced, -p.from_quantity, p.amount), default=None)


# -- stock ------------------------------------------------------------------------------------------------
def stock_quantities(records: Iterable[tuple[Json, Json]], name: str) -> dict[str, Stock]:
    """By product key: how much, None where it is not told, or what is wrong with the entry."""
    stock: dict[str, Stock] = {}
    for record, document in records:
        key = _key_if_any(record)
        try:
            quantity = esd.number(record, name, negative=True)
            if quantity is None and name in _trusted(document):
                quantity = Decimal(0)
            # Below zero is what they owe others already; for us that is none.
            stock[key] = None if quantity is None else max(quantity, Decimal(0))
        except ProtocolError as error:
            stock[key] = str(error)
    return stock


def _trusted(document: Json) -> list[str]:
    """The fields that this document fills; one of them that is absent is 0."""
    configs = esd.told(document, "configs")
    names = esd.note(configs, "dataFields", limit=10_000) if configs else ""
    return [name.strip() for name in names.split(",")]


def stock_availability(
    stock: Mapping[str, Stock], item: QuotationRequest, key: str
) -> StockAvailability | UnreadableItem:
    said = stock.get(key)
    if isinstance(said, str):
        return UnreadableItem(supplier_sku=item.supplier_sku, problem=said)
    return StockAvailability(supplier_sku=item.supplier_sku, quantity=said)


def _rounded(value: Decimal) -> Decimal:
    return value.quantize(STEP, rounding=ROUND_HALF_UP)
