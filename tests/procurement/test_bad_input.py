"""Whatever the figures of one item are like, a plan orders all others, and says by name what is wrong with that one."""

from datetime import timedelta
from decimal import Decimal

import numpy as np
import pytest
from django.test import Client
from django.utils import timezone

from orders.models import PurchaseOrderLine, Site
from procurement.engine.data import PlanningData, offers_from_rows
from procurement.engine.plan import Plan, plan
from procurement.engine.screening import screen
from procurement.models import DailyDemand, PlanRun, StockLevel
from procurement.plan_exceptions import with_exceptions
from procurement.services.planning import plan_run
from suppliers.models import Product, Supplier
from tests import factories
from tests.engine.factories import AS_OF, PARAMS, offer, terms
from tests.orders.factories import make_site, make_supplier
from tests.pages.reading import text
from tests.procurement.planning import make_item, make_quote

GOOD = [2.0] * 120


def engine_plan(bad: list[float], *, sku: str = "bad", on_hand: float = 0.0, **fields: str) -> Plan:
    """A good item, the bad one, and another good one."""
    demand, zeros = np.array([GOOD, bad, GOOD]), np.zeros(3)
    skus = ("first", sku, "last")
    good = screen(
        skus=skus, demand=demand, on_hand=np.array([0.0, on_hand, 0.0]), on_order=zeros, committed=zeros
    )
    return plan(
        PlanningData(
            as_of=AS_OF,
            skus=skus,
            units=("C62",) * 3,
            demand=good.demand,
            on_hand=good.on_hand,
            on_order=good.on_order,
            committed=good.committed,
            planned=good.planned,
            exceptions=good.exceptions,
            suppliers=(terms(),),
            offers=offers_from_rows([offer(), offer(item=1, **fields), offer(item=2)]),
        ),
        PARAMS,
    )


NAN, INF = float("nan"), float("inf")
NONE, ONE_DAY, SOME_ZERO = [0.0] * 120, [0.0] * 119 + [3.0], [0.0] * 60 + [2.0] * 60
RETURNS, HOLE = [2.0] * 100 + [-5.0, -1.0] + [2.0] * 18, [2.0] * 40 + [0.0] * 40 + [2.0] * 40


@pytest.mark.parametrize(
    ("bad", "kind", "is_ordered"),
    [
        (NONE, "no_history", False),
        (ONE_DAY, "short_history", True),
        (RETURNS, "negative_demand", True),
        (HOLE, "gap", True),
        ([2.0] * 119 + [NAN], "bad_figures", False),
        ([2.0] * 119 + [-INF], "bad_figures", False),
        ([2.0] * 119 + [1e12], "too_large", False),
    ],
)
def test_engine_plans_the_others_and_names_what_is_wrong(bad, kind, is_ordered):
    found = engine_plan(bad)
    ordered = [line.item for line in found.lines]
    assert ordered == ([0, 1, 2] if is_ordered else [0, 2])
    assert [[one.kind.value for one in need.exceptions] for need in found.requirements] == [[], [kind], []]
    told = found.requirements[1].exceptions[0]
    assert told.words.endswith(".")
    assert told.remedy.endswith(".")


def test_engine_names_nothing_of_an_item_that_began_later():
    assert engine_plan(SOME_ZERO).requirements[1].exceptions == ()


@pytest.mark.parametrize(("on_hand", "kind"), [(NAN, "bad_figures"), (1e12, "too_large")])
def test_engine_orders_nothing_where_the_stock_is_no_figure(on_hand, kind):
    found = engine_plan(GOOD, on_hand=on_hand)
    assert [line.item for line in found.lines] == [0, 2]
    assert found.requirements[1].exceptions[0].kind == kind
    assert found.requirements[1].net_requirement == 0


def test_engine_plans_an_item_once_that_is_there_twice():
    found = engine_plan(GOOD, sku="first")
    assert [line.item for line in found.lines] == [0, 2]
    assert {one.kind.value for one in found.requirements[1].exceptions} == {"duplicate"}


def test_engine_names_a_currency_without_a_rate():
    found = engine_plan(GOOD, currency="USD")
    assert [line.item for line in found.lines] == [0, 2]
    assert [one.kind.value for one in found.requirements[1].exceptions] == ["no_rate"]


@pytest.mark.parametrize(
    ("fields", "kind", "is_ordered"),
    [
        ({"minimum": "500", "stock": "20"}, "short_supply", False),
        ({"minimum": "5000"}, "lasts_long", True),
        ({"minimum": "999999999999"}, "too_large", False),
        ({"pack": "2000000000"}, "too_large", False),
        ({"tiers": []}, "no_price", False),
    ],
)
def test_engine_names_minimums_that_make_no_sense(fields, kind, is_ordered):
    found = engine_plan(GOOD, **fields)
    assert [line.item for line in found.lines] == ([0, 1, 2] if is_ordered else [0, 2])
    assert [one.kind.value for one in found.requirements[1].exceptions] == [kind]


# ---- the same through a site's plan ------------------------------------------------------------------------


@pytest.fixture
def site(db: None) -> Site:
    return make_site()


@pytest.fixture
def acme(site: Site) -> Supplier:
    supplier = make_supplier(code="acme")
    make_quote(supplier, make_item(site, "GOOD"))
    return supplier


