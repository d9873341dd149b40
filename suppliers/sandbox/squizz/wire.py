"""Reading requests and writing answers as the platform has them."""

import gzip
import json
import zlib
from collections.abc import Iterable
from dataclasses import dataclass, replace
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from werkzeug.wrappers import Request, Response

from suppliers.sandbox.app import json_response
from suppliers.sandbox.ledger import PlacedLine, PlacedOrder
from suppliers.sandbox.trade import Item, answers, line_total
from suppliers.sandbox.world import Behaviour, SandboxProduct, SandboxSupplier

UNIT_WORDS = {"C62": "EACH", "KGM": "KG", "GRM": "G", "LTR": "L", "MLT": "ML"}
OK = "SERVER_SUCCESS"
TAX = Decimal("0.20")
CENT = Decimal("0.01")
MILLISECONDS = 1000


class Refusal(Exception):
    """The platform answers with this code, in HTTP 200."""

    def __init__(self, code: str, message: str = "", **configs: str) -> None:
        super().__init__(message)
        self.code = code
        self.configs = configs


@dataclass(frozen=True, slots=True)
class PurchaseOrder:
    """What is read of a purchase order: its products by the supplier's code, and where each stands in it."""

    reference: str
    items: tuple[Item, ...]
    places: dict[str, int]  # supplier's code: place among the lines
    buyer_codes: dict[str, str]  # supplier's code: the buyer's
    unmapped: tuple[int, ...]


def answer(document: dict[str, Any] | None = None) -> Response:
    return json_response(
        {
            "resultStatus": 1,
            "message": "",
            "configs": {"result_code": OK, "api_version": "1.0.0.0"},
            "dataTransferMode": "COMPLETE",
            "version": Decimal("1.5"),
        }
        | (document or {})
    )


def refused(refusal: Refusal) -> Response:
    return json_response(
        {
            "result": "FAILURE",
            "resultStatus": 2,
            "message": str(refusal),
            "configs": {"result_code": refusal.code, "api_version": "1.0.0.0", **refusal.configs},
            "dataRecords": [],
        }
    )


def flat(code: str, **more: str) -> Response:
    """The calls about sessions answer without a document."""
    result = "SUCCESS" if code == OK else "FAILURE"
    return json_response({"result": result, "result_code": code, "api_version": "1.0.0.0", **more})


def unit_word(product: SandboxProduct) -> str:
    return UNIT_WORDS.get(product.unit, product.unit)


def body_text(request: Request) -> str:
    """The body as it was before it was compressed; what cannot be unpacked stays as it is."""
    body = request.get_data()
    if request.headers.get("Content-Encoding") == "gzip":
        try:
            body = gzip.decompress(body)
        except (OSError, EOFError, zlib.error):
            return repr(body)
    return body.decode("utf-8", "replace")


def order_read(text: str, supplier: SandboxSupplier) -> PurchaseOrder:
    try:
        said = json.loads(text, parse_float=Decimal, parse_int=Decimal)
    except ValueError:
        raise Refusal("SERVER_ERROR_DATA_JSON_MALFORMED") from None
    if not isinstance(said, dict) or said.get("resultStatus") not in (1, "1"):
        raise Refusal("SERVER_ERROR_ESD_DOCUMENT_UNSUCCESSFUL")
    records = said.get("dataRecords")
    if not isinstance(records, list) or len(records) != 1 or not isinstance(records[0], dict):
        raise Refusal("SERVER_ERROR_ESD_DOCUMENT_NO_RECORD")
    record = records[0]
    for name in ("keyPurchaseOrderID", "supplierAccountCode", "purchaseOrderNumber"):
        if not isinstance(record.get(name), str) or not record[name]:
            raise Refusal("SERVER_ERROR_ESD_DOCUMENT_HEADER_MISSING_ATTRIBUTES", name)
    return _lines_read(record, supplier)


def _lines_read(record: dict[str, Any], supplier: SandboxSupplier) -> PurchaseOrder:
    items, places, buyer_codes, unmapped = [], {}, {}, []
    lines = record.get("lines") or []
    if not any(line.get("lineType") == "PRODUCT" for line in lines):
        raise Refusal("SERVER_ERROR_ORDER_TEXT_LINES_ONLY_NOT_ALLOWED")
    for place, line in enumerate(lines):
        if line.get("lineType") != "PRODUCT":
            continue
        product = _mapped(line, supplier)
        if product is None:
            unmapped.append(place)
            continue
        quantity = line.get("quantity")
        if not isinstance(quantity, Decimal) or quantity <= 0:
            quantity = Decimal(1)
        items.append(Item(product.supplier_product_id, unit_word(product), quantity))
        places[product.supplier_product_id] = place
        buyer_codes[product.supplier_product_id] = str(line["productCode"])
    return PurchaseOrder(record["purchaseOrderNumber"], tuple(items), places, buyer_codes, tuple(unmapped))


