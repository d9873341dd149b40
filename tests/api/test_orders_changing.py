"""Changing orders over the API: the same rules and permissions as on the pages."""

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User
from rest_framework.test import APIClient

from orders.models import Amendment, Approval, PurchaseOrder, Status, TransferJob
from suppliers.models import SupplierAccount
from tests.orders.factories import make_offer, make_order, make_supplier

pytestmark = pytest.mark.django_db
SignIn = Callable[[str], APIClient]


@pytest.fixture
def buyer(as_role: SignIn) -> APIClient:
    return as_role("Buyer")


@pytest.fixture
def approver(as_role: SignIn) -> APIClient:
    return as_role("Approver")


@pytest.fixture
def order(db: None) -> PurchaseOrder:
    return make_order()


def post(client: APIClient, order: PurchaseOrder, operation: str, **body: Any) -> Any:
    return client.post(f"/api/orders/{order.number}/{operation}/", body, format="json")


def patch(client: APIClient, order: PurchaseOrder, body: Any) -> Any:
    return client.patch(f"/api/orders/{order.number}/", body, format="json")


def test_edit_rounds_to_packs_and_says_so(buyer: APIClient) -> None:
    supplier = make_supplier()
    order = make_order(supplier=supplier, lines=1)
    offer = make_offer(supplier, pack="6")
    order.lines.update(supplier_product=offer, product=offer.product)
    answer = patch(buyer, order, {"version": 0, "lines": [{"line_number": 1, "quantity": "13"}]})
    assert answer.status_code == 200
    assert answer.json()["lines"][0]["quantity"] == "18.0000"
    assert answer.json()["notes"] == ["Line 1: 13 → 18, pack of 6."]
    assert answer.json()["version"] == 1


@pytest.mark.parametrize(
    ("body", "status", "field"),
    [
        ({}, 400, "version"),
        ({"version": "x"}, 400, "version"),
        ({"version": -1}, 400, "version"),
        ({"version": 99}, 409, ""),
        ({"version": 0, "lines": [{"line_number": 1, "quantity": "-1"}]}, 400, "lines.1.quantity"),
        ({"version": 0, "lines": [{"line_number": 1, "quantity": "NaN"}]}, 400, "lines.1.quantity"),
        ({"version": 0, "lines": [{"line_number": 1, "quantity": "1e30"}]}, 400, "lines.1.quantity"),
        ({"version": 0, "lines": [{"line_number": 1, "quantity": "ten"}]}, 400, "lines.1.quantity"),
        ({"version": 0, "lines": [{"quantity": "1"}]}, 400, "lines.1.line_number"),
        ({"version": 0, "lines": [{"line_number": 7, "quantity": "1"}]}, 400, "lines"),
        ({"version": 0, "lines": [{"line_number": 1, "quantity": "1"}] * 2}, 400, "lines"),
        ({"version": 0, "lines": "all"}, 400, "lines"),
        (
            {"version": 0, "lines": [{"line_number": n, "quantity": "0"} for n in (1, 2)]},
            400,
            "quantity",
        ),
        ({"version": 0, "requested_date": "2001-01-01"}, 400, "requested_date"),
        ({"version": 0, "requested_date": "soon"}, 400, "requested_date"),
        ({"version": 0, "note": "x" * 1001}, 400, "note"),
        ({"version": 0, "note": "a\x00b"}, 400, "note"),
        (["version"], 400, ""),
    ],
)
def test_edit_is_refused_with_the_field_named_and_nothing_saved(
    body: Any, status: int, field: str, buyer: APIClient, order: PurchaseOrder
) -> None:
    answer = patch(buyer, order, body)
    assert answer.status_code == status, answer.json()
    assert answer.json()["message"]
    assert set(answer.json().get("fields", {"": 0})) == {field}
    order.refresh_from_db()
    assert order.version == 0
    assert set(order.lines.values_list("quantity", flat=True)) == {10}


