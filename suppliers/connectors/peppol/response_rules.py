"""Transaction T76, the OrderResponse."""

from collections.abc import Callable, Iterator

from suppliers.connectors.peppol.names import (
    ACCEPTED,
    ACKNOWLEDGED,
    AMENDED,
    REJECTED,
    RESPONSE_CUSTOMIZATION,
)
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
LEGAL_NAME = "cac:PartyLegalEntity/cbc:RegistrationName"


def _ends_before_it_starts(document: Xml) -> Iterator[Xml]:
    for period in document.descendants("cac:PromisedDeliveryPeriod"):
        start, end = period.get("cbc:StartDate"), period.get("cbc:EndDate")
        if start and end and end.day() < start.day():
            yield period


def _other_currency(document: Xml) -> Iterator[Xml]:
    currency = document.get("cbc:DocumentCurrencyCode").raw()
    for price in document.descendants("cbc:PriceAmount"):
        if price.attribute("currencyID") != currency:
            yield price


def _without_lines(document: Xml) -> Iterator[Xml]:
    if document.get("cbc:OrderResponseCode").raw() == AMENDED and not document.get(LINES):
        yield document


def _with_lines(code: str) -> Callable[[Xml], Iterator[Xml]]:
    def breaches(document: Xml) -> Iterator[Xml]:
        if document.get("cbc:OrderResponseCode").raw() == code:
            yield from document.all(LINES)

    return breaches


RESPONSE_RULES = (
    *COMMON,
    starts_with("PEPPOL-T76-R006", RESPONSE_CUSTOMIZATION),
    required(
        "T76", "cbc:ProfileID", "cbc:ID", "cbc:IssueDate", "cbc:OrderResponseCode", "cbc:DocumentCurrencyCode",
        "cac:OrderReference/cbc:ID", "cac:SellerSupplierParty/cac:Party/cbc:EndpointID",
        "cac:BuyerCustomerParty/cac:Party/cbc:EndpointID",
    ),
    required_in("T76", "cac:OrderLine", "cac:LineItem", "cac:OrderLineReference/cbc:LineID"),
    required_in("T76", LINES, "cbc:ID", "cbc:LineStatusCode", "cac:Item"),
    named_party("PEPPOL-T76-R001", "cac:BuyerCustomerParty", LEGAL_NAME),
    named_party("PEPPOL-T76-R002", "cac:SellerSupplierParty", LEGAL_NAME),
    unique_ids("PEPPOL-T76-R003", LINES),
    Rule("PEPPOL-T76-R004", "A delivery period does not end before it starts.", _ends_before_it_starts),
    Rule("PEPPOL-T76-R005", "All prices are in the response's currency.", _other_currency),
    Rule("PEPPOL-T76-R007", "An acceptance with changes (CA) has lines.", _without_lines),
    Rule("PEPPOL-T76-R008", "An acceptance as asked (AP) has no lines.", _with_lines(ACCEPTED)),
    Rule("PEPPOL-T76-R009", "A rejection (RE) has no lines.", _with_lines(REJECTED)),
    Rule("PEPPOL-T76-R010", "An acknowledgement (AB) has no lines.", _with_lines(ACKNOWLEDGED)),
)  # fmt: skip
