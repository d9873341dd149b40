"""What can be read from a file: the kinds, their columns, and what other programs call these."""

import re
from collections.abc import Callable
from dataclasses import dataclass

from procurement.sources.base import (
    CatalogueRecord,
    ContractRecord,
    CustomerOrderRecord,
    DemandRecord,
    ExchangeRateRecord,
    PromotionRecord,
    Record,
    StockOutRecord,
    StockRecord,
)
from procurement.sources.values import (
    Reader,
    any_date,
    code,
    currency,
    exchange_rate,
    hours_of_a_day,
    moment,
    past_date,
    positive,
    quantity,
    unit,
    whole_number,
    words,
    yes_or_no,
)

NUMBERS = (quantity, positive, exchange_rate, hours_of_a_day)


def plain_name(header: str) -> str:
    """`Order Date`, `order_date` and `order-date` are one name."""
    return re.sub(r"[\s_\-./#]+", "", header).lower()


@dataclass(frozen=True, slots=True)
class Column:
    name: str
    read: Reader
    required: bool = False
    also: tuple[str, ...] = ()

    def names(self) -> set[str]:
        return {plain_name(name) for name in (self.name, *self.also)}

    @property
    def is_number(self) -> bool:
        return self.read in NUMBERS


@dataclass(frozen=True, slots=True)
class FileKind:
    name: str
    about: str
    columns: tuple[Column, ...]
    record: Callable[..., Record]


SKU = Column(
    "sku", code(60), required=True,
    also=("item", "item code", "item number", "product", "product code", "article", "stock code", "artikelnummer"),
)  # fmt: skip
UNIT = Column("unit", unit, also=("unit of measure", "uom", "einheit", "mengeneinheit"))
QUANTITY = ("qty", "amount", "units", "menge", "cantidad")

KINDS = {
    kind.name: kind
    for kind in (
        FileKind(
            "demand",
            "what customers took of an item in a day; rows of one item and day are added up",
            (
                SKU,
                Column(
                    "date",
                    past_date,
                    required=True,
                    also=("day", "datum", "fecha", "ordered at", "invoice date"),
                ),
                Column("quantity", quantity, required=True, also=(*QUANTITY, "demand", "sales")),
                UNIT,
            ),
            DemandRecord,
        ),
        FileKind(
            "customer_orders",
            "what customers have ordered and not received",
            (
                Column(
                    "number", code(60), required=True, also=("order", "order number", "order id", "invoice")
                ),
                Column("order_line", whole_number(1, 1_000_000), also=("line", "line number", "position")),
                SKU,
                Column("quantity", quantity, required=True, also=QUANTITY),
                Column("shipped_quantity", quantity, also=("shipped", "delivered")),
                UNIT,
                Column("customer", words(120), also=("customer name", "account", "kunde")),
                Column("ordered_on", past_date, also=("order date", "date", "ordered at", "invoice date")),
                Column(
                    "due_date", any_date, also=("due", "delivery date", "requested date", "promised date")
                ),
                Column("open", yes_or_no, also=("is open",)),
            ),
            CustomerOrderRecord,
        ),
        FileKind(
            "stock",
            "what is on the shelf",
            (
                SKU,
                Column(
                    "on_hand",
                    quantity,
                    required=True,
                    also=("stock", "stock on hand", "bestand", *QUANTITY, "quantity"),
                ),
                UNIT,
                Column("as_of", moment, also=("date", "counted on", "counted at")),
            ),
            StockRecord,
        ),
        FileKind(
            "catalogue",
            "products, and what suppliers ask for them; one row a price",
            (
                SKU,
                Column("description", words(200), required=True, also=("name", "title", "bezeichnung")),
                Column("unit", unit, also=("unit of measure", "uom", "einheit")),
                Column("barcode", code(20), also=("ean", "gtin")),
                Column("supplier", code(40), also=("supplier code", "vendor", "lieferant")),
                Column("supplier_sku", code(60), also=("supplier item", "vendor sku", "supplier code no")),
                Column("pack_size", positive, also=("pack", "order multiple", "multiple")),
                Column("minimum_quantity", positive, also=("moq", "minimum", "minimum order quantity")),
                Column("lead_time_days", whole_number(0, 365), also=("lead time",)),
                Column("stock", quantity, also=("stock on offer", "available")),
                Column("from_quantity", positive, also=("from", "tier", "price break")),
                Column("unit_price", quantity, also=("price", "cost")),
                Column("currency", currency),
                Column("incremental", yes_or_no, also=("incremental tiers", "graduated prices")),
            ),
            CatalogueRecord,
        ),
        FileKind(
            "contracts",
            "what is agreed with suppliers for a time: prices that win over price lists, and shares of what is bought",
            (
                Column("supplier_sku", code(60), required=True, also=("supplier item", "vendor sku")),
                Column(
                    "contract", words(60), required=True, also=("contract number", "agreement", "vertrag")
                ),
                Column("valid_from", any_date, required=True, also=("from", "start", "begins")),
                Column("valid_until", any_date, required=True, also=("to", "until", "end", "ends")),
                Column("supplier", code(40), also=("supplier code", "vendor", "lieferant")),
                Column("unit_price", quantity, also=("price", "cost")),
                Column("currency", currency),
                Column("share_percent", positive, also=("share", "quota")),
                Column("note", words(200), also=("remark",)),
            ),
            ContractRecord,
        ),
        FileKind(
            "exchange_rates",
            "what one unit of a currency was worth in our base currency, day by day",
            (
                Column("date", past_date, required=True, also=("day", "datum", "fecha")),
                Column("currency", currency, required=True, also=("code", "currency code", "iso", "währung")),
                Column("rate", exchange_rate, required=True, also=("exchange rate", "kurs", "value")),
            ),
            ExchangeRateRecord,
        ),
        FileKind(
            "promotions",
            "which items were or will be promoted, from when to when; or day by day, as sales files say it",
            (
                SKU,
                Column(
                    "starts_on",
                    any_date,
                    required=True,
                    also=("from", "start", "begins", "date", "day", "datum"),
                ),
                Column("ends_on", any_date, also=("to", "until", "end", "ends")),
                Column("name", words(80), also=("campaign", "leaflet", "title", "aktion")),
                Column("promoted", yes_or_no, also=("promotion", "promo", "on promotion", "onpromotion")),
            ),
            PromotionRecord,
        ),
        FileKind(
            "stock_outs",
            "hours of a day on which the shelf was empty, so that they are not taken for missing demand",
            (
                SKU,
                Column("date", past_date, required=True, also=("day", "datum")),
                Column("hours", hours_of_a_day, required=True, also=("stockout hours", "out of stock hours")),
            ),
            StockOutRecord,
        ),
    )
}
