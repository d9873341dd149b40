"""Translating an order into Save Purchase documents. What comes back: documents.py."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any
from zoneinfo import ZoneInfo

from suppliers.connectors.fourws.places import Sheet
from suppliers.connectors.jsondata import LIMIT, dumps
from suppliers.exceptions import ProtocolError
from suppliers.messages import Order, OrderLine

CENT = Decimal("0.01")
HUNDRED = Decimal(100)
DIMENSIONS = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What the account says that an order does not."""

    branch_code: int
    buyer_code: int
    supplier_code: str
    document_status: str  # OPEN, CONFIRMED; empty: not stated
    cause: str
    system: str
    payment_code: str
    season_code: str
    currency_symbols: Mapping[str, str]
    zone: ZoneInfo
    send_prices: bool
    markup_percent: Decimal
    tax_rate: Decimal
    tax_rates: Mapping[str, Decimal]  # where another rate holds, by item code
    dimension_sign: str  # between an item and its dimensions in the supplier's codes; empty: they hold none

    def item_of(self, line: OrderLine) -> tuple[str, list[str]]:
        """The item code, and the dimensions that tell one of its sizes, colours and so on from the others."""
        sign = self.dimension_sign
        item, *dimensions = line.supplier_sku.split(sign) if sign else [line.supplier_sku]
        if not item or len(dimensions) > DIMENSIONS:
            raise ProtocolError(
                f"Line {line.line_number}: {line.supplier_sku} is no item with at most {DIMENSIONS} dimensions."
            )
        return item, dimensions

    def tax_of(self, item: str) -> Decimal:
        return self.tax_rates.get(item, self.tax_rate)


def document_body(order: Order, sheet: Sheet, terms: Terms, *, document_id: str, callback: str) -> bytes:
    return dumps(
        {
            "documentHeader": _header(order, sheet, terms, document_id),
            "documentRows": [_row(order, line, quantities, terms) for line, quantities in sheet.rows],
            "callback": callback,
        }
    )


def _header(order: Order, sheet: Sheet, terms: Terms, document_id: str) -> dict[str, Any]:
    issued = local_time(order.issued_at, terms.zone)
    days = [line.requested_date for line in order.lines if line.requested_date]
    delivery = order.requested_date or min(days, default=None)
    header: dict[str, Any] = {
        "id": document_id,
        "branchCode": terms.branch_code,
        "buyerCode": terms.buyer_code,
        "currency": order.currency,
        "currencySymbol": terms.currency_symbols.get(order.currency, order.currency),
        "documentDate": issued,
        "movementDate": issued,
        "confirmationDateOrder": issued,
        "deliveryDate": f"{delivery.isoformat()} 00:00:00" if delivery else None,
        "supplierCode": terms.supplier_code,
        "documentType": "PURCHASE",
        "cause": terms.cause,
        "system": terms.system,
        "paymentCode": terms.payment_code,
        "seasonCode": terms.season_code,
        "documentStatus": terms.document_status,
        "reserved": [{"type": place.type, "code": place.code} for place in sheet.reserved],
    }
    return {name: value for name, value in header.items() if value not in (None, "", [])}


def _row(order: Order, line: OrderLine, quantities: dict[int, Decimal], terms: Terms) -> dict[str, Any]:
    net = line.unit_price
    if net is None or not net.is_finite() or not 0 <= net < LIMIT:
        raise ProtocolError(
            f"Order {order.number}, line {line.line_number}: without a price there is no selling price, "
            "and 4ws.trade takes no row without one."
        )
    item, dimensions = terms.item_of(line)
    tax = terms.tax_of(item)
    row: dict[str, Any] = {"barcode": line.barcode} if line.barcode else {}
    row["itemCode"] = item
    row |= {f"dimension{position}": said for position, said in enumerate(dimensions, 1) if said}
    row |= {f"quantity{position}": quantity for position, quantity in sorted(quantities.items())}
    row |= {"taxRate": tax, "priceSale": selling_price(net, terms.markup_percent, tax)}
    if terms.send_prices:
        row |= {"pricePurchase": net, "priceInvoice": net}
    return row


def selling_price(net: Decimal, markup_percent: Decimal, tax_percent: Decimal) -> Decimal:
    """With VAT; whole cents, at least one: 0 is no price. From our net price, as an order knows no other."""
    gross = net * (HUNDRED + markup_percent) / HUNDRED * (HUNDRED + tax_percent) / HUNDRED
    rounded = gross.quantize(CENT, rounding=ROUND_HALF_UP)
    return max(rounded, CENT) if gross else rounded


def local_time(moment: datetime, zone: ZoneInfo) -> str:
    """As 4ws.trade writes times: on the clock of `zone`, without saying which zone that is."""
    return moment.astimezone(zone).strftime("%Y-%m-%d %H:%M:%S")
