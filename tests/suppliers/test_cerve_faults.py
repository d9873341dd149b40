"""Each thing that can go wrong with an order at the supplier: what we learn, and what is in its ledger."""

import time

import pytest

from suppliers.exceptions import NotDelivered, OutcomeUnknown, ProtocolError, RateLimited
from suppliers.sandbox.faults import Fault, Kind
from suppliers.services.connections import connector_for
from tests.fixtures.sandbox import sandbox_of, supplier_create
from tests.suppliers.orders import order_of

ORDER = order_of(("APLJ-1L", "6"))


@pytest.fixture
def impatient(db, sandbox):
    return supplier_create(sandbox, timeout_seconds="0.5")


def effects(sandbox, reference="PO-2026-0001"):
    (order,) = [o for o in sandbox.ledger.summary()["orders"] if o["reference"] == reference]
    return order["received"], order["effects"]


@pytest.mark.parametrize(
    ("fault", "expected", "in_ledger"),
    [
        (Fault(kind=Kind.ERROR_BEFORE), OutcomeUnknown, (1, 0)),
        (Fault(kind=Kind.ERROR_BEFORE, status=503), OutcomeUnknown, (1, 0)),
        (Fault(kind=Kind.ERROR_AFTER), OutcomeUnknown, (1, 1)),
        (Fault(kind=Kind.HANG_BEFORE, seconds=1), OutcomeUnknown, None),
        (Fault(kind=Kind.HANG_AFTER, seconds=1), OutcomeUnknown, (1, 1)),
        (Fault(kind=Kind.RESET_BEFORE), OutcomeUnknown, (1, 0)),
        (Fault(kind=Kind.RESET_AFTER), OutcomeUnknown, (1, 1)),
        (Fault(kind=Kind.BROKEN_BODY), OutcomeUnknown, (1, 1)),
        (Fault(kind=Kind.REDIRECT), OutcomeUnknown, (1, 1)),
        (Fault(kind=Kind.RATE_LIMITED, seconds=3), RateLimited, (1, 0)),
        (Fault(kind=Kind.ERROR_BEFORE, status=422), ProtocolError, (1, 0)),
    ],
    ids=lambda value: f"{value.kind}-{value.status}" if isinstance(value, Fault) else None,
)
def test_fault_on_submission_is_named_for_what_it_is(sandbox, impatient, fault, expected, in_ledger):
    fault.operation, fault.count = "submit", 1
    sandbox.faults.set(fault)
    with connector_for(impatient) as connector:
        with pytest.raises(expected) as caught:
            connector.submit_order(ORDER)
        assert type(caught.value) is expected
        if in_ledger:
            assert effects(sandbox) == in_ledger
            found = connector.find_order(ORDER.buyer_reference)
            assert (found is not None) == bool(in_ledger[1])


def test_supplier_that_is_down_is_not_delivered_to(db, tmp_path):
    with sandbox_of(tmp_path) as server:
        supplier = supplier_create(server)
        with connector_for(supplier) as connector:
            connector.check()
    with connector_for(supplier) as connector, pytest.raises(NotDelivered):
        connector.submit_order(ORDER)


def test_conflict_about_an_order_they_have_is_an_acknowledgement(sandbox, sandbox_supplier):
    with connector_for(sandbox_supplier) as connector:
        first = connector.submit_order(ORDER)
        second = connector.submit_order(ORDER)
    assert second.supplier_reference == first.supplier_reference
    assert effects(sandbox) == (2, 1)


def test_conflict_that_a_look_up_does_not_explain_stays_unknown(sandbox, sandbox_supplier):
    sandbox.faults.set(Fault(kind=Kind.ERROR_BEFORE, operation="submit", status=409))
    with (
        connector_for(sandbox_supplier) as connector,
        pytest.raises(OutcomeUnknown, match="does not show it"),
    ):
        connector.submit_order(ORDER)


def test_conflict_stays_unknown_when_the_look_up_fails(sandbox, sandbox_supplier):
    sandbox.faults.set(
        Fault(kind=Kind.ERROR_BEFORE, operation="submit", status=409),
        Fault(kind=Kind.NO_LOOK_UP, operation="look_up"),
    )
    with (
        connector_for(sandbox_supplier) as connector,
        pytest.raises(OutcomeUnknown, match="the look-up failed"),
    ):
        connector.submit_order(ORDER)


