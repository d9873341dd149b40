"""Ordering at the hub takes several steps, and only the last one orders: whichever breaks, there is one order."""

import json
import time
from dataclasses import replace

import pytest
import responses

from suppliers.connectors.base import ConnectorConfig
from suppliers.connectors.zaikio.connector import ZaikioConnector
from suppliers.exceptions import NotDelivered, OutcomeUnknown, ProtocolError, RateLimited, SupplierUnavailable
from suppliers.messages import Decision, LineProblemKind, OrderRefusal, RawDocument
from suppliers.sandbox.faults import Fault, Kind
from tests.fixtures.sandbox import CLIENT_SECRET, sandbox_of
from tests.suppliers.orders import order_of

ORDER = order_of(("APLJ-1L", "12"), ("RICE-5", "3"))
API = "https://hub.example/api/v2"


@pytest.fixture
def server(tmp_path):
    with sandbox_of(tmp_path, protocol="zaikio") as server:
        yield server


@pytest.fixture
def connector(server, journal):
    config = ConnectorConfig(
        "greengrocer",
        "Greengrocer",
        settings=server.account_settings("greengrocer") | {"timeout_seconds": "0.5"},
        credentials={"client_id": ("client-1",), "client_secret": (CLIENT_SECRET,)},
        allow_private_network=True,
    )
    with ZaikioConnector(config, journal.append) as connector:
        yield connector


def effects(server):
    return sum(order["effects"] for order in server.ledger.summary()["orders"])


@pytest.mark.parametrize("operation", ["requirement", "draft"])
@pytest.mark.parametrize("kind", [Kind.ERROR_BEFORE, Kind.ERROR_AFTER, Kind.RESET_AFTER, Kind.RATE_LIMITED])
def test_failure_before_the_placing_may_be_tried_again(connector, server, operation, kind):
    server.faults.set(Fault(kind=kind, operation=operation, count=1, seconds=1))
    with pytest.raises((SupplierUnavailable, RateLimited)):
        connector.submit_order(ORDER)
    assert effects(server) == 0
    assert connector.submit_order(ORDER).supplier_reference
    assert effects(server) == 1


def test_draft_of_a_failed_attempt_is_withdrawn_and_cannot_be_placed_late(connector, server, journal):
    server.faults.set(Fault(kind=Kind.RESET_BEFORE, operation="submit", count=1))
    with pytest.raises(OutcomeUnknown):
        connector.submit_order(ORDER)
    late = next(call.url for call in journal if call.operation == "submit").split("/")[-2]
    assert connector.find_order(ORDER.buyer_reference) is None
    with pytest.raises(ProtocolError, match="404"):
        connector._client.place(late, ORDER.buyer_reference, started=time.monotonic())
    connector.submit_order(ORDER)
    assert effects(server) == 1


def test_order_whose_placing_got_no_answer_is_found_again(connector, server):
    server.faults.set(Fault(kind=Kind.RESET_AFTER, operation="submit", count=1))
    with pytest.raises(OutcomeUnknown):
        connector.submit_order(ORDER)
    found = connector.find_order(ORDER.buyer_reference)
    assert (found.decision, found.supplier_reference[:3]) == (Decision.RECEIVED, "CO/")
    assert connector.submit_order(ORDER).supplier_reference == found.supplier_reference
    assert effects(server) == 1


def test_order_is_found_behind_a_page_of_other_orders(connector, server):
    reader, client = connector._reader, connector._client
    body = reader.requirement(ORDER, ORDER.lines[0], connector.setting("supplier_id"), "APLJ-1L")
    required = client.prepare("requirement", "material_requirements", body, "PO-0").body
    for number in range(105):
        draft = reader.draft(replace(ORDER, buyer_reference=f"PO-{number}"), [json.loads(required)["id"]])
        client.prepare("draft", "orders", draft, f"PO-{number}")
    connector.submit_order(ORDER)
    assert connector.find_order(ORDER.buyer_reference) is not None
    assert connector.find_order("PO-7000") is None


@pytest.mark.parametrize("operation", ["requirement", "draft", "submit", "look_up"])
def test_token_that_expires_between_the_steps_is_renewed(connector, server, operation):
    connector.check()
    server.faults.set(Fault(kind=Kind.TOKEN_EXPIRED, operation=operation, count=1))
    connector.submit_order(ORDER)
    assert effects(server) == 1


def test_lines_that_cannot_be_ordered_come_back_and_nothing_is_ordered(connector, server):
    refusal = connector.submit_order(order_of(("APLJ-1L", "12"), ("GONE-1", "1")))
    assert isinstance(refusal, OrderRefusal)
    (problem,) = refusal.problems
    assert (problem.line_number, problem.kind) == (2, LineProblemKind.UNKNOWN_ITEM)
    assert "must exist" in problem.text
    assert effects(server) == 0


def test_order_that_the_hub_does_not_place_is_refused(connector, server):
    refusal = connector.submit_order(order_of(("OILS-1", "99")))
    assert isinstance(refusal, OrderRefusal)
    assert "none of the lines" in refusal.text
    assert effects(server) == 0


