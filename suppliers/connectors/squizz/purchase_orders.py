"""Writing our order as an Ecommerce Standards purchase order. Everything is checked before anything is sent:
what the platform does with a text that is too long is not known, and a quantity of 0 it would make 1.
"""

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from suppliers.connectors.jsondata import STEP, dumps
from suppliers.connectors.squizz.esd import milliseconds
from suppliers.connectors.units import UnitWords
from suppliers.exceptions import ConnectorConfigurationError, ProtocolError
from suppliers.messages import Address, Order, OrderLine
from suppliers.packing import plain

VERSION = Decimal("1.3")
ORDER_LIMITS = {
    "keyPurchaseOrderID": 50, "keySupplierAccountID": 50, "supplierAccountCode": 60, "purchaseOrderNumber": 50,
    "instructions": 21844, "isDropship": 1,
    "deliveryOrgName": 50, "deliveryContact": 50, "deliveryEmail": 100,
    "deliveryAddress1": 90, "deliveryAddress2": 90, "deliveryAddress3": 90,
    "deliveryRegionName": 70, "deliveryCountryName": 70, "deliveryPostcode": 20,
    "billingContact": 90, "billingOrgName": 50, "billingEmail": 100,
    "billingAddress1": 90, "billingAddress2": 90, "billingAddress3": 90,
    "billingRegionName": 70, "billingCountryName": 70,
}  # fmt: skip
LINE_LIMITS = {"keyProductID": 50, "productCode": 50, "productName": 50, "salesOrderProductCode": 60}
DIGITS = 10  # before the point: decimal(14,4)
FROM_SETTINGS = {
    "supplierAccountCode": "supplier_account_code",
    "keySupplierAccountID": "supplier_account_key",
}
NEEDED = ("keyPurchaseOrderID", "supplierAccountCode")
NEEDED_IN_LINE = ("productCode",)


@dataclass(frozen=True, slots=True, kw_only=True)
class Writing:
    """What the account's settings say about the document."""

    supplier_account_code: str
    supplier_account_key: str
    units: UnitWords
    countries: dict[str, str]  # ISO code: name
    tax_rate: Decimal | None  # percent
    shorten_names: bool
    note_as_lines: bool


def order_body(order: Order, how: Writing) -> bytes:
    """The document. Product lines come first, in our order: the platform names lines by their place in the list."""
    if not order.lines:
        raise ProtocolError(f"Order {order.number} has no lines, and one of text alone is not taken.")
    if any(line.shares for line in order.lines):
        raise ProtocolError(f"Order {order.number} goes to several places, and the platform delivers to one.")
    _refuse_doubles(order)
    record: dict[str, Any] = {
        "keyPurchaseOrderID": order.buyer_reference,
        "purchaseOrderCode": order.number,
        # The supplier's sales order carries it, and it is how the order is found again.
        "purchaseOrderNumber": order.buyer_reference,
        "keySupplierAccountID": how.supplier_account_key,
        "supplierAccountCode": how.supplier_account_code,
        "currencyISOCode": order.currency,
        "createdDate": milliseconds(order.issued_at),
        "instructions": _instructions(order, how),
        "isDropship": "Y" if order.dropship else "N",
        **_address("delivery", order.deliver_to, how),
        **_address("billing", order.buyer or order.deliver_to, how),
    }
    where = f"Order {order.number}"
    record = {name: value for name, value in record.items() if value != ""}
    _check(record, ORDER_LIMITS, NEEDED, where)
    lines = [_product_line(line, how, f"{where}, line {line.line_number}") for line in order.lines]
    record["lines"] = lines + [{"lineType": "TEXT", "textDescription": text} for text in _texts(order, how)]
    return dumps(
        {
            "resultStatus": 1,
            "message": "",
            "configs": {},
            "dataTransferMode": "COMPLETE",
            "version": VERSION,
            "totalDataRecords": 1,
            "dataRecords": [record],
        }
    )


