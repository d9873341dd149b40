"""The sandbox as a server: its ledger, its switches, and answers to requests that make no sense."""

import json
import sqlite3
from decimal import Decimal

import pytest
import requests

from suppliers.sandbox.faults import Fault, Faults, Kind
from suppliers.sandbox.world import WorldError, supplier_read, world_load
from suppliers.services.connections import connector_for
from tests.fixtures.sandbox import CLIENT_SECRET, sandbox_world, supplier_file
from tests.suppliers.orders import order_of


@pytest.fixture
def http():
    with requests.Session() as session:
        yield session


def token(http, sandbox):
    answer = http.post(
        f"{sandbox.origin}/v2/token",
        auth=("client-1", CLIENT_SECRET),
        data={"grant_type": "client_credentials"},
    )
    return {"Authorization": f"Bearer {answer.json()['access_token']}"}


def test_ledger_address_counts_receipts_and_effects(http, sandbox, sandbox_supplier):
    with connector_for(sandbox_supplier) as connector:
        for _ in range(2):
            connector.submit_order(order_of(("APLJ-1L", "6")))
    told = http.get(f"{sandbox.origin}/_sandbox/ledger").json()
    assert told["orders"] == [
        {
            "supplier": "greengrocer",
            "reference": "PO-2026-0001",
            "received": 2,
            "effects": 1,
            "supplier_order_id": "SO-PO-2026-0001",
            "total": "16.50",
        }
    ]
    assert told["callbacks_waiting"] == 2


def test_ledger_keeps_every_receipt_as_it_came(sandbox, sandbox_supplier, tmp_path):
    with connector_for(sandbox_supplier) as connector:
        connector.submit_order(order_of(("APLJ-1L", "6")))
    with sqlite3.connect(tmp_path / "ledger.sqlite3") as ledger:
        rows = ledger.execute("SELECT reference, effect, answer, body FROM receipts").fetchall()
    ledger.close()
    assert [row[:3] for row in rows] == [("PO-2026-0001", 1, "201")]
    assert json.loads(rows[0][3])["customer_order_id"] == "PO-2026-0001"


def test_faults_are_set_listed_and_cleared_at_run_time(http, sandbox):
    address = f"{sandbox.origin}/_sandbox/faults"
    fault = {"kind": "rate_limited", "operation": "price", "count": 1, "seconds": 2}
    assert http.put(address, json=[fault]).json()["faults"][0]["kind"] == "rate_limited"
    assert len(http.get(address).json()["faults"]) == 1
    assert http.delete(address).json() == {"faults": []}


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{}",
        b'["x"]',
        b"[{}]",
        b'[{"kind": "unheard_of"}]',
        b'[{"kind": "latency", "x": 1}]',
        b'[{"kind": "latency", "seconds": "long"}]',
        b'[{"kind": "latency", "skus": 5}]',
        b'[{"kind": "latency", "operation": 5}]',
    ],
)
def test_faults_that_make_no_sense_are_refused(http, sandbox, body):
    answer = http.put(f"{sandbox.origin}/_sandbox/faults", data=body)
    assert answer.status_code == 400
    assert "Not faults" in answer.json()["error"]["message"]


def test_fault_strikes_as_often_as_asked_and_where_asked():
    faults = Faults()
    faults.set(Fault(kind=Kind.LATENCY, operation="price", supplier="a", count=2))
    assert [bool(faults.take("a", "price")) for _ in range(3)] == [True, True, False]
    assert not faults.take("b", "price")
    assert not faults.take("a", "stock")


def test_fault_by_probability_repeats_with_its_seed():
    def run():
        faults = Faults()
        faults.set(Fault(kind=Kind.LATENCY, probability=0.3, seed=4))
        return [bool(faults.take("a", "price")) for _ in range(200)]

    assert run() == run()
    assert 30 < sum(run()) < 90