@pytest.mark.parametrize("raw", ["{", "\xff", '{"version": 0'])
def test_edit_is_refused_when_the_body_is_not_json(raw: str, buyer: APIClient, order: PurchaseOrder) -> None:
    answer = buyer.patch(
        f"/api/orders/{order.number}/", raw.encode("latin-1"), content_type="application/json"
    )
    assert answer.status_code == 400
    assert answer.json()["error"] == "ParseError"


def test_approve_queues_the_transfer(approver: APIClient, order: PurchaseOrder) -> None:
    answer = post(approver, order, "approve", version=0, comment="Fine")
    assert answer.status_code == 202
    assert answer.json()["transfer"]["status"] == "queued"
    assert answer.json()["decision"]["comment"] == "Fine"
    assert TransferJob.objects.get().order == order


def test_approve_is_refused_when_repeated_or_seen_in_another_version(
    approver: APIClient, order: PurchaseOrder
) -> None:
    assert post(approver, order, "approve", version=5).status_code == 409
    assert post(approver, order, "approve", version=0).status_code == 202
    assert post(approver, order, "approve", version=1).status_code == 409
    assert Approval.objects.count() == 1


def test_approve_is_refused_to_who_edited_last(approver: APIClient, order: PurchaseOrder) -> None:
    PurchaseOrder.objects.update(last_edited_by=User.objects.get(username__startswith="approver"))
    answer = post(approver, order, "approve", version=0)
    assert answer.status_code == 403
    assert "somebody else has to approve" in answer.json()["message"]


def test_return_needs_a_reason_and_keeps_the_draft(approver: APIClient, order: PurchaseOrder) -> None:
    assert set(post(approver, order, "return", version=0).json()["fields"]) == {"reason"}
    assert post(approver, order, "return", version=0, reason=" ").status_code == 400
    answer = post(approver, order, "return", version=0, reason="Too much")
    assert answer.status_code == 200
    assert (answer.json()["status"], answer.json()["decision"]["decision"]) == ("draft", "returned")


def test_cancelled_order_is_replaced_once(buyer: APIClient, order: PurchaseOrder) -> None:
    assert post(buyer, order, "replace").status_code == 409
    assert post(buyer, order, "cancel", version=0, reason="Not needed").json()["status"] == "cancelled"
    assert post(buyer, order, "cancel", version=1, reason="Again").status_code == 409
    answer = post(buyer, order, "replace")
    assert answer.status_code == 201
    assert answer.json()["replaces"] == order.number
    assert post(buyer, order, "replace").status_code == 409


def test_withdraw_is_for_orders_the_supplier_has(buyer: APIClient, order: PurchaseOrder) -> None:
    agreed = {"version": 0, "reason": "Ann at the supplier agreed"}
    assert post(buyer, order, "withdraw", **agreed).status_code == 409
    PurchaseOrder.objects.update(status=Status.TRANSFERRED)
    assert set(post(buyer, order, "withdraw", reason="Ann agreed").json()["fields"]) == {"version"}
    assert post(buyer, order, "withdraw", version=7, reason="Ann agreed").status_code == 409
    answer = post(buyer, order, "withdraw", **agreed)
    assert answer.json()["status"] == "cancelled"


def test_supplier_is_asked_to_cancel_and_its_word_written_down(
    buyer: APIClient, order: PurchaseOrder
) -> None:
    settings = {"order_url": "https://alder.example/", "cancel_url": "https://alder.example/{reference}"}
    SupplierAccount.objects.filter(supplier=order.supplier).update(protocol="rest", settings=settings)
    PurchaseOrder.objects.update(status=Status.TRANSFERRED)
    told = {"outcome": "refused", "words": "Ann", "attempt": 0}
    assert post(buyer, order, "amendment-outcome", **told).status_code == 409
    assert post(buyer, order, "ask-to-cancel", version=3, reason="By mistake").status_code == 409
    answer = post(buyer, order, "ask-to-cancel", version=0, reason="By mistake")
    assert answer.status_code == 202
    assert [(a["kind"], a["status"]) for a in answer.json()["amendments"]] == [("cancel", "queued")]
    Amendment.objects.update(status="asked", next_run_at=None)
    assert set(post(buyer, order, "amendment-outcome").json()["fields"]) == {"outcome", "words", "attempt"}
    answer = post(buyer, order, "amendment-outcome", **told)
    assert (answer.json()["status"], answer.json()["amendments"][0]["status"]) == ("transferred", "refused")


