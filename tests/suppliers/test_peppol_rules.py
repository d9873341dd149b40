"""Each rule refuses what breaks it, names itself, and says where."""

from dataclasses import replace
from datetime import date

import pytest

from suppliers.connectors.peppol.names import PREFIXES
from suppliers.connectors.peppol.order import order_document
from suppliers.connectors.peppol.order_rules import ORDER_RULES
from suppliers.connectors.peppol.parties import Party
from suppliers.connectors.peppol.rules import (
    hold_against,
    valid_australian,
    valid_belgian,
    valid_gln,
    valid_norwegian,
    valid_swedish,
)
from suppliers.connectors.xmldata import Xml
from suppliers.exceptions import ProtocolError
from suppliers.messages import Address
from tests.suppliers.orders import order_of
from tests.suppliers.peppol_files import fixture, understood

BUYER = Party("0088", "7300010000001", "Buyer Ltd")
SELLER = Party("9999", "seller", "Seller Ltd", "GB")
LEGAL = "<cac:PartyLegalEntity><cbc:RegistrationName>{}</cbc:RegistrationName></cac:PartyLegalEntity>"
SELLER_PARTY, BUYER_PARTY = LEGAL.format("Greengrocer Ltd"), LEGAL.format("Buyer")
NAMELESS = "<cac:Party><cbc:EndpointID>x</cbc:EndpointID></cac:Party>"


def order(**changes):
    return replace(order_of(("APLJ-1L", "12"), ("RICE-5", "3"), price="1.995"), **changes)


def document(**changes) -> bytes:
    return order_document(order(**changes), buyer=BUYER, seller=SELLER)


# -- our orders -----------------------------------------------------------------------------------------------
def test_order_holds_what_the_supplier_needs():
    there = Address(
        name="Depot", line1="1 Quay", city="Hull", postcode="HU1", country="GB", contact="Ann", phone="1"
    )
    lines = tuple(
        replace(line, requested_date=date(2026, 1, 5), barcode="5000000000029", note="Ripe")
        for line in order().lines
    )
    said = Xml.parse(
        document(deliver_to=there, buyer=there, lines=lines, note="Ring twice", requested_date=date(2026, 1, 6)),
        "it", PREFIXES,
    )  # fmt: skip
    assert said.get("cbc:ID").raw() == "PO-2026-0001"
    assert said.get("cbc:ProfileID").raw() == "urn:fdc:peppol.eu:poacc:bis:ordering:3"
    assert said.get("cac:Delivery/cac:DeliveryLocation/cac:Address/cbc:CityName").raw() == "Hull"
    assert said.get("cac:Delivery/cac:RequestedDeliveryPeriod/cbc:EndDate").raw() == "2026-01-06"
    # 23.94 and 5.99 (5.985)
    assert said.get("cac:AnticipatedMonetaryTotal/cbc:PayableAmount").raw() == "29.93"
    item = said.get("cac:OrderLine/cac:LineItem")
    assert item.get("cbc:Quantity").attribute("unitCode") == "C62"
    assert item.get("cac:Price/cbc:PriceAmount").raw() == "1.995"
    assert item.get("cac:Item/cac:StandardItemIdentification/cbc:ID").raw() == "5000000000029"
    assert item.get("cac:Delivery/cac:RequestedDeliveryPeriod/cbc:EndDate").raw() == "2026-01-05"


def test_same_order_is_the_same_bytes():
    assert document() == document()


def test_order_without_prices_gives_no_amounts():
    lines = tuple(replace(line, unit_price=None) for line in order().lines)
    assert b"Amount" not in document(lines=lines)


def test_text_of_people_cannot_break_the_document():
    said = Xml.parse(document(note="<b>&\x00\ud800 \x1b</b>"), "it", PREFIXES)
    assert said.get("cbc:Note").raw() == "<b>&    </b>"


def test_barcode_that_is_no_gtin_is_left_out():
    lines = tuple(replace(line, barcode="5000000000017") for line in order().lines)
    assert b"StandardItemIdentification" not in document(lines=lines)


