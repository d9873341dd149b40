"""What goes out as cXML, and what the status inside the answer means."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from suppliers.connectors.cxml.reading import attribute, content, document_read
from suppliers.exceptions import (
    AuthenticationFailed,
    OutcomeUnknown,
    ProtocolError,
    RateLimited,
    SupplierUnavailable,
)
from suppliers.messages import Address, Decision
from tests.suppliers.cxml_documents import OURS, connector, reply
from tests.suppliers.orders import order_of
from tests.suppliers.wire import Wire, http, saying

ORDER = order_of(("APLJ-1L", "12"), ("RICE-5", "2.5"), price="2.10")


def sent(wire, number=0):
    return document_read(wire.requests[number].partition(b"\r\n\r\n")[2], "What was sent")


def test_order_holds_what_the_supplier_needs():
    line = replace(
        ORDER.lines[0], description="Juice & <water>\x0b", requested_date=date(2026, 3, 9), note="Cold."
    )
    place = Address(
        name="Depot", code="D1", line1="Quay 1", city="Hull", postcode="HU1", country="GB", contact="Jo"
    )
    order = replace(ORDER, lines=(line, ORDER.lines[1]), deliver_to=place, note="Ring twice.")
    with Wire(saying(http(200, reply("200")))) as wire, connector(wire.url) as one:
        one.submit_order(order)
    root = sent(wire)
    header = root.get("Request/OrderRequest/OrderRequestHeader")
    assert attribute(root, "payloadID").value == "PO-2026-0001.1@procurement"
    assert root.get("Request").attribute("deploymentMode") == "production"
    assert content(root.get("Header/Sender/Credential/SharedSecret")).value == OURS
    assert content(root.get("Header/To/Credential/Identity")).value == "77"
    said = {name: header.attribute(name) for name in ("orderID", "type", "orderVersion", "orderDate")}
    assert said == {
        "orderID": "PO-2026-0001", "type": "new", "orderVersion": "1", "orderDate": "2026-01-02T09:00:00+00:00",
    }  # fmt: skip
    assert content(header.get("Total/Money")).number() == Decimal("30.45")
    assert header.get("Total/Money").attribute("currency") == "GBP"
    assert [found.tag for found in header.all("*")] == ["Total", "ShipTo", "BillTo", "Comments"]
    postal = header.get("ShipTo/Address/PostalAddress")
    assert [content(found).value for found in postal.all("*")] == ["Jo", "Quay 1", "Hull", "HU1", "GB"]
    first, second = root.get("Request/OrderRequest").all("ItemOut")
    assert (first.attribute("lineNumber"), first.attribute("quantity")) == ("1", "12")
    assert first.attribute("requestedDeliveryDate") == "2026-03-09"
    assert second.attribute("quantity") == "2.5"
    assert content(first.get("ItemID/SupplierPartID")).value == "APLJ-1L"
    assert [found.tag for found in first.get("ItemDetail").all("*")] == [
        "UnitPrice", "Description", "UnitOfMeasure", "Classification",
    ]  # fmt: skip
    assert content(first.get("ItemDetail/Description")).value == "Juice & <water>"


def test_every_attempt_has_the_same_id_and_followers_name_the_one_before():
    journal = []
    with Wire(saying(http(200, reply("200")))) as wire, connector(wire.url, journal) as one:
        one.submit_order(ORDER)
        one.submit_order(ORDER)
        changed = one.change_order(replace(ORDER, version=2))
        answer = one.cancel_order(replace(ORDER, version=2), "Not needed.")
    assert wire.requests[0] == wire.requests[1]
    ids = [attribute(sent(wire, number), "payloadID").value for number in range(4)]
    assert ids == [f"PO-2026-0001.{version}@procurement" for version in (1, 1, 2, 3)]
    assert [call.message_id for call in journal] == ids
    headers = [sent(wire, number).get("Request/OrderRequest/OrderRequestHeader") for number in (2, 3)]
    assert [header.attribute("type") for header in headers] == ["update", "delete"]
    assert [header.get("DocumentReference").attribute("payloadID") for header in headers] == ids[1:3]
    assert content(headers[1].get("Comments")).value == "Not needed."
    assert changed.raw.message_id == "reply:PO-2026-0001:2"
    assert one.parse_documents(changed.raw)[0].buyer_reference == "PO-2026-0001"
    assert answer.decision is Decision.RECEIVED, "that it was received is no word on the cancellation"


def test_accepted_delete_is_the_end_where_the_supplier_means_it_so():
    with Wire(saying(http(200, reply("200")))) as wire, connector(wire.url, delete_is_final="yes") as one:
        assert one.cancel_order(ORDER, "Not needed.").decision is Decision.REJECTED


@pytest.mark.parametrize(
    ("code", "error"),
    [
        ("400", ProtocolError),
        ("406", ProtocolError),
        ("401", AuthenticationFailed),
        ("403", AuthenticationFailed),
        ("429", RateLimited),
        ("408", OutcomeUnknown),
        ("409", OutcomeUnknown),
        ("500", OutcomeUnknown),
        ("560", OutcomeUnknown),
        ("302", OutcomeUnknown),
        ("000", OutcomeUnknown),
        ("ok", OutcomeUnknown),
        ("٢٠٠", OutcomeUnknown),
    ],
)
def test_status_inside_http_200_decides(code, error):
    body = reply(code, f"No such part; we hold {OURS}.")
    with Wire(saying(http(200, body))) as wire, connector(wire.url) as one:
        with pytest.raises(error) as caught:
            one.submit_order(ORDER)
        assert len(wire.requests) == 1
    assert type(caught.value) is error
    assert OURS not in str(caught.value)


@pytest.mark.parametrize("code", ["200", "201", "280"])
def test_any_2xx_means_that_the_supplier_has_it(code):
    with Wire(saying(http(200, reply(code)))) as wire, connector(wire.url) as one:
        acknowledgement = one.submit_order(ORDER)
        (response,) = one.parse_documents(acknowledgement.raw)
    assert (response.decision, response.buyer_reference) == (Decision.RECEIVED, "PO-2026-0001")


def test_status_that_proves_that_nothing_was_taken_may_be_sent_again():
    with Wire(saying(http(200, reply("560")))) as wire:
        one = connector(wire.url, not_taken="550, 560")
        with one, pytest.raises(SupplierUnavailable):
            one.submit_order(ORDER)


@pytest.mark.parametrize(
    "answer",
    [http(409, b""), http(500, reply("200")), http(200, b""), http(200, b"<html/>"), http(200, b"<cXML/>"),
     http(200, b'<!DOCTYPE cXML [<!ENTITY a "b">]>' + reply("200"))],
)  # fmt: skip
def test_answer_nobody_can_read_leaves_the_outcome_open(answer):
    with Wire(saying(answer)) as wire, connector(wire.url) as one, pytest.raises(OutcomeUnknown):
        one.submit_order(ORDER)


@pytest.mark.parametrize(
    ("answer", "error", "words"),
    [
        (http(400, reply("400", "No such part.")), ProtocolError, "No such part."),
        (http(403, b"<html>no</html>"), AuthenticationFailed, "HTTP 403"),
        (http(404, b""), ProtocolError, "HTTP 404"),
        (http(400, reply("500")), OutcomeUnknown, "status 500"),
        (http(400, reply("200")), OutcomeUnknown, "and yes"),
    ],
)
def test_http_refusal_is_told_in_the_words_of_the_document_inside(answer, error, words):
    with Wire(saying(answer)) as wire, connector(wire.url) as one, pytest.raises(error, match=words):
        one.submit_order(ORDER)


def test_line_without_a_price_is_not_sent():
    order = replace(ORDER, lines=(replace(ORDER.lines[0], unit_price=None),))
    with Wire(saying(http(200, reply("200")))) as wire, connector(wire.url) as one:
        with pytest.raises(ProtocolError, match="no price"):
            one.submit_order(order)
        assert wire.requests == []


def test_secret_that_xml_writes_otherwise_is_in_no_journal_and_no_reply():
    secret, journal = 'top&"secret<1', []
    echo = reply("200", "<Sender><SharedSecret>unheard-of</SharedSecret></Sender> top&amp;&quot;secret&lt;1")
    with Wire(saying(http(200, echo))) as wire:
        with connector(wire.url, journal, {"shared_secret": (secret,)}) as one:
            acknowledgement = one.submit_order(ORDER)
        assert content(sent(wire).get("Header/Sender/Credential/SharedSecret")).value == secret
    shown = acknowledgement.raw.body + b"".join(call.request_body + call.response_body for call in journal)
    assert b"secret&lt;1" not in shown
    assert b"unheard-of" not in shown


@pytest.mark.parametrize(
    ("code", "words"),
    [("200", "knows 12"), ("450", "will show with the first order"), ("500", "first order")],
)
def test_check_says_what_was_seen(code, words):
    with Wire(saying(http(200, reply(code)))) as wire, connector(wire.url) as one:
        assert words in one.check()


def test_check_fails_where_our_secret_is_refused():
    with (
        Wire(saying(http(200, reply("401")))) as wire,
        connector(wire.url) as one,
        pytest.raises(AuthenticationFailed),
    ):
        one.check()


@pytest.mark.parametrize(
    ("name", "good", "bad"),
    [
        ("url", "https://a.example/cxml", "a.example"),
        ("shared_secret", "four", "abc"),
        ("callback_secret", "a b c d", " four"),
        ("classification", "UNSPSC=1", "UNSPSC"),
        ("not_taken", "550,560", "5xx"),
        ("not_taken", "", "200"),
        ("repeats_are_safe", "Yes", "maybe"),
        ("delete_is_final", "no", ""),
        ("deployment_mode", "test", "live"),
        ("dtd_version", "1.2.014", "2"),
        ("payload_host", "buyer.example", 'a"b'),
        ("timeout_seconds", "20", "nan"),
    ],
)
def test_value_that_cannot_be_right_is_explained(name, good, bad):
    problem = type(connector()).problem_with
    assert problem(name, good) == ""
    assert len(problem(name, bad)) > 10