def _product_line(line: OrderLine, how: Writing, where: str) -> dict[str, Any]:
    for field, number in (("quantity", line.quantity), ("priceExTax", line.unit_price)):
        if number is not None:
            _sendable(number, f"{where}: {field}")
    if line.quantity <= 0:
        raise ProtocolError(f"{where}: quantity is {plain(line.quantity)}; it must be more than 0.")
    name = line.description
    record: dict[str, Any] = {
        "lineType": "PRODUCT",
        "keyProductID": line.sku,
        "productCode": line.sku,
        "productName": name[: LINE_LIMITS["productName"]].rstrip() if how.shorten_names else name,
        "salesOrderProductCode": line.supplier_sku,
        "unitName": how.units.word(line.unit),
        "quantity": line.quantity,
    }
    if line.unit_price is not None:
        tax = None if how.tax_rate is None else _rounded(line.unit_price * how.tax_rate / 100)
        record |= _prices("price{}", line.unit_price, tax)
        total = _rounded(line.quantity * line.unit_price)
        record |= _prices(
            "priceTotal{}", total, None if how.tax_rate is None else _rounded(total * how.tax_rate / 100)
        )
    record = {field: value for field, value in record.items() if value != ""}
    _check(record, LINE_LIMITS, NEEDED_IN_LINE, where)
    return record


def _prices(name: str, without_tax: Decimal, tax: Decimal | None) -> dict[str, Decimal]:
    prices = {name.format("ExTax"): without_tax}
    if tax is not None:
        prices |= {name.format("Tax"): tax, name.format("IncTax"): without_tax + tax}
    return prices


def _address(role: str, address: Address, how: Writing) -> dict[str, str]:
    said = {
        "OrgName": address.name,
        "Contact": address.contact,
        "Email": address.email,
        "Phone": address.phone,
        "Address1": address.line1,
        "Address2": address.line2,
        "Address3": address.city,
        "RegionName": address.region,
        "Postcode": address.postcode,
        "CountryName": how.countries.get(address.country, ""),
        "CountryCodeISO2": address.country,
    }
    return {role + name: value for name, value in said.items()}


# -- words for people -------------------------------------------------------------------------------------
def _instructions(order: Order, how: Writing) -> str:
    """There is no field for the day we want the goods, so it is said in words."""
    wanted = f"Requested delivery: {order.requested_date}." if order.requested_date else ""
    return "\n".join(filter(None, ["" if how.note_as_lines else order.note.strip(), wanted]))


def _texts(order: Order, how: Writing) -> list[str]:
    """Text lines name their line by its code: they stand behind all product lines."""
    texts = [order.note.strip()] if how.note_as_lines and order.note.strip() else []
    for line in order.lines:
        other_day = line.requested_date if line.requested_date != order.requested_date else None
        wanted = f"Requested delivery: {other_day}." if other_day else ""
        if said := " ".join(filter(None, [line.note.strip(), wanted])):
            texts.append(f"{line.sku} (line {line.line_number}): {said}")
    return texts


# -- checks -----------------------------------------------------------------------------------------------
def _check(record: dict[str, Any], limits: dict[str, int], needed: tuple[str, ...], where: str) -> None:
    for name in needed:
        if not record.get(name):
            raise ProtocolError(f"{where}: {name} is empty, and the platform needs it.")
    for name, value in record.items():
        if isinstance(value, str) and name in limits and len(value) > limits[name]:
            text = f"{name} has {len(value)} characters, at most {limits[name]} are allowed"
            if name in FROM_SETTINGS:
                raise ConnectorConfigurationError(f"{text} (setting {FROM_SETTINGS[name]}).")
            shown = value if len(value) <= 60 else value[:57] + "..."
            raise ProtocolError(f"{where}: {text}: {shown!r}.")
        if isinstance(value, Decimal):
            _sendable(value, f"{where}: {name}")


def _sendable(value: Decimal, what: str) -> None:
    if not value.is_finite() or value.adjusted() >= DIGITS or value != _rounded(value):
        shown = plain(value) if value.is_finite() and value.adjusted() < 30 else str(value)
        raise ProtocolError(
            f"{what} is {shown}; at most {DIGITS} digits before and 4 after the point are allowed."
        )


def _refuse_doubles(order: Order) -> None:
    """The answer tells lines apart by our product code."""
    seen: set[str] = set()
    for line in order.lines:
        if line.sku in seen:
            raise ProtocolError(
                f"Order {order.number} has {line.sku} on two lines, and the supplier tells lines apart by "
                "product. Put both quantities on one line."
            )
        seen.add(line.sku)


def _rounded(value: Decimal) -> Decimal:
    return value.quantize(STEP, rounding=ROUND_HALF_UP)
