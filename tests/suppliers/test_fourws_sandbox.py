"""The sandbox's 4ws.trade suite: strict about form, and what it makes of documents."""

import json
from copy import deepcopy
from datetime import UTC, datetime

import pytest
import requests

from orders.answers import fold
from orders.truth import AskedLine
from suppliers.connectors.base import CallbackRequest
from suppliers.exceptions import AuthenticationFailed
from suppliers.messages import Decision
from suppliers.models import Supplier
from suppliers.sandbox.server import SandboxServer
from suppliers.services.connections import connector_for
from tests.fixtures.sandbox import CLIENT_SECRET, sandbox_world, supplier_create
from tests.suppliers.fourws import shared_order

DOCUMENT = {
    "documentHeader": {
        "id": "PO-1",
        "branchCode": 2,
        "buyerCode": 2,
        "currency": "GBP",
        "supplierCode": "S1",
        "documentType": "PURCHASE",
        "documentDate": "2026-03-01 09:00:00",
    },
    "documentRows": [{"itemCode": "APLJ-1L", "quantity1": 6, "taxRate": 22, "priceSale": 3.9}],
    "callback": "http://127.0.0.1:9/PO-1/x",
}
ELEVEN = tuple((f"P{number}", "6") for number in range(1, 12))


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    world = sandbox_world(protocol="fourws")
    with SandboxServer([world], ledger=tmp_path_factory.mktemp("suite") / "ledger.sqlite3") as server:
        yield server


@pytest.fixture
def supplier(db, server) -> Supplier:
    return supplier_create(server)


def save(server, document, token=CLIENT_SECRET):
    url = server.account_settings("greengrocer")["save_purchase_url"]
    return requests.post(
        url, data=json.dumps(document), headers={"Authorization": f"Bearer {token}"}, timeout=5
    )


def changed(place, value):
    document = deepcopy(DOCUMENT)
    *way, last = place
    inner = document
    for step in way:
        inner = inner[step]
    inner[last] = value
    return document


def said(server):
    waiting = server.callbacks_waiting()
    for callback in waiting:
        server.callback_delivered(callback)
    return [(callback.address, json.loads(callback.body)) for callback in waiting]


def test_document_that_is_made_is_told_at_its_address(server):
    assert save(server, DOCUMENT).json() == {"id": "PO-1"}
    assert said(server) == [("http://127.0.0.1:9/PO-1/x", {"success": True, "id": "PO-1"})]


@pytest.mark.parametrize(
    ("place", "value", "words"),
    [
        (["documentRows", 0, "itemCode"], "NONE-1", "item NONE-1 not found"),
        (["documentRows", 0, "priceSale"], 0, "no selling price"),
        (["documentRows", 0, "quantity1"], 7, "no multiple of the pack"),
        (["documentRows", 0, "quantity1"], 60000, "left"),
    ],
)
def test_document_that_is_not_made_is_taken_and_its_failure_told(server, place, value, words):
    assert save(server, changed(place, value)).status_code == 200
    ((_, told),) = said(server)
    assert (told["success"], "id" in told) == (False, False)
    assert words in told["message"]


@pytest.mark.parametrize(
    ("place", "value"),
    [
        (["documentHeader"], None),
        (["documentHeader", "id"], ""),
        (["documentHeader", "branchCode"], "2"),
        (["documentHeader", "buyerCode"], 2.5),
        (["documentHeader", "documentType"], "SALE"),
        (["documentHeader", "documentStatus"], "DRAFT"),
        (["documentHeader", "documentDate"], "2026-03-01T09:00:00Z"),
        (["documentHeader", "reserved"], [{"type": "SHOP", "code": "1"}] * 11),
        (["documentHeader", "reserved"], [{"type": "VAN", "code": "1"}]),
        (["documentRows"], []),
        (["documentRows", 0, "quantity1"], "6"),
        (["documentRows", 0, "quantity2"], 6),
        (["documentRows", 0, "quantity11"], 6),
        (["documentRows", 0, "taxRate"], -1),
        (["callback"], "somewhere"),
    ],
    ids=str,
)
def test_document_of_another_form_is_refused_at_once(server, place, value):
    answer = save(server, changed(place, value))
    assert (answer.status_code, answer.json()["success"]) == (400, False)
    assert said(server) == []


def test_wrong_token_is_refused_also_when_only_asked(server, supplier):
    assert save(server, DOCUMENT, token="guess").status_code == 401
    supplier.account.credentials.filter(name="api_token").update(retired_at=datetime(2020, 1, 1, tzinfo=UTC))
    supplier.account.credentials.create(name="api_token", value="another-token")
    with connector_for(supplier) as connector, pytest.raises(AuthenticationFailed):
        connector.check()


def test_order_for_eleven_places_is_confirmed_once_both_documents_are_made(server, supplier):
    places = ", ".join(f"{place}=SHOP:{number}" for number, (place, _) in enumerate(ELEVEN, 1))
    supplier.account.settings["places"] = places
    supplier.account.save()
    order = shared_order(*ELEVEN)
    with connector_for(supplier) as connector:
        acknowledgement = connector.submit_order(order)
        answers = []
        for waiting in server.callbacks_waiting():
            server.callback_delivered(waiting)
            path = waiting.address.removeprefix(connector.config.callback_url)
            request = CallbackRequest(headers={}, body=waiting.body, received_at=datetime.now(UTC), path=path)
            answers += connector.parse_documents(connector.verify_callback(request))
    assert "2 documents" in acknowledgement.note
    assert [answer.buyer_reference for answer in answers] == [order.buyer_reference] * 2
    (line,) = order.lines
    asked = [AskedLine(1, line.supplier_sku, line.quantity, line.unit_price)]
    assert fold(asked, answers[:1], [], currency="GBP").decision is Decision.RECEIVED
    whole = fold(asked, answers, [], currency="GBP")
    assert (whole.decision, whole.lines[1].quantity) == (Decision.CONFIRMED, 66)
