"""Sites that buy from the same supplier's stock: what one has asked for is not on offer to the other."""

from collections.abc import Callable
from decimal import Decimal
from threading import Barrier, BrokenBarrierError
from typing import Any

import pytest
from django.db.models import Sum

from orders.models import PurchaseOrderLine, Site
from procurement.models import PlanRun
from procurement.services import plan_sourcing
from procurement.services.planning import plan_run
from suppliers.models import SupplierProduct
from tests import factories
from tests.flow.race import race
from tests.orders.factories import make_supplier
from tests.procurement.planning import make_item, make_item_too, make_quote

pytestmark = pytest.mark.django_db
STOCK = 30


@pytest.fixture
def sites() -> list[Site]:
    """Each needs 20 of A; Acme has 30 of it, and Bolt, who is dearer, any number."""
    north, south = (factories.site(code=code, name=code.title()) for code in ("north", "south"))
    product = make_item(north, "A")
    make_item_too(south, product)
    make_quote(make_supplier(code="acme", name="Acme"), product, "2.00", stock_on_offer=STOCK)
    make_quote(make_supplier(code="bolt", name="Bolt"), product, "3.00")
    return [north, south]


def ordered() -> dict[str, Decimal]:
    lines = PurchaseOrderLine.objects.order_by().values("order__supplier__code").annotate(all=Sum("quantity"))
    return dict(lines.values_list("order__supplier__code", "all"))


def covered() -> bool:
    runs = PlanRun.objects.filter(status="done")
    return runs.count() == 2 and not any(run.uncovered for run in runs)


def test_one_after_the_other_the_second_has_what_the_first_left(sites):
    first, second = (plan_run(site=site, by=None) for site in sites)
    assert (first.lines, second.lines) == (1, 2)
    assert ordered()["acme"] == STOCK
    assert covered()


def test_what_another_site_takes_while_a_plan_chooses_is_not_counted_on(sites, monkeypatch):
    north, south = sites
    real, chosen = plan_sourcing._proposal, []

    def meanwhile(*args: Any) -> Any:
        found = real(*args)
        chosen.append(args[0].run.site)
        if chosen == [north]:
            plan_run(site=south, by=None)
        return found

    monkeypatch.setattr(plan_sourcing, "_proposal", meanwhile)
    plan_run(site=north, by=None)
    assert chosen == [north, south, north]
    assert ordered()["acme"] == STOCK
    assert covered()


def test_where_enough_is_left_for_both_nothing_is_chosen_again(sites, monkeypatch):
    north, south = sites
    SupplierProduct.objects.filter(supplier__code="acme").update(stock_on_offer=2 * STOCK)
    real, chosen = plan_sourcing._proposal, []

    def meanwhile(*args: Any) -> Any:
        found = real(*args)
        chosen.append(args[0].run.site)
        if chosen == [north]:
            plan_run(site=south, by=None)
        return found

    monkeypatch.setattr(plan_sourcing, "_proposal", meanwhile)
    plan_run(site=north, by=None)
    assert chosen == [north, south]
    assert set(ordered()) == {"acme"}


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("attempt", range(3))
def test_at_the_same_moment_they_do_not_both_take_the_same_stock(attempt, sites, monkeypatch):
    monkeypatch.setattr(plan_sourcing, "_proposal", met(plan_sourcing._proposal, Barrier(2)))
    runs = race(*[lambda site=site: plan_run(site=site, by=None) for site in sites])
    assert all(isinstance(run, PlanRun) for run in runs), runs
    assert ordered()["acme"] == STOCK
    assert covered()


def met(real: Callable[..., Any], barrier: Barrier) -> Callable[..., Any]:
    """Both have chosen before either writes."""

    def proposal(*args: Any) -> Any:
        found = real(*args)
        try:
            barrier.wait(timeout=20)
        except BrokenBarrierError:
            pass
        else:
            barrier.abort()  # who chooses again waits for nobody
        return found

    return proposal