def test_conflict_stays_unknown_without_a_look_up(sandbox, db):
    supplier = supplier_create(sandbox, order_lookup_path="")
    with connector_for(supplier) as connector:
        connector.submit_order(ORDER)
        with pytest.raises(OutcomeUnknown, match="answers no look-ups"):
            connector.submit_order(ORDER)


def test_look_up_that_does_not_exist_is_no_proof_of_absence(sandbox, sandbox_supplier):
    sandbox.faults.set(Fault(kind=Kind.NO_LOOK_UP, operation="look_up"))
    with connector_for(sandbox_supplier) as connector, pytest.raises(ProtocolError, match="no order look-up"):
        connector.find_order("PO-1")


def test_look_up_by_path_takes_404_for_absence(sandbox, db):
    supplier = supplier_create(sandbox, order_lookup_path="orders/{reference}")
    with connector_for(supplier) as connector:
        assert connector.find_order("PO-2026-0001") is None
        connector.submit_order(ORDER)
        assert connector.find_order("PO-2026-0001").supplier_reference == "SO-PO-2026-0001"


def test_supplier_without_duplicate_check_shows_the_double_in_its_ledger(sandbox, sandbox_supplier):
    sandbox.faults.set(Fault(kind=Kind.NO_DUPLICATE_CHECK, operation="submit"))
    with connector_for(sandbox_supplier) as connector:
        connector.submit_order(ORDER)
        connector.submit_order(ORDER)
        with pytest.raises(ProtocolError, match="2 orders carry our reference"):
            connector.find_order(ORDER.buyer_reference)
    assert effects(sandbox) == (2, 2)


def test_order_that_takes_effect_late_is_found_later(sandbox, impatient):
    sandbox.faults.set(Fault(kind=Kind.ACTS_LATE, operation="submit", count=1, seconds=1))
    with connector_for(impatient) as connector:
        with pytest.raises(OutcomeUnknown):
            connector.submit_order(ORDER)
        assert connector.find_order(ORDER.buyer_reference) is None
        deadline = time.monotonic() + 10
        while not (found := connector.find_order(ORDER.buyer_reference)) and time.monotonic() < deadline:
            time.sleep(0.05)
    assert found
    assert effects(sandbox) == (1, 1)


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        ([("APLJ-1L", "7")], "no multiple of the pack of 6"),
        ([("RICE-5", "1")], "our minimum is 10"),
        ([("OILS-1", "5")], "none of the lines can be delivered"),
    ],
)
def test_refusal_brings_the_suppliers_words(sandbox, sandbox_supplier, lines, words):
    with connector_for(sandbox_supplier) as connector, pytest.raises(ProtocolError, match=words):
        connector.submit_order(order_of(*lines))
    assert effects(sandbox) == (1, 0)


def test_product_on_two_lines_is_refused_before_anything_is_sent(sandbox, sandbox_supplier):
    with connector_for(sandbox_supplier) as connector, pytest.raises(ProtocolError, match="on two lines"):
        connector.submit_order(order_of(("RICE-5", "3"), ("RICE-5", "4")))
    assert sandbox.ledger.summary()["orders"] == []


def test_price_and_availability_change_between_plan_and_check(sandbox, sandbox_supplier):
    sandbox.faults.set(
        Fault(kind=Kind.PRICE_CHANGED, operation="preview", percent=10),
        Fault(kind=Kind.UNAVAILABLE, operation="preview", skus=("RICE-5",)),
    )
    with connector_for(sandbox_supplier) as connector:
        preview = connector.preview_order(order_of(("APLJ-1L", "6"), ("RICE-5", "2")))
    assert [str(line.unit_price) for line in preview.lines] == ["2.2000"]
    assert [line.supplier_sku for line in preview.unavailable] == ["RICE-5"]


def test_draft_is_asked_again_after_a_transient_failure(sandbox, sandbox_supplier):
    sandbox.faults.set(Fault(kind=Kind.ERROR_BEFORE, operation="preview", count=1))
    with connector_for(sandbox_supplier) as connector:
        assert connector.preview_order(ORDER).lines
