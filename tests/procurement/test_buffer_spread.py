"""A site's choice to spread the buffer where it prevents most stock-outs for the money, in its plan and its replay."""

from datetime import timedelta
from decimal import Decimal

import numpy as np
import pytest
from django.test import Client
from django.utils import timezone

from orders.models import Site
from procurement.engine.replay import Allocation, Buffer, Planned
from procurement.engine.replay.history import scene
from procurement.engine.replay.planned import Known
from procurement.engine.replay.study import Rule, policy_of, study
from procurement.models import ClassServiceLevel, DailyDemand, ItemPolicy, PlanningPolicy, PlanRun
from procurement.services import plan_partitions
from procurement.services.plan_claims import plan_start
from procurement.services.planning import plan_execute, plan_run
from procurement.site_history import site_history
from suppliers.models import Product
from tests.orders.factories import make_site, make_supplier
from tests.pages.reading import text
from tests.procurement.planning import make_item, make_quote

pytestmark = pytest.mark.django_db

DAYS = 280
PRICES = {"P1": "0.05", "P2": "0.40", "P3": "3", "P4": "3", "P5": "25", "P6": "180", "NONE": None}


@pytest.fixture
def site() -> Site:
    """Six items that sell alike, at other prices, and one that nobody offers."""
    site, acme = make_site(), make_supplier(code="acme")
    sold, today = np.random.default_rng(4).poisson(4, DAYS).tolist(), timezone.localdate()
    for sku, price in PRICES.items():
        item = make_item(site, sku)
        DailyDemand.objects.filter(product=item).delete()
        DailyDemand.objects.bulk_create(
            DailyDemand(
                site=site,
                product=item,
                date=today - timedelta(days=ago + 1),
                quantity=quantity,
                source="test",
            )
            for ago, quantity in enumerate(sold)
        )
        if price:
            make_quote(acme, item, price)
    return site


def spread_buffer(site: Site) -> None:
    PlanningPolicy.objects.update_or_create(site=site, defaults={"buffer_spread": "worth"})


def levels(site: Site) -> dict[str, Decimal]:
    rows = plan_run(site=site, by=None).requirements.select_related("product")
    return {row.product.sku: Decimal(row.reason["buffer"]["service_level"]) for row in rows}


def test_a_site_that_chose_nothing_has_one_level_for_all(site):
    assert set(levels(site).values()) == {Decimal("0.95")}
    assert PlanRun.objects.get().parameters["service_price"] is None


def test_cheap_items_are_safer_and_the_mean_stays(site):
    spread_buffer(site)
    found = levels(site)
    in_order = [found[sku] for sku, price in PRICES.items() if price]
    assert in_order == sorted(in_order, reverse=True)
    assert in_order[0] > Decimal("0.95") > in_order[-1]
    assert found["P3"] == found["P4"]
    assert sum(in_order) / len(in_order) == pytest.approx(Decimal("0.95"), abs=Decimal("0.0002"))
    assert found["NONE"] == Decimal("0.95")


def test_parts_choose_as_one_part_does(site, monkeypatch):
    spread_buffer(site)
    whole = levels(site)
    monkeypatch.setattr(plan_partitions, "PARTITION_ITEMS", 2)
    assert levels(site) == whole
    assert PlanRun.objects.latest("pk").partitions.count() == 4


def test_some_items_planned_again_have_the_levels_they_had(site):
    spread_buffer(site)
    whole = levels(site)
    some = list(Product.objects.filter(sku__in=("P2", "P6")).values_list("pk", flat=True))
    run = plan_execute(run=plan_start(site=site, by=None, products=some, causes=["A test."]))
    found = {
        row.product.sku: Decimal(row.reason["buffer"]["service_level"]) for row in run.requirements.all()
    }
    assert found == {sku: whole[sku] for sku in ("P2", "P6")}


def test_levels_set_for_an_item_or_a_class_stay(site):
    spread_buffer(site)
    first = Product.objects.get(sku="P1")
    ItemPolicy.objects.create(site=site, product=first, service_level=Decimal("0.9"), why="being phased out")
    run = plan_run(site=site, by=None)
    dearest = run.requirements.get(product__sku="P6")
    ClassServiceLevel.objects.create(site=site, cell=dearest.cell, service_level=Decimal("0.97"))
    found = levels(site)
    assert (found["P1"], found["P6"]) == (Decimal("0.9"), Decimal("0.97"))
    newest = PlanRun.objects.latest("pk").requirements.get(product__sku="P6")
    assert newest.reason["buffer"]["service_from"] == f"class {dearest.cell}"
    assert "spread_around" not in newest.reason["buffer"]


def test_pages_tell_the_level_and_why(site, admin_client: Client):
    spread_buffer(site)
    plan_run(site=site, by=None)
    page = text(admin_client.get("/stock/items/P6/"))
    assert "its stock is dear for what it prevents" in page
    grid = text(admin_client.get("/plan/classes/"))
    assert "95.0 % on average" in grid or "95 % on average" in grid
    assert "by what stock costs" in grid
    assert "The buffer goes where it prevents most stock-outs for the money." in grid
    policy = PlanningPolicy.objects.get(site=site)
    form = text(admin_client.get(f"/admin/procurement/planningpolicy/{policy.pk}/change/"))
    assert "Where it prevents most stock-outs for the money" in form


def test_a_replay_goes_by_the_site_s_choice(site):
    assert site_history(site=site).buffer.allocation is Allocation.EQUAL
    spread_buffer(site)
    assert site_history(site=site).buffer.allocation is Allocation.SPREAD


def test_our_plan_is_replayed_with_the_allocation_asked_for(site):
    worlds = scene(site_history(site=site), start=0.6, seeds=1).worlds
    for allocation in (Allocation.EQUAL, Allocation.SPREAD):
        policy = policy_of(Rule.PLAN, 0.9, worlds[0], 0, Known(), Buffer(allocation=allocation))
        assert isinstance(policy, Planned)
        assert policy.buffer.allocation is allocation
    equal, spread = (
        study(worlds, buffer=Buffer(allocation=one)) for one in (Allocation.EQUAL, Allocation.SPREAD)
    )
    assert equal.equal[Rule.PLAN].outcome.value != spread.equal[Rule.PLAN].outcome.value
    assert equal.equal[Rule.DISCIPLINED].outcome.value == spread.equal[Rule.DISCIPLINED].outcome.value


def test_a_replay_keeps_levels_set_for_an_item_or_a_class_within_the_plan_s_bounds(site):
    assert site_history(site=site).buffer.by_hand is None
    first = Product.objects.get(sku="P1")
    ItemPolicy.objects.create(site=site, product=first, service_level=Decimal("0.9"))
    dearest = plan_run(site=site, by=None).requirements.get(product__sku="P6")
    ClassServiceLevel.objects.create(site=site, cell=dearest.cell, service_level=Decimal("0.97"))
    history = site_history(site=site)
    found = dict(zip(history.skus, history.buffer.by_hand, strict=True))
    assert (found["P1"], found["P6"]) == (0.9, 0.97)
    assert np.isnan(found["P2"])
    planned = levels(site)
    assert {sku: float(planned[sku]) for sku in ("P1", "P6")} == {sku: found[sku] for sku in ("P1", "P6")}
    assert (history.buffer.least, history.buffer.most, history.buffer.usual) == (0.8, 0.999, 0.95)
