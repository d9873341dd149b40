"""Transaction T16, the DespatchAdvice."""

from collections.abc import Iterator

from suppliers.connectors.peppol.names import DESPATCH_CUSTOMIZATION
from suppliers.connectors.peppol.rules import (
    COMMON,
    Rule,
    named_party,
    required,
    required_in,
    starts_with,
)
from suppliers.connectors.xmldata import Xml

LINES = "cac:DespatchLine"
NAME = "cac:PartyName/cbc:Name"
PARTY = "cac:Party/cbc:EndpointID", "cac:Party/cac:PartyLegalEntity/cbc:RegistrationName"


def _no_item_id(document: Xml) -> Iterator[Xml]:
    for line in document.all(LINES):
        standard = line.get("cac:Item/cac:StandardItemIdentification/cbc:ID")
        if not standard and not line.get("cac:Item/cac:SellersItemIdentification/cbc:ID"):
            yield line


def _no_item_name(document: Xml) -> Iterator[Xml]:
    return (line for line in document.all(LINES) if not line.get("cac:Item/cbc:Name"))


def _negative_quantity(document: Xml) -> Iterator[Xml]:
    for line in document.all(LINES):
        said = line.get("cbc:DeliveredQuantity")
        if said and said.number(negative=True) < 0:
            yield line


DESPATCH_RULES = (
    *COMMON,
    starts_with("PEPPOL-T16-R011", DESPATCH_CUSTOMIZATION),
    required(
        "T16", "cbc:ID", "cbc:IssueDate", "cac:DespatchSupplierParty", "cac:DeliveryCustomerParty", LINES
    ),
    required_in("T16", "cac:DespatchSupplierParty", *PARTY),
    required_in("T16", "cac:DeliveryCustomerParty", *PARTY),
    required_in("T16", LINES, "cbc:ID", "cbc:DeliveredQuantity", "cac:OrderLineReference/cbc:LineID"),
    Rule("PEPPOL-T16-R003", "The article has the seller's or a standard number.", _no_item_id),
    Rule("PEPPOL-T16-R004", "The article has a name.", _no_item_name),
    Rule("PEPPOL-T16-R006", "The delivered quantity is not negative.", _negative_quantity),
    named_party("PEPPOL-T16-R008", "cac:BuyerCustomerParty", NAME),
    named_party("PEPPOL-T16-R009", "cac:SellerSupplierParty", NAME),
    named_party("PEPPOL-T16-R010", "cac:OriginatorCustomerParty", NAME),
)