def test_supplier_is_asked_for_other_quantities(buyer: APIClient, order: PurchaseOrder) -> None:
    settings = {"url": "https://alder.example/", "our_identity": "us", "supplier_identity": "them"}
    SupplierAccount.objects.filter(supplier=order.supplier).update(protocol="cxml", settings=settings)
    PurchaseOrder.objects.update(status=Status.CONFIRMED)
    asked = {"version": 0, "reason": "More", "lines": [{"line_number": 2, "quantity": "40"}]}
    assert set(post(buyer, order, "ask-to-change").json()["fields"]) == {"version", "reason", "lines"}
    assert post(buyer, order, "ask-to-change", **(asked | {"version": 1})).status_code == 409
    wrong = [{"line_number": 9, "quantity": "40"}]
    assert post(buyer, order, "ask-to-change", **(asked | {"lines": wrong})).status_code == 400
    answer = post(buyer, order, "ask-to-change", **asked)
    assert answer.status_code == 202
    (amendment,) = answer.json()["amendments"]
    assert (amendment["kind"], amendment["lines"][0]["quantity"]) == ("change", "40.0000")


def test_failed_transfer_is_retried(approver: APIClient, order: PurchaseOrder) -> None:
    assert post(approver, order, "retry").status_code == 409
    post(approver, order, "approve", version=0)
    TransferJob.objects.update(status=TransferJob.Status.FAILED)
    assert post(approver, order, "retry").json()["transfer"]["status"] == "queued"
    assert TransferJob.objects.count() == 2


def test_unknown_transfer_is_looked_up_or_decided(buyer: APIClient, order: PurchaseOrder) -> None:
    assert post(buyer, order, "look-up").status_code == 409
    order.transfers.create(status=TransferJob.Status.UNKNOWN)
    assert post(buyer, order, "look-up").status_code == 202
    assert set(post(buyer, order, "decide").json()["fields"]) == {"arrived"}
    answer = post(buyer, order, "decide", arrived=True, supplier_reference="S-7")
    assert (answer.json()["status"], answer.json()["supplier_reference"]) == ("transferred", "S-7")
    assert post(buyer, order, "decide", arrived=False).status_code == 409


BUYING = ("cancel", "ask-to-cancel", "ask-to-change", "withdraw", "replace")
APPROVING = ("approve", "return")


@pytest.mark.parametrize(
    ("role", "operations"),
    [
        ("Buyer", APPROVING),
        ("Approver", BUYING),
        ("Administrator", (*BUYING, *APPROVING, "retry", "look-up", "decide")),
    ],
)
def test_operation_is_refused_to_the_wrong_role(
    role: str, operations: tuple[str, ...], as_role: SignIn, order: PurchaseOrder
) -> None:
    client = as_role(role)
    for operation in operations:
        answer = post(client, order, operation, version=0, reason="x", arrived=True)
        assert answer.status_code == 403, operation
        assert answer.json()["message"] == "Your role does not allow this."
    if role != "Buyer":
        assert patch(client, order, {"version": 0}).status_code == 403
    order.refresh_from_db()
    assert (order.version, order.status) == (0, "draft")


def test_operation_is_refused_without_a_csrf_token_in_a_browser_session(
    as_role: SignIn, order: PurchaseOrder
) -> None:
    as_role("Approver")
    client = APIClient(enforce_csrf_checks=True)
    client.force_login(User.objects.get(username__startswith="approver"))
    assert post(client, order, "approve", version=0).status_code == 403
    assert not Approval.objects.exists()