def test_order_that_breaks_a_rule_does_not_leave():
    twice = tuple(replace(line, line_number=1) for line in order().lines)
    with pytest.raises(
        ProtocolError, match=r"Order PO-2026-0001 breaks PEPPOL-T01-R001 at LineItem 1 \(line \d+"
    ):
        document(lines=twice)


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        (("poacc:trns:order:3", "poacc:trns:order:2"), "PEPPOL-T01-R034"),
        (("poacc:bis:ordering:3", "poacc:bis:billing:3"), "PEPPOL-T01-R031"),
        (("<cbc:Name>APLJ-1L</cbc:Name>", ""), "T01-required"),
        (("<cbc:ID>2</cbc:ID>", "<cbc:ID>1</cbc:ID>"), "PEPPOL-T01-R001"),
        (('<cbc:PriceAmount currencyID="GBP">', '<cbc:PriceAmount currencyID="EUR">'), "PEPPOL-T01-R003"),
        (('unitCode="C62">12<', 'unitCode="C62">-12<'), "PEPPOL-T01-R004"),
        ((">1.995<", ">-1.995<"), "PEPPOL-T01-R005"),
        (('<cbc:PayableAmount currencyID="GBP">29', '<cbc:PayableAmount currencyID="GBP">-29'), "PEPPOL-T01-R006"),
        (('<cbc:LineExtensionAmount currencyID="GBP">29', '<cbc:LineExtensionAmount currencyID="GBP">-29'),
         "PEPPOL-T01-R007"),
        (('<cbc:LineExtensionAmount currencyID="GBP">29.93', '<cbc:LineExtensionAmount currencyID="GBP">29.94'),
         "PEPPOL-T01-R008"),
        (('<cbc:TaxExclusiveAmount currencyID="GBP">29', '<cbc:TaxExclusiveAmount currencyID="GBP">30'),
         "PEPPOL-T01-R011"),
        (("<cac:Delivery>", f"<cac:OriginatorCustomerParty>{NAMELESS}</cac:OriginatorCustomerParty><cac:Delivery>"),
         "PEPPOL-T01-R014"),
        (("23.94<", "23.97<"), "PEPPOL-T01-R024"),
        (('<cbc:BaseQuantity unitCode="C62">1', '<cbc:BaseQuantity unitCode="C62">0'), "PEPPOL-T01-R025"),
        (("23.94<", "23.940<"), "PEPPOL-T01-R028"),
        (("<cac:OrderLine>", "<cac:AllowanceCharge><cbc:Amount>1</cbc:Amount></cac:AllowanceCharge><cac:OrderLine>"),
         "T01-without-allowances"),
        (("<cbc:RegistrationName>Buyer Ltd<", "<cbc:RegistrationName><"), "PEPPOL-COMMON-R001"),
        (("<cac:OrderLine>", "<cac:Contract/><cac:OrderLine>"), "PEPPOL-COMMON-R002"),
        (("2026-01-02<", "2026-01-02Z<"), "PEPPOL-COMMON-R030"),
        (("7300010000001", "7300010000002"), "PEPPOL-COMMON-R040"),
        (('schemeID="9999">seller', 'schemeID="0192">974760674'), "PEPPOL-COMMON-R041"),
        (('schemeID="9999">seller', 'schemeID="0208">0202239952'), "PEPPOL-COMMON-R043"),
        (('schemeID="9999">seller', 'schemeID="0007">553322110'), "PEPPOL-COMMON-R049"),
        (('schemeID="9999">seller', 'schemeID="0151">51824753557'), "PEPPOL-COMMON-R050"),
    ],
)  # fmt: skip
def test_order_is_held_against(change, rule):
    old, new = change
    body = document().decode()
    assert old in body
    with pytest.raises(ProtocolError, match=rule):
        hold_against(Xml.parse(body.replace(old, new, 1).encode(), "It", PREFIXES), ORDER_RULES)