def test_cancelled_order_says_so_and_an_answered_one_does_not_cancel(connector, server):
    connector.submit_order(ORDER)
    assert connector.cancel_order(ORDER, "late").decision is Decision.REJECTED
    other = order_of(("RICE-5", "3"), reference="PO-2")
    connector.submit_order(other)
    server.callback_delivered(server.callbacks_waiting()[0])
    refusal = connector.cancel_order(other, "late")
    assert isinstance(refusal, OrderRefusal)
    assert "422" in refusal.text


def test_article_without_a_variant_id_is_named(server, connector):
    config = ConnectorConfig(
        "greengrocer",
        "Greengrocer",
        settings=dict(connector.config.settings) | {"variant_field": "external_id"},
        credentials=connector.config.credentials,
        allow_private_network=True,
    )
    with ZaikioConnector(config) as other, pytest.raises(ProtocolError, match="APLJ-1L has no external_id"):
        other.submit_order(ORDER)


# -- answers that the sandbox does not give ---------------------------------------------------------------
@pytest.fixture
def hub():
    with responses.RequestsMock(assert_all_requests_are_fired=False) as hub:
        hub.post("https://hub.example/token", json={"access_token": "hub-token-1", "expires_in": 600})
        yield hub


@pytest.fixture
def customer(hub):
    settings = {"base_url": API, "token_url": "https://hub.example/token", "organization": "Org/1",
                "supplier_id": "s-1", "most_pages": "2", "variant_field": "supplier_sku"}  # fmt: skip
    credentials = {"client_id": ("hub-client",), "client_secret": ("hub-secret",)}
    with ZaikioConnector(
        ConnectorConfig("acme", "Acme", settings=settings, credentials=credentials)
    ) as connector:
        yield connector


def listed(hub, *pages, total=None, count=None):
    there = {"Total-Pages": str(total or len(pages))}
    there["Total-Count"] = str(
        sum(len(page) for page in pages if isinstance(page, list)) if count is None else count
    )
    for page in pages:
        hub.get(f"{API}/orders", json=page, headers=there)


OURS = {"id": "o-1", "state": "transferred", "references": ["CO/1", "buyer:PO-2026-0001"]}


def test_scopes_are_asked_for_in_the_name_of_the_organisation(hub, customer):
    listed(hub, [])
    assert "Signed in for Org/1" in customer.check()
    assert (
        "scope=Org%2F1.procurement_consumer.orders.rw%2COrg%2F1.procurement"
        in hub.calls[0].request.body.decode()
    )


def test_order_is_found_on_a_later_page(hub, customer):
    listed(hub, [{"id": "x", "state": "of another time", "references": ["CO/9"]}], [OURS])
    hub.get(f"{API}/orders/o-1", json=OURS)
    assert customer.find_order(ORDER.buyer_reference).supplier_reference == "CO/1"


def test_more_orders_than_may_be_looked_through_prove_nothing(hub, customer):
    listed(hub, [], [], total=3)
    with pytest.raises(ProtocolError, match="more than 2 pages"):
        customer.find_order(ORDER.buyer_reference)


@pytest.mark.parametrize("headers", [{}, {"Total-Pages": "1"}, {"Total-Pages": "one", "Total-Count": "0"}])
def test_list_that_does_not_say_how_long_it_is_proves_nothing(hub, customer, headers):
    hub.get(f"{API}/orders", json=[], headers=headers)
    with pytest.raises(ProtocolError, match="does not say how many"):
        customer.find_order(ORDER.buyer_reference)


def test_order_that_moved_to_another_page_while_the_list_was_read_is_found(hub, customer):
    other = {"id": "x", "references": ["CO/9"]}
    # A draft of somebody else goes between the two questions, and all orders behind it move up.
    for page in ([{"id": "gone"}, other], []):
        hub.get(f"{API}/orders", json=page, headers={"Total-Pages": "2", "Total-Count": "3"})
    listed(hub, [other], [OURS], count=2)
    hub.get(f"{API}/orders/o-1", json=OURS)
    assert customer.find_order(ORDER.buyer_reference).supplier_reference == "CO/1"


def test_list_that_changes_each_time_it_is_read_proves_nothing(hub, customer):
    listed(hub, [{"id": "x"}], [{"id": "x"}], count=3)
    with pytest.raises(SupplierUnavailable, match="changed each time"):
        customer.find_order(ORDER.buyer_reference)


def test_orders_of_others_do_not_hide_ours_whatever_they_refer_to(hub, customer):
    odd = [[""], ["x" * 300], [None], [7], ["buyer:PO-8", "buyer:PO-9"], ["\x00"]]
    others = [{"id": f"x-{n}", "references": references} for n, references in enumerate(odd)]
    listed(hub, [*others, OURS])
    hub.get(f"{API}/orders/o-1", json=OURS)
    assert customer.find_order(ORDER.buyer_reference).supplier_reference == "CO/1"


