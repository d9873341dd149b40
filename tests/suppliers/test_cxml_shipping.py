"""What a ShipNoticeRequest means."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from suppliers.exceptions import ProtocolError
from suppliers.messages import DespatchLine, DespatchStage, RawDocument
from tests.suppliers.cxml_documents import connector, document, portion, ship_notice

CONTROL = (
    '<ShipControl><CarrierIdentifier domain="SCAC">VANS</CarrierIdentifier>'
    '<CarrierIdentifier domain="companyName">Vans Ltd</CarrierIdentifier>'
    "<ShipmentIdentifier>V-77</ShipmentIdentifier></ShipControl>"
)
NOTICED_AT = datetime(2026, 3, 1, 12, tzinfo=UTC)


def read(request):
    raw = RawDocument(message_id="c-1", channel="callback", content_type="", body=document(request))
    return connector().parse_documents(raw)


def test_despatch_with_carrier_and_tracking():
    left = 'shipmentDate="2026-03-01T09:00:00+02:00" shipmentType="actual" operation="new"'
    (advice,) = read(ship_notice(portion(("1", "4"), ("2", "2.5")), header=left, control=CONTROL))
    assert (advice.buyer_reference, advice.despatch_id, advice.stage) == (
        "PO-1",
        "S-1",
        DespatchStage.SHIPPED,
    )
    assert advice.shipped_at == datetime(2026, 3, 1, 7, tzinfo=UTC)
    assert (advice.carrier, advice.tracking) == ("Vans Ltd", "V-77")
    assert advice.lines == (
        DespatchLine(line_number=1, quantity=Decimal(4)),
        DespatchLine(line_number=2, quantity=Decimal("2.5")),
    )


def test_one_notice_may_cover_several_orders_and_one_order_twice():
    advices = read(
        ship_notice(
            portion(("1", "4")), portion(("1", "1"), order="PO-2"), portion(("2", "1")), portion(order="PO-3")
        )
    )
    told = {advice.buyer_reference: [line.line_number for line in advice.lines] for advice in advices}
    assert told == {"PO-1": [1, 2], "PO-2": [1], "PO-3": []}
    assert {advice.shipped_at for advice in advices} == {NOTICED_AT}


def test_planned_shipment_has_not_left():
    (advice,) = read(ship_notice(portion(("1", "4")), header='shipmentType="planned"'))
    assert advice.stage is DespatchStage.PACKED


@pytest.mark.parametrize(("operation", "withdrawn"), [("update", False), ("delete", True)])
def test_correction_says_so(operation, withdrawn):
    (advice,) = read(ship_notice(portion(("1", "4")), header=f'operation="{operation}"'))
    assert (advice.corrects_from, advice.withdrawn) == (NOTICED_AT, withdrawn)


@pytest.mark.parametrize(
    ("request_xml", "place"),
    [
        (ship_notice(), "ShipNoticePortion"),
        (ship_notice(portion(("1", "4")), portion()), "whole and once more in part"),
        (ship_notice(portion(("1", "-4"))), "@quantity"),
        (ship_notice(portion(("", "4"))), "@lineNumber"),
        (ship_notice(portion(), header='operation="erase"'), "@operation"),
        (ship_notice(portion(), header='shipmentType="virtual"'), "@shipmentType"),
        (ship_notice(portion(), header='shipmentDate="1900-01-01T00:00:00Z"'), "@shipmentDate"),
        (ship_notice(portion()).replace('shipmentID="S-1"', ""), "@shipmentID"),
        (ship_notice(portion(order="")), "@orderID"),
    ],
)
def test_what_the_protocol_does_not_allow_is_refused_with_the_place(request_xml, place):
    with pytest.raises(ProtocolError) as caught:
        read(request_xml)
    assert place in str(caught.value)
