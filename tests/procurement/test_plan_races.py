"""Two plans at the same moment: between them every item is ordered once."""

import pytest

from orders.models import PurchaseOrderLine
from procurement.exceptions import PlanAlreadyRunning
from procurement.models import PlanRun
from procurement.services.plan_claims import plan_start
from procurement.services.planning import plan_run
from tests.flow.race import race
from tests.orders.factories import make_site, make_supplier
from tests.procurement.planning import make_item, make_quote

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.postgresql]


@pytest.mark.parametrize("attempt", range(3))
def test_two_plans_at_once_order_nothing_twice(attempt):
    site, acme = make_site(), make_supplier(code="acme")
    for sku in range(5):
        make_quote(acme, make_item(site, f"item-{sku}"))
    results = race(*[lambda: plan_run(site=site, by=None)] * 3)
    assert all(isinstance(result, PlanRun | PlanAlreadyRunning) for result in results), results
    assert sum(result.lines for result in results if isinstance(result, PlanRun)) == 5
    assert PurchaseOrderLine.objects.count() == 5


@pytest.mark.parametrize("attempt", range(3))
def test_one_of_several_plans_claims_the_site(attempt):
    site = make_site()
    results = race(*[lambda: plan_start(site=site, by=None)] * 4)
    assert sum(isinstance(result, PlanRun) for result in results) == 1, results
    assert sum(isinstance(result, PlanAlreadyRunning) for result in results) == 3, results
