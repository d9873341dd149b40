"""Our order as a UBL Order of Peppol BIS 3. Elements stand in the order that the UBL schema fixes."""

from decimal import ROUND_HALF_UP, Decimal

from lxml import etree

from suppliers.connectors.peppol.names import (
    GTIN,
    ORDER,
    ORDER_CUSTOMIZATION,
    ORDERING,
    PREFIXES,
    PURCHASE_ORDER,
)
from suppliers.connectors.peppol.order_rules import ORDER_RULES
from suppliers.connectors.peppol.parties import Party
from suppliers.connectors.peppol.rules import hold_against, valid_gln
from suppliers.connectors.peppol.writing import group, new_document, value, written
from suppliers.connectors.xmldata import Xml
from suppliers.messages import Address, Order, OrderLine
from suppliers.packing import plain

CENT = Decimal("0.01")
GTIN_LENGTHS = (8, 12, 13, 14)


def order_document(order: Order, *, buyer: Party, seller: Party) -> bytes:
    """The same bytes for the same order. Raises `ProtocolError` if it would break a rule of the transaction."""
    root = new_document(ORDER)
    value(root, "CustomizationID", ORDER_CUSTOMIZATION)
    value(root, "ProfileID", ORDERING)
    value(root, "ID", order.buyer_reference)
    value(root, "IssueDate", order.issued_at.date().isoformat())
    value(root, "IssueTime", order.issued_at.strftime("%H:%M:%S"))
    value(root, "OrderTypeCode", PURCHASE_ORDER)
    value(root, "Note", order.note)
    value(root, "DocumentCurrencyCode", order.currency)
    value(root, "CustomerReference", order.number if order.number != order.buyer_reference else "")
    _buyer(group(root, "BuyerCustomerParty"), buyer, order.buyer)
    _seller(group(root, "SellerSupplierParty"), seller)
    _delivery(root, order)
    _totals(root, order)
    for line in order.lines:
        _line(group(root, "OrderLine", "LineItem"), line, order)
    body = written(root)
    hold_against(Xml.parse(body, f"Order {order.number}", PREFIXES), ORDER_RULES)
    return body


# -- who and where -----------------------------------------------------------------------------------------
def _buyer(parent: etree._Element, buyer: Party, address: Address | None) -> None:
    party = group(parent, "Party")
    value(party, "EndpointID", buyer.number, schemeID=buyer.scheme)
    if address is not None and address.country:
        _address(group(party, "PostalAddress"), address)
    legal = group(party, "PartyLegalEntity")
    value(legal, "RegistrationName", buyer.name)
    if address is not None:
        _contact(party, address)


def _seller(parent: etree._Element, seller: Party) -> None:
    party = group(parent, "Party")
    value(party, "EndpointID", seller.number, schemeID=seller.scheme)
    value(group(party, "PostalAddress", "Country"), "IdentificationCode", seller.country)
    value(group(party, "PartyLegalEntity"), "RegistrationName", seller.name)


def _address(parent: etree._Element, address: Address) -> None:
    value(parent, "StreetName", address.line1)
    value(parent, "AdditionalStreetName", address.line2)
    value(parent, "CityName", address.city)
    value(parent, "PostalZone", address.postcode)
    value(parent, "CountrySubentity", address.region)
    if address.country:
        value(group(parent, "Country"), "IdentificationCode", address.country)


def _contact(parent: etree._Element, address: Address) -> None:
    if address.contact or address.phone or address.email:
        contact = group(parent, "Contact")
        value(contact, "Name", address.contact)
        value(contact, "Telephone", address.phone)
        value(contact, "ElectronicMail", address.email)


def _delivery(root: etree._Element, order: Order) -> None:
    there = order.deliver_to
    delivery = group(root, "Delivery")
    if there.country:  # an address without a country is not allowed
        _address(group(delivery, "DeliveryLocation", "Address"), there)
    if order.requested_date:
        value(group(delivery, "RequestedDeliveryPeriod"), "EndDate", order.requested_date.isoformat())
    party = group(delivery, "DeliveryParty")
    value(group(party, "PartyName"), "Name", there.name or "Goods in")
    _contact(party, there)


# -- what ---------------------------------------------------------------------------------------------------
def _money(amount: Decimal) -> str:
    return f"{amount.quantize(CENT, rounding=ROUND_HALF_UP):f}"


def _line_amount(line: OrderLine) -> Decimal:
    return (line.quantity * (line.unit_price or Decimal(0))).quantize(CENT, rounding=ROUND_HALF_UP)


def _totals(root: etree._Element, order: Order) -> None:
    if any(line.unit_price is None for line in order.lines):
        return  # a total of a part of the lines would be taken for the whole
    total = _money(sum((_line_amount(line) for line in order.lines), Decimal(0)))
    totals = group(root, "AnticipatedMonetaryTotal")
    for name in ("LineExtensionAmount", "TaxExclusiveAmount", "PayableAmount"):
        value(totals, name, total, currencyID=order.currency)


def _line(item: etree._Element, line: OrderLine, order: Order) -> None:
    value(item, "ID", str(line.line_number))
    value(item, "Note", line.note)
    value(item, "Quantity", plain(line.quantity), unitCode=line.unit)
    if line.unit_price is not None:
        value(item, "LineExtensionAmount", _money(_line_amount(line)), currencyID=order.currency)
    if line.requested_date:
        period = group(item, "Delivery", "RequestedDeliveryPeriod")
        value(period, "EndDate", line.requested_date.isoformat())
    if line.unit_price is not None:
        price = group(item, "Price")
        value(price, "PriceAmount", plain(line.unit_price), currencyID=order.currency)
        value(price, "BaseQuantity", "1", unitCode=line.unit)
    article = group(item, "Item")
    value(article, "Name", line.description or line.supplier_sku)
    _identified(article, "BuyersItemIdentification", line.sku)
    _identified(article, "SellersItemIdentification", line.supplier_sku)
    if len(line.barcode) in GTIN_LENGTHS and valid_gln(line.barcode):  # the check digit is that of a GLN
        _identified(article, "StandardItemIdentification", line.barcode, schemeID=GTIN)


def _identified(article: etree._Element, name: str, number: str, **attributes: str) -> None:
    if number.strip():
        value(group(article, name), "ID", number, **attributes)
