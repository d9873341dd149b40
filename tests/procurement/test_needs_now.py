"""What items need now is what a plan made now would find, whatever the newest plan learned and went by."""

from datetime import timedelta
from decimal import Decimal

import numpy as np
import pytest
import time_machine
from django.utils import timezone

from orders.models import Site
from procurement.models import DailyDemand, PlanningPolicy
from procurement.services.needs_now import needs_now
from procurement.services.planning import plan_run
from suppliers.models import Product
from tests.orders.factories import make_site, make_supplier
from tests.procurement.planning import make_item, make_quote

pytestmark = pytest.mark.django_db


@pytest.fixture
def site() -> Site:
    """Three items of one price each that sell more the later it is in the week."""
    site, acme = make_site(), make_supplier(code="acme")
    for sku, price in (("A", "0.05"), ("B", "3"), ("C", "180")):
        make_quote(acme, make_item(site, sku), price)
    rows, random = list(DailyDemand.objects.order_by("product", "date")), np.random.default_rng(3)
    for row in rows:
        row.quantity = int(random.poisson((1, 0, 1, 3, 9, 20, 0)[row.date.weekday()]))
    DailyDemand.objects.bulk_update(rows, ["quantity"])
    return site


def found(run) -> dict[str, tuple[Decimal, Decimal, str]]:
    needs = needs_now(run=run, products=Product.objects.values_list("pk", flat=True))
    skus = dict(Product.objects.values_list("pk", "sku"))
    return {
        skus[pk]: (one.daily_demand, one.order_up_to, one.reason["buffer"]["service_level"])
        for pk, one in needs.items()
    }


def test_what_an_earlier_day_s_plan_learned_of_weekdays_is_not_laid_upon_others(site):
    with time_machine.travel(timezone.now() - timedelta(days=2)):
        earlier = plan_run(site=site, by=None)
    assert found(earlier) == found(plan_run(site=site, by=None))


@pytest.mark.parametrize(
    "change", [{"service_level": "0.999"}, {"review_period_days": 28}, {"history_days": 60}], ids=str
)
def test_rules_changed_since_hold(site, change):
    before = plan_run(site=site, by=None)
    then = found(before)
    PlanningPolicy.objects.update(**change)
    now = found(before)
    assert now != then
    assert now == found(plan_run(site=site, by=None))


@pytest.mark.parametrize("first", ["worth", "alike"])
def test_a_buffer_spread_otherwise_since_is_spread_so(site, first):
    PlanningPolicy.objects.update_or_create(site=site, defaults={"buffer_spread": first})
    before = plan_run(site=site, by=None)
    then = found(before)
    PlanningPolicy.objects.update(buffer_spread={"worth": "alike", "alike": "worth"}[first])
    now = found(before)
    assert now != then
    assert now == found(plan_run(site=site, by=None))