def _mapped(line: dict[str, Any], supplier: SandboxSupplier) -> SandboxProduct | None:
    """By the supplier's code, else by the buyer's where it is the same or known."""
    codes = [line.get("salesOrderProductCode"), line.get("productCode")]
    if not isinstance(codes[1], str) or not codes[1]:
        return None
    for code in codes:
        for product in supplier.products:
            if code and code in (product.supplier_product_id, product.buyer_sku):
                return product
    return None


def index_list(places: Iterable[int]) -> str:
    return ",".join(f"0:{place}" for place in places)


# -- orders as the supplier has them ----------------------------------------------------------------------
def priced(order: PlacedOrder, supplier: SandboxSupplier) -> PlacedOrder:
    """Their own prices: dearer than asked where the supplier is one that does so."""
    if supplier.confirm is not Behaviour.PRICE:
        return order
    said = {line.supplier_product_id: line.unit_price for line in answers(supplier, order)[0].lines}
    lines = tuple(
        replace(line, unit_price=said[line.supplier_product_id] or line.unit_price) for line in order.lines
    )
    return replace(order, lines=lines, total=sum(map(line_total, lines), order.delivery_fee))


def sales_order(order: PlacedOrder, supplier: SandboxSupplier, buyer_codes: dict[str, str]) -> dict[str, Any]:
    order = priced(order, supplier)
    lines = [_line(line, supplier, buyer_codes) for line in order.lines]
    record: dict[str, Any] = {
        "keySalesOrderID": str(order.id),
        "salesOrderNumber": order.number,
        "purchaseOrderNumber": order.reference,
        "customerAccountCode": supplier.customer_id,
        "createdDate": int(order.at.timestamp() * MILLISECONDS),
        "currencyISOCode": order.currency,
        "paymentStatus": "UNPAID",
        "paymentMethod": "ACCOUNT",
        "totalLines": len(lines),
        **_taxed("totalPrice{}Tax", order.total),
        "lines": lines,
    }
    if order.delivery_fee:
        record |= _taxed("totalSurcharge{}Tax", order.delivery_fee)
        record["surcharges"] = [
            {
                "keySurchargeID": "1",
                "surchargeCode": "FREIGHT",
                "surchargeLabel": "Delivery",
                **_taxed("price{}Tax", order.delivery_fee),
            }
        ]
    return record


def _line(line: PlacedLine, supplier: SandboxSupplier, buyer_codes: dict[str, str]) -> dict[str, Any]:
    sku = line.supplier_product_id
    product = supplier.product(sku)
    return {
        "lineType": "PRODUCT",
        "keyProductID": product.product_id if product else "",
        "productCode": sku,
        "productName": product.name if product else "",
        "purchaseOrderProductCode": buyer_codes.get(sku, sku),
        "quantity": line.quantity,
        "unitName": line.unit_of_measure,
        "sellUnitBaseQuantity": 1,
        **_taxed("price{}Tax", line.unit_price),
        **_taxed("priceTotal{}Tax", line_total(line)),
    }


def enquiry(order: PlacedOrder, supplier: SandboxSupplier, *, shipped: bool) -> dict[str, Any]:
    """How the order stands in the supplier's own system."""
    order = priced(order, supplier)
    record = {
        "keyOrderSaleID": str(order.id),
        "orderID": str(order.id),
        "orderNumber": order.number,
        "customerReference": order.reference,
        "customerAccountCode": supplier.customer_id,
        "creationDate": int(order.at.timestamp() * MILLISECONDS),
        "currencyCode": order.currency,
        **_taxed("total{}Tax", order.total),
        **_taxed("totalFreight{}Tax", order.delivery_fee),
        "lines": [
            {
                "lineItemCode": line.supplier_product_id,
                "quantityOrdered": line.quantity,
                "quantityDelivered": line.quantity if shipped else 0,
                **_taxed("price{}Tax", line.unit_price),
            }
            for line in order.lines
        ],
    }
    if shipped:
        record |= {
            "freightCarrierName": "Sandbox Carriers",
            "freightCarrierTrackingCode": f"SC{order.id:06}1",
        }
    return record


def _taxed(name: str, amount: Decimal) -> dict[str, Decimal]:
    tax = (amount * TAX).quantize(CENT, rounding=ROUND_HALF_UP)
    return {name.format("Ex"): amount, name.format("Inc"): amount + tax, name.format(""): tax}


# -- lists ------------------------------------------------------------------------------------------------
def product_record(product: SandboxProduct) -> dict[str, Any]:
    return {
        "keyProductID": product.product_id,
        "productCode": product.supplier_product_id,
        "barcode": product.barcode,
        "name": product.name,
        "keySellUnitID": "1",
        "unit": unit_word(product),
        "packQuantity": product.pack_size,
        "isPriceTaxInclusive": "N",
        "isKitted": "N",
    }


def page(records: list[dict[str, Any]], start: int, most: int) -> list[dict[str, Any]]:
    return records[start : start + min(most, 5000)]