def demand(site: Site, product: Product, *days: tuple[int, str]) -> None:
    today = timezone.localdate()
    DailyDemand.objects.bulk_create(
        DailyDemand(
            site=site,
            product=product,
            date=today - timedelta(days=ago),
            quantity=Decimal(amount),
            source="test",
        )
        for ago, amount in days
    )


def stocked(site: Site, sku: str, *days: tuple[int, str], on_hand: str = "0") -> Product:
    product = Product.objects.create(sku=sku, name=f"Product {sku}")
    StockLevel.objects.create(
        site=site, product=product, on_hand=Decimal(on_hand), as_of=timezone.now(), source="test"
    )
    demand(site, product, *days)
    return product


def planned(site: Site) -> tuple[PlanRun, set[str], dict[str, list[str]]]:
    run = plan_run(site=site, by=None)
    assert run.status == "done"
    found = {
        row.product.sku: [one["kind"] for one in row.exceptions]
        for row in run.requirements.select_related("product").exclude(exceptions=[])
    }
    return run, set(PurchaseOrderLine.objects.values_list("product__sku", flat=True)), found


DAILY = [(ago, "2") for ago in range(1, 121)]
SITE_CASES = {
    "no_history": [],
    "short_history": [(1, "4")],
    "negative_demand": [*DAILY[1:], (1, "-3")],
    "gap": [day for day in DAILY if not 40 <= day[0] < 80],
    "too_large": [*DAILY[1:], (1, "999999999")],
    "future_demand": [*DAILY, (-3, "50")],
}


@pytest.mark.parametrize("kind", SITE_CASES)
def test_site_is_planned_and_the_item_is_named(site, acme, kind):
    make_quote(acme, stocked(site, "BAD", *SITE_CASES[kind]))
    run, ordered, found = planned(site)
    assert "GOOD" in ordered
    assert found == {"BAD": [kind]}
    assert run.exceptions == {kind: 1}


def test_site_with_all_zeros_is_planned(site, acme):
    make_quote(acme, stocked(site, "BAD", *[(ago, "0") for ago in range(1, 50)]))
    assert planned(site)[1:] == ({"GOOD"}, {"BAD": ["no_history"]})


def test_site_names_what_nobody_offers_or_cannot_be_paid(site, acme):
    stocked(site, "ALONE", *DAILY)
    yankee = make_supplier(code="yankee", currency="USD")
    make_quote(yankee, stocked(site, "ABROAD", *DAILY))
    unpriced = stocked(site, "UNPRICED", *DAILY)
    make_quote(acme, unpriced).quotes.all().delete()
    huge = stocked(site, "HUGE", *DAILY)
    make_quote(acme, huge, minimum_quantity=Decimal("9999999999"))
    run, ordered, found = planned(site)
    assert ordered == {"GOOD"}
    assert found == {
        "ALONE": ["no_supplier"], "ABROAD": ["no_rate"], "UNPRICED": ["no_price"], "HUGE": ["too_large"],
    }  # fmt: skip
    assert sum(run.exceptions.values()) == 4


def test_page_lists_exceptions_with_what_to_do_and_leads_to_the_item(site, acme):
    stocked(site, "ALONE", *DAILY)
    make_quote(acme, stocked(site, "NEW", (1, "4")))
    run = planned(site)[0]
    client = Client()
    client.force_login(factories.user("Buyer"))
    page = client.get(f"/plan/{run.pk}/")
    assert "Nobody offers it 1" in text(page)
    listed = client.get(f"/plan/{run.pk}/?show=exceptions&kind=no_supplier")
    assert "Load the list of a supplier that sells it" in text(listed)
    assert "Product NEW" not in text(listed)
    row = run.requirements.get(product__sku="ALONE")
    assert f"/plan/{run.pk}/items/{row.pk}/" in listed.content.decode()
    assert "Nobody offers it; " in text(client.get(f"/plan/{run.pk}/items/{row.pk}/"))


def test_list_of_one_kind_holds_each_item_once_and_no_other_plan_s(site, acme):
    stocked(site, "NEW", (1, "4"))  # nobody offers it, and little is known of it
    make_quote(acme, stocked(site, 'X"kind": "no_supplier"', (1, "4")))
    run, _, found = planned(site)
    planned(site)  # finds the same, and keeps its own
    both = {sku for sku, kinds in found.items() if kinds}
    assert {row.product.sku for row in with_exceptions(run, "no_supplier")} == {"NEW"}
    assert sorted(row.product.sku for row in with_exceptions(run)) == sorted(both)
    assert len(both) == 2
    assert {kind: with_exceptions(run, kind).count() for kind in run.exceptions} == run.exceptions
    assert set(run.exceptions) == {"no_supplier", "short_history"}


def test_api_tells_exceptions(site, acme):
    stocked(site, "ALONE", *DAILY)
    make_quote(acme, stocked(site, "NEW", (1, "4")))
    run = planned(site)[0]
    client = Client()
    client.force_login(factories.user("Buyer"))
    assert client.get(f"/api/plan-runs/{run.pk}/").json()["exceptions"] == {
        "no_supplier": 1,
        "short_history": 1,
    }
    told = client.get(f"/api/plan-runs/{run.pk}/exceptions/").json()
    assert [(one["sku"], one["kind"]) for one in told["results"]] == [
        ("ALONE", "no_supplier"),
        ("NEW", "short_history"),
    ]
    told = client.get(f"/api/plan-runs/{run.pk}/exceptions/?kind=short_history").json()
    assert [one["sku"] for one in told["results"]] == ["NEW"]
    assert told["results"][0]["remedy"]
