"""How suppliers kept to our orders, counted."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from orders.models import Receipt, Status
from orders.services.reliability import reliability_measure
from suppliers.models import SupplierReliability
from tests import factories

pytestmark = pytest.mark.django_db
TODAY = timezone.localdate()
DAY = timedelta(days=1)


def confirmed(supplier, *, confirmed_quantity=12, promised=TODAY + 9 * DAY, **order):
    made = factories.order(of=supplier, lines=0, status=Status.CONFIRMED, **order)
    line = factories.line(
        made, confirmed_quantity=Decimal(confirmed_quantity), confirmed_price=Decimal("2.50")
    )
    line.promised_date = promised
    line.save()
    return line


def received(line, quantity, *, days_ago):
    receipt = Receipt.objects.create(
        order=line.order, received_at=timezone.now() - days_ago * DAY, by=factories.user("Buyer"),
        form_token=f"{line.pk}-{days_ago}-{quantity}",
    )  # fmt: skip
    receipt.lines.create(line=line, quantity=quantity)
    line.received_quantity += quantity
    line.save()


def counted(supplier) -> tuple[int, ...]:
    reliability_measure()
    row = SupplierReliability.objects.get(supplier=supplier)
    return row.orders, row.rejected, row.lines, row.cut, row.deliveries, row.late


def test_rejected_orders_count_among_those_answered():
    supplier = factories.supplier()
    factories.order(of=supplier, status=Status.REJECTED)
    factories.order(of=supplier, status=Status.TRANSFERRED)
    factories.order(of=supplier, status=Status.DRAFT)
    confirmed(supplier)
    assert counted(supplier) == (2, 1, 1, 0, 0, 0)


def test_lines_confirmed_with_less_are_cut():
    supplier = factories.supplier()
    for quantity in (12, 15, 11, 0):
        confirmed(supplier, confirmed_quantity=quantity)
    assert counted(supplier)[2:4] == (4, 2)


def test_delivery_is_late_when_the_last_of_it_came_after_the_day_promised():
    supplier = factories.supplier()
    on_time, late, in_parts, missing, to_come = (
        confirmed(supplier, promised=TODAY + days * DAY) for days in (-5, -5, -5, -1, 1)
    )
    received(on_time, 12, days_ago=5)
    received(late, 12, days_ago=4)
    received(in_parts, 6, days_ago=6)
    received(in_parts, 6, days_ago=2)
    received(missing, 6, days_ago=3)
    received(to_come, 6, days_ago=0)
    assert counted(supplier)[4:] == (4, 3)


def test_what_will_not_come_is_cut_and_not_late():
    supplier = factories.supplier()
    confirmed(supplier, confirmed_quantity=0, promised=TODAY - DAY)
    assert counted(supplier) == (1, 0, 1, 1, 0, 0)


def test_a_year_counts_and_what_nobody_remembers_is_gone():
    supplier = factories.supplier()
    order = factories.order(of=supplier, status=Status.REJECTED)
    assert counted(supplier)[:2] == (1, 1)
    order.answered_at = timezone.now() - 370 * DAY
    order.save()
    assert reliability_measure() == 0
    assert not SupplierReliability.objects.exists()
