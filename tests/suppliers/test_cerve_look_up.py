"""Finding an order again: only a certain no is a no."""

import json
from datetime import UTC, datetime

import pytest

from suppliers.connectors.cerve.documents import found_order
from suppliers.connectors.http import Reply
from suppliers.connectors.replies import lookup_document
from suppliers.exceptions import ProtocolError

OURS = {"customer_order_id": "PO-1", "supplier_order_id": "SO-1", "status": "received"}
THEIRS = OURS | {"customer_order_id": "PO-2"}


def found(body):
    reply = Reply(200, {}, json.dumps(body).encode(), datetime.now(UTC))
    return found_order(lookup_document(reply, "PO-1"), "the look-up", reply.received_at)


@pytest.mark.parametrize("body", [[OURS], {"orders": [OURS]}, OURS])
def test_order_is_found_in_every_form_of_answer(body):
    order = found(body)
    assert (order.buyer_reference, order.supplier_reference) == ("PO-1", "SO-1")


@pytest.mark.parametrize("body", [[], {"orders": []}])
def test_empty_answer_means_they_do_not_have_it(body):
    assert found(body) is None


@pytest.mark.parametrize(
    "body", [[THEIRS], [OURS, THEIRS], THEIRS, {}, [{}], {"orders": {}}, {"orders": None}, "x", [OURS, OURS]]
)
def test_answer_that_does_not_fit_the_question_proves_nothing(body):
    with pytest.raises(ProtocolError):
        found(body)