def test_connections_are_kept_alive(http, sandbox):
    for _ in range(3):
        http.get(f"{sandbox.origin}/_sandbox/ledger")
    (pool,) = http.get_adapter(sandbox.origin).poolmanager.pools._container.values()
    assert (pool.num_connections, pool.num_requests) == (1, 3)


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/", 404),
        ("/_sandbox/nothing", 404),
        ("/v2/suppliers/nobody/customers/cust-1/products", 404),
        ("/v2/suppliers/sup-1/customers/cust-1/products/gone/price?quantity=1", 404),
        ("/v2/suppliers/sup-1/customers/cust-1/products/0a6f0d1e-rice/price", 400),
        ("/v2/suppliers/sup-1/customers/cust-1/products/0a6f0d1e-rice/price?quantity=-1", 400),
        ("/v2/suppliers/sup-1/customers/cust-1/products/0a6f0d1e-rice/price?quantity=NaN", 400),
        ("/v2/suppliers/sup-1/customers/somebody/products", 403),
    ],
)
def test_requests_that_make_no_sense_are_answered(http, sandbox, path, status):
    assert http.get(sandbox.origin + path, headers=token(http, sandbox)).status_code == status


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"{}",
        b'{"customer_order_id": "A"}',
        b'{"customer_order_id": "A", "line_items": []}',
        b'{"customer_order_id": "A", "line_items": [5]}',
        b'{"customer_order_id": "A", "line_items": [{"supplier_product_id": "RICE-5", "quantity": 9}]}',
        b'{"customer_order_id": "A", "line_items": '
        b'[{"supplier_product_id": "RICE-5", "unit_of_measure": "each", "quantity": "9"}]}',
    ],
)
def test_orders_that_make_no_sense_are_refused(http, sandbox, body):
    orders = f"{sandbox.origin}/v2/suppliers/sup-1/customers/cust-1/orders"
    assert http.post(orders, headers=token(http, sandbox), data=body).status_code == 400


def test_wrong_or_missing_credentials_get_no_token(http, sandbox):
    address = f"{sandbox.origin}/v2/token"
    form = {"grant_type": "client_credentials"}
    assert http.post(address, data=form).status_code == 401
    assert http.post(address, data=form, auth=("client-1", "wrong")).status_code == 401
    assert http.post(address, data=form, headers={"Authorization": "Basic %%%"}).status_code == 401
    assert (
        http.post(address, auth=("client-1", CLIENT_SECRET), data={"grant_type": "password"}).status_code
        == 400
    )


def test_oversized_request_is_refused(http, sandbox):
    answer = http.post(f"{sandbox.origin}/v2/token", data=b"", headers={"Content-Length": str(10**9)})
    assert answer.status_code == 413


def test_world_is_read_from_a_folder(tmp_path):
    (tmp_path / "a.json").write_text(json.dumps(supplier_file()))
    (supplier,) = world_load(tmp_path)
    assert supplier.products[0].price_at(Decimal(29)) == Decimal("2.00")
    assert supplier.products[0].price_at(Decimal(30)) == Decimal("1.80")
    assert CLIENT_SECRET not in repr(supplier)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"code": None}, "code must be a text"),
        ({"products": [{}]}, "tiers is missing"),
        ({"products": None}, "cannot be read"),
        ({"minimum_order_value": "much"}, "minimum_order_value must be a number from 0"),
        ({"behaviour": {"confirm": "sometimes"}}, "'sometimes' is not a valid Behaviour"),
    ],
)
def test_world_file_that_cannot_be_used_is_named(change, words):
    with pytest.raises(WorldError, match=f"shop.json.*{words}"):
        supplier_read(json.dumps(supplier_file(**change)), "shop.json")


def test_world_without_suppliers_or_with_doubles_is_refused(tmp_path):
    with pytest.raises(WorldError, match="There is no"):
        world_load(tmp_path)
    for name in ("a", "b"):
        (tmp_path / f"{name}.json").write_text(json.dumps(supplier_file()))
    with pytest.raises(WorldError, match="share the code 'greengrocer'"):
        world_load(tmp_path)


def test_stock_is_not_sold_twice_by_two_orders_at_once(sandbox):
    from concurrent.futures import ThreadPoolExecutor

    world = sandbox_world()
    app = sandbox.app
    with requests.Session() as http:
        headers = token(http, sandbox)

    def order(number):
        with requests.Session() as http:
            body = {
                "customer_order_id": f"PO-{number}",
                "line_items": [{"supplier_product_id": "OILS-1", "unit_of_measure": "each", "quantity": 2}],
            }
            address = f"{sandbox.origin}/v2/suppliers/sup-1/customers/cust-1/orders"
            return http.post(address, json=body, headers=headers).status_code

    with ThreadPoolExecutor(8) as pool:
        statuses = list(pool.map(order, range(8)))
    assert sorted(statuses) == [201, 201, *[422] * 6]
    assert app.ledger.quantity_taken(world.code, "OILS-1") == 4