@pytest.mark.parametrize("answer", [[OURS, OURS | {"id": "o-2"}], {"data": []}, [7], [{"references": 5}]])
def test_look_up_that_proves_nothing_is_an_error(hub, customer, answer):
    listed(hub, answer)
    with pytest.raises(ProtocolError):
        customer.find_order(ORDER.buyer_reference)


def test_draft_that_was_placed_meanwhile_is_the_order(hub, customer):
    listed(hub, [OURS | {"state": "draft"}])
    hub.delete(f"{API}/orders/o-1", status=422, json={"errors": {"state": ["is not draft"]}})
    hub.get(f"{API}/orders/o-1", json=OURS)
    assert customer.find_order(ORDER.buyer_reference).decision is Decision.RECEIVED


def test_time_to_wait_is_read_from_the_hubs_own_header(hub, customer):
    hub.get(f"{API}/orders", status=429, headers={"RateLimit-Reset": "99999999999"})
    with pytest.raises(RateLimited) as caught:
        customer.find_order(ORDER.buyer_reference)
    assert caught.value.retry_after.total_seconds() == 3600


def test_placing_that_cannot_be_read_is_an_unknown_outcome(hub, customer):
    listed(hub, [])
    hub.post(f"{API}/material_requirements", status=201, json={"id": "m-1"})
    hub.post(f"{API}/orders", status=201, json={"id": "o-1", "state": "draft"})
    hub.patch(f"{API}/orders/o-1/place", json=OURS | {"state": "draft"})
    with pytest.raises(OutcomeUnknown):
        customer.submit_order(ORDER)


def test_order_is_not_placed_when_its_preparation_took_too_long(hub, customer):
    with pytest.raises(NotDelivered, match="too long"):
        customer._client.place("o-1", "PO-1", started=float("-inf"))
    assert not [call for call in hub.calls if call.request.method == "PATCH"]


@pytest.mark.parametrize(
    "order",
    [OURS | {"state": "draft"}, {"id": "o-1", "state": "placed", "references": ["CO/1", "their:PO-1"]}],
)
def test_event_of_a_draft_or_of_an_order_that_people_made_there_is_no_news(hub, customer, order):
    hub.get(f"{API}/orders/o-1", json=order)
    event = {"id": "e-1", "name": "procurement_consumer.order_changed", "subject": "Org/1",
             "timestamp": "2026-03-01T12:00:00Z", "payload": {"order_id": "o-1"}}  # fmt: skip
    raw = RawDocument(message_id="e-1", channel="callback", content_type="", body=json.dumps(event).encode(),
                      headers={"received-at": "2026-03-01T12:00:05+00:00"})  # fmt: skip
    assert list(customer.fetch_announced(raw)) == []


# -- money ------------------------------------------------------------------------------------------------
def confirmed(customer, line, **pricing):
    order = OURS | {"state": "confirmed", "currency": "EUR", "pricing": pricing,
                    "order_line_items": [{"references": ["buyer:PO-2026-0001#1"]} | line]}  # fmt: skip
    raw = RawDocument(message_id="m-1", channel="lookup", content_type="", body=json.dumps(order).encode(),
                      headers={"received-at": "2026-03-01T12:00:00+00:00"})  # fmt: skip
    (response,) = customer.parse_documents(raw)
    return response


def test_fees_of_a_confirmed_order_are_charges(customer):
    line = {"amount": 1, "amount_in_base_unit": 50, "pricing": {"unit_net_price": "188.00"}}
    response = confirmed(customer, line, net_handling_fee="0.0", net_shipping_fee="12.50")
    assert [(charge.label, str(charge.amount)) for charge in response.charges] == [("Shipping", "12.5000")]


def test_price_of_a_pack_becomes_that_of_a_piece_and_says_where_it_is_rounded(customer):
    line = {"amount": 32, "amount_in_base_unit": 1024000, "pricing": {"unit_net_price": "47.60"}}
    (said,) = confirmed(customer, line).lines
    assert (said.quantity, str(said.unit_price), said.note) == (1024000, "0.0015", "1523.2 in all.")
    line = {"amount": 4, "amount_in_base_unit": 200, "pricing": {"unit_net_price": "188.00"}}
    (said,) = confirmed(customer, line).lines
    assert (said.quantity, str(said.unit_price), said.note) == (200, "3.7600", "")


@pytest.mark.parametrize("line", [{"amount": 4}, {"amount_in_base_unit": 200}, {}])
def test_price_of_an_unknown_number_of_pieces_is_left_to_a_person(customer, line):
    with pytest.raises(ProtocolError, match="what one costs"):
        confirmed(customer, line | {"pricing": {"unit_net_price": "188.00"}})


def test_line_that_will_not_come_needs_no_price(customer):
    line = {"amount": 0, "amount_in_base_unit": 0, "pricing": {"unit_net_price": "188.00"}}
    (said,) = confirmed(customer, line).lines
    assert (said.quantity, said.unit_price) == (0, None)
