"""Transaction T01, the Order: the fatal rules for what our orders hold. We hold our own orders against them before
they leave, and the sandbox supplier does so with what it receives.

Allowances, charges, taxes and prepayments are refused as a whole (`NOT_OURS`): our orders have none, so the rules on
their amounts (R009, R010, R016, R017, R019 to R023, R027, R029, R030, R032, R033, CL001, CL002) have nothing to hold.
"""

from collections.abc import Iterator
from decimal import ROUND_HALF_UP, Decimal

from suppliers.connectors.peppol.names import ORDER_CUSTOMIZATION, PROFILES
from suppliers.connectors.peppol.rules import (
    COMMON,
    Rule,
    named_party,
    required,
    required_in,
    starts_with,
    unique_ids,
)
from suppliers.connectors.xmldata import Xml

LINES = "cac:OrderLine/cac:LineItem"
TOTAL = "cac:AnticipatedMonetaryTotal"
AMOUNTS = ("cbc:Amount", "cbc:TaxAmount", "cbc:LineExtensionAmount", "cbc:BaseAmount", "cbc:PayableAmount",
           "cbc:TaxExclusiveAmount", "cbc:TaxInclusiveAmount")  # fmt: skip
CENT = Decimal("0.01")
SLACK = Decimal("0.02")


def _amount(place: Xml) -> Decimal:
    return place.number(negative=True) if place else Decimal(0)


def _other_currency(document: Xml) -> Iterator[Xml]:
    currency = document.get("cbc:DocumentCurrencyCode").raw()
    for said in document.descendants(*AMOUNTS, "cbc:PriceAmount"):
        if said.attribute("currencyID") not in ("", currency):
            yield said


def _third_decimal(document: Xml) -> Iterator[Xml]:
    return (said for said in document.descendants(*AMOUNTS) if len(said.raw().partition(".")[2]) > 2)


def _negative_quantity(document: Xml) -> Iterator[Xml]:
    return (line for line in document.all(LINES) if _amount(line.get("cbc:Quantity")) < 0)


def _negative_price(document: Xml) -> Iterator[Xml]:
    return (line for line in document.all(LINES) if _amount(line.get("cac:Price/cbc:PriceAmount")) < 0)


def _negative_payable(document: Xml) -> Iterator[Xml]:
    said = document.get(f"{TOTAL}/cbc:PayableAmount")
    if _amount(said) < 0:
        yield said


def _negative_sum(document: Xml) -> Iterator[Xml]:
    said = document.get(f"{TOTAL}/cbc:LineExtensionAmount")
    if _amount(said) < 0:
        yield said


def _wrong_sum(document: Xml) -> Iterator[Xml]:
    said = document.get(f"{TOTAL}/cbc:LineExtensionAmount")
    lines = sum((_amount(line.get("cbc:LineExtensionAmount")) for line in document.all(LINES)), Decimal(0))
    if said and _amount(said) != lines.quantize(CENT, rounding=ROUND_HALF_UP):
        yield said


def _wrong_total(document: Xml) -> Iterator[Xml]:
    said = document.get(f"{TOTAL}/cbc:TaxExclusiveAmount")
    if said and _amount(said) != _amount(document.get(f"{TOTAL}/cbc:LineExtensionAmount")):
        yield said


def _wrong_line_amount(document: Xml) -> Iterator[Xml]:
    for line in document.all(LINES):
        quantity = _amount(line.get("cbc:Quantity")) if line.get("cbc:Quantity") else Decimal(1)
        base = _amount(line.get("cac:Price/cbc:BaseQuantity")) or Decimal(1)
        expected = quantity * _amount(line.get("cac:Price/cbc:PriceAmount")) / base
        if abs(_amount(line.get("cbc:LineExtensionAmount")) - expected) > SLACK:
            yield line


def _no_base_quantity(document: Xml) -> Iterator[Xml]:
    for line in document.all(LINES):
        base = line.get("cac:Price/cbc:BaseQuantity")
        if base and _amount(base) <= 0:
            yield line


def _unknown_profile(document: Xml) -> Iterator[Xml]:
    said = document.get("cbc:ProfileID")
    if said.raw() not in PROFILES:
        yield said


def _not_ours(document: Xml) -> Iterator[Xml]:
    return document.descendants("cac:AllowanceCharge", "cac:TaxTotal", "cbc:PrepaidAmount", "cbc:ChargeTotalAmount",
                                "cbc:AllowanceTotalAmount", "cbc:TaxInclusiveAmount")  # fmt: skip


NOT_OURS = Rule(
    "T01-without-allowances", "Our orders hold no allowance, charge, tax or prepayment.", _not_ours
)

ORDER_RULES = (
    *COMMON,
    starts_with("PEPPOL-T01-R034", ORDER_CUSTOMIZATION),
    Rule("PEPPOL-T01-R031", "The profile is one of ordering.", _unknown_profile),
    required(
        "T01", "cbc:ID", "cbc:IssueDate", "cbc:DocumentCurrencyCode",
        "cac:BuyerCustomerParty/cac:Party/cbc:EndpointID",
        "cac:BuyerCustomerParty/cac:Party/cac:PartyLegalEntity/cbc:RegistrationName",
        "cac:SellerSupplierParty/cac:Party/cbc:EndpointID",
        "cac:SellerSupplierParty/cac:Party/cac:PostalAddress/cac:Country/cbc:IdentificationCode",
        "cac:SellerSupplierParty/cac:Party/cac:PartyLegalEntity/cbc:RegistrationName", LINES,
    ),
    required_in("T01", LINES, "cbc:ID", "cbc:Quantity", "cac:Item/cbc:Name"),
    unique_ids("PEPPOL-T01-R001", LINES),
    Rule("PEPPOL-T01-R003", "All amounts are in the order's currency.", _other_currency),
    Rule("PEPPOL-T01-R004", "The quantity is not negative.", _negative_quantity),
    Rule("PEPPOL-T01-R005", "The price is not negative.", _negative_price),
    Rule("PEPPOL-T01-R006", "The total to pay is not negative.", _negative_payable),
    Rule("PEPPOL-T01-R007", "The sum of the lines is not negative.", _negative_sum),
    Rule("PEPPOL-T01-R008", "The sum is that of the lines.", _wrong_sum),
    Rule("PEPPOL-T01-R011", "The total without tax is the sum of the lines.", _wrong_total),
    named_party("PEPPOL-T01-R014", "cac:OriginatorCustomerParty", "cac:PartyName/cbc:Name"),
    Rule("PEPPOL-T01-R024", "The line's amount is its quantity times its price.", _wrong_line_amount),
    Rule("PEPPOL-T01-R025", "The base quantity of the price is above 0.", _no_base_quantity),
    Rule("PEPPOL-T01-R028", "An amount has at most two decimals; only prices may have more.", _third_decimal),
    NOT_OURS,
)  # fmt: skip