# -- their answers --------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("name", "change", "rule"),
    [
        ("accepted", (BUYER_PARTY, ""), "PEPPOL-T76-R001 at Party"),
        ("accepted", (SELLER_PARTY, ""), "PEPPOL-T76-R002 at Party"),
        ("amended", ("<cbc:ID>2</cbc:ID>", "<cbc:ID>1</cbc:ID>"), "PEPPOL-T76-R003 at LineItem 1"),
        ("amended", ("<cbc:EndDate>2026-03-04", "<cbc:EndDate>2026-03-02"), "PEPPOL-T76-R004"),
        ("amended", ('currencyID="GBP"', 'currencyID="EUR"'), "PEPPOL-T76-R005"),
        ("accepted", ("order_response:3", "order_response_advanced:3"), "PEPPOL-T76-R006"),
        ("bad-amended-without-lines", ("", ""), "PEPPOL-T76-R007"),
        ("bad-rejected-with-lines", (">RE<", ">AP<"), "PEPPOL-T76-R008 at LineItem 1"),
        ("bad-rejected-with-lines", ("", ""), "PEPPOL-T76-R009 at LineItem 1"),
        ("bad-rejected-with-lines", (">RE<", ">AB<"), "PEPPOL-T76-R010 at LineItem 1"),
        ("accepted", ("<cac:OrderReference><cbc:ID>PO-1</cbc:ID></cac:OrderReference>", ""), "T76-required at ID"),
        ("amended", ("<cbc:LineStatusCode>3</cbc:LineStatusCode>", ""), "T76-required at LineStatusCode"),
        ("despatched", ("despatch_advice:3", "despatch_advice:2"), "PEPPOL-T16-R011"),
        ("despatched", ("SellersItemIdentification><cbc:ID>APLJ-1L</cbc:ID></cac:SellersItemIdentification",
                        "BuyersItemIdentification><cbc:ID>APLJ-1L</cbc:ID></cac:BuyersItemIdentification"),
         "PEPPOL-T16-R003 at DespatchLine 1"),
        ("despatched", ("<cbc:Name>Article</cbc:Name>", ""), "PEPPOL-T16-R004 at DespatchLine 1"),
        ("bad-negative", ("", ""), "PEPPOL-T16-R006 at DespatchLine 1"),
        ("despatched", ("<cac:Shipment>", f"<cac:BuyerCustomerParty>{NAMELESS}</cac:BuyerCustomerParty><cac:Shipment>"),
         "PEPPOL-T16-R008"),
        ("despatched",
         ("<cac:Shipment>", f"<cac:SellerSupplierParty>{NAMELESS}</cac:SellerSupplierParty><cac:Shipment>"),
         "PEPPOL-T16-R009"),
        ("despatched",
         ("<cac:Shipment>", f"<cac:OriginatorCustomerParty>{NAMELESS}</cac:OriginatorCustomerParty><cac:Shipment>"),
         "PEPPOL-T16-R010"),
        ("despatched", ("<cbc:LineID>1</cbc:LineID>", ""), "T16-required at LineID"),
    ],
)  # fmt: skip
def test_answer_is_held_against(name, change, rule):
    with pytest.raises(ProtocolError, match=rule):
        understood(fixture(name, change))


def test_all_breaches_are_told_and_the_many_are_counted():
    broken = fixture("amended").replace(b"<cbc:ID>", b"<cbc:ID> ").replace(b"<cbc:ID> 1<", b"<cbc:ID><")
    broken = broken.replace(b"Article", b"")
    with pytest.raises(ProtocolError, match=r"And \d+ more"):
        understood(broken)


@pytest.mark.parametrize(
    ("number", "right"), [("7300010000001", True), ("7300010000002", False), ("73x", False)]
)
def test_check_digit_of_a_gln(number, right):
    assert valid_gln(number) is right


@pytest.mark.parametrize(("number", "right"), [("974760673", True), ("974760674", False), ("12", False)])
def test_check_digit_of_a_norwegian_number(number, right):
    assert valid_norwegian(number) is right


@pytest.mark.parametrize(
    ("number", "right"), [("0202239951", True), ("0202239952", False), ("202239951", False)]
)
def test_check_digits_of_a_belgian_number(number, right):
    assert valid_belgian(number) is right


@pytest.mark.parametrize(
    ("number", "right"), [("5533221100", True), ("553322110", False), ("553322-110", False)]
)
def test_length_of_a_swedish_number(number, right):
    assert valid_swedish(number) is right


@pytest.mark.parametrize(
    ("number", "right"), [("51824753556", True), ("51824753557", False), ("5182475355", False)]
)
def test_check_digits_of_an_australian_number(number, right):
    assert valid_australian(number) is right


def test_blank_is_not_an_empty_element():
    body = fixture("accepted", ("<cbc:OrderResponseCode>", "<cbc:Note> </cbc:Note><cbc:OrderResponseCode>"))
    assert understood(body)[0].note == ""


def test_amounts_are_money_and_prices_may_be_finer():
    assert b'<cbc:LineExtensionAmount currencyID="GBP">5.99</cbc:LineExtensionAmount>' in document()
