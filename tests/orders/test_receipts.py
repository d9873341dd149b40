"""Goods that came in: whether the supplier said that they left or not."""

from decimal import Decimal

import pytest
from django.db import transaction

from orders.services.receipts import receipt_record
from tests import factories

pytestmark = pytest.mark.django_db


def receive(order, by, **quantities):
    lines = {line.line_number: line.pk for line in order.lines.all()}
    with transaction.atomic():
        receipt_record(
            order=order, by=by, form_token=str(quantities), note="", via="test",
            quantities={lines[int(number[1:])]: Decimal(n) for number, n in quantities.items()},
        )  # fmt: skip
    order.refresh_from_db()


def test_goods_that_are_all_here_have_been_shipped():
    order, by = factories.order(lines=2, status="confirmed"), factories.user()
    receive(order, by, l1=12)
    assert order.status == "confirmed"
    receive(order, by, l2=12)
    assert order.status == "shipped"
    assert order.shipped_at is not None


def test_goods_of_a_shipped_order_leave_its_status_alone():
    order = factories.order(lines=1, status="shipped")
    receive(order, factories.user(), l1=12)
    assert order.status == "shipped"
    assert not order.events.filter(kind="shipped").exists()
