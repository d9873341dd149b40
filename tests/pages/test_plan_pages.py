from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from django_q.models import OrmQ

from procurement.models import PlanRun, Requirement, StockLevel
from tests import factories
from tests.pages.reading import html, text


def run(**values: Any) -> PlanRun:
    now = timezone.now()
    defaults = {
        "site": factories.site(),
        "as_of": now.date(),
        "lease_until": now + timedelta(minutes=2),
        "status": "done",
    }
    return PlanRun.objects.create(**(defaults | values))


def requirement(of: PlanRun, **values: Any) -> Requirement:
    defaults = {
        "product": factories.product(),
        "on_hand": 4,
        "on_order": 0,
        "committed": 12,
        "daily_demand": Decimal("3.2"),
        "horizon_days": 9,
        "buffer": Decimal("15.1"),
        "order_up_to": Decimal("43.9"),
        "net_requirement": Decimal("51.9"),
        "reason": factories.reason(),
    }
    return Requirement.objects.create(run=of, **(defaults | values))


@pytest.mark.django_db
def test_plan_now_wakes_the_worker_and_shows_that_it_waits(buyer: Client) -> None:
    factories.site()
    answer = buyer.post("/plan/start/", follow=True)
    assert OrmQ.objects.count() == 1
    assert "Waiting for the background worker" in text(answer)
    run()
    assert "Waiting for the background worker" not in text(buyer.get(answer.redirect_chain[-1][0]))


@pytest.mark.django_db
def test_a_running_plan_shows_its_progress_and_is_not_started_twice(buyer: Client) -> None:
    running = run(status="running", stage="Forecasting", progress=40)
    assert "is running already" in text(buyer.post("/plan/start/", follow=True))
    assert not OrmQ.objects.exists()
    page = buyer.get(f"/plan/{running.pk}/", headers={"HX-Request": "true", "HX-Target": "progress"})
    assert "Forecasting · 40 %" in text(page)
    PlanRun.objects.update(status="done")
    ended = buyer.get(f"/plan/{running.pk}/", headers={"HX-Request": "true", "HX-Target": "progress"})
    assert ended["HX-Refresh"] == "true"


@pytest.mark.django_db
def test_a_dead_plan_does_not_stand_in_the_way(buyer: Client) -> None:
    run(status="running", lease_until=timezone.now() - timedelta(minutes=1))
    buyer.post("/plan/start/")
    assert OrmQ.objects.count() == 1


@pytest.mark.django_db
def test_a_plan_is_started_by_buyers_alone_and_for_a_site_that_exists(
    buyer: Client, approver: Client
) -> None:
    assert approver.post("/plan/start/").status_code == 403
    assert "There is no site 'moon'" in text(buyer.post("/plan/start/", {"site": "moon"}, follow=True))
    assert "There is no site yet" in text(buyer.post("/plan/start/", follow=True))


@pytest.mark.django_db
def test_a_plan_leads_to_its_orders_and_items(buyer: Client) -> None:
    done = run(items=3, orders=1, lines=1, uncovered=1, value=Decimal("30"))
    order = factories.order(origin="plan")
    ordered = requirement(done)
    ordered.order_lines.add(order.lines.get())
    short = requirement(done, shortfall=Decimal(7), product=factories.product(name="Nobody's candle"))
    requirement(done, net_requirement=0, product=factories.product(name="Plentiful plate"), reason={})
    page = text(buyer.get(f"/plan/{done.pk}/"))
    assert order.number in page
    assert "7 cannot be bought" in page
    uncovered = text(buyer.get(f"/plan/{done.pk}/?show=uncovered"))
    assert "Nobody's candle" in uncovered
    assert "Plentiful plate" not in uncovered
    assert "Plentiful plate" in text(buyer.get(f"/plan/{done.pk}/?show=nothing&page=x"))
    assert "= 51.9" in text(buyer.get(f"/plan/{done.pk}/items/{short.pk}/"))
    of_item = html(buyer.get(f"/plan/{done.pk}/items/{ordered.pk}/"))
    assert f'<a href="/orders/{order.number}/lines/1/"><b>12</b> from {order.supplier.name}</a>' in of_item
    assert "7 of it cannot be bought anywhere now." in text(buyer.get(f"/plan/{done.pk}/items/{short.pk}/"))
    assert buyer.get(f"/plan/{done.pk + 1}/items/{short.pk}/").status_code == 404


@pytest.mark.django_db
def test_a_failed_plan_says_why(buyer: Client) -> None:
    failed = run(status="failed", error="There is no demand history.")
    assert "There is no demand history." in text(buyer.get(f"/plan/{failed.pk}/"))


@pytest.mark.django_db
def test_the_number_of_queries_does_not_grow_with_the_items(
    buyer: Client, django_assert_max_num_queries
) -> None:
    done = run()
    for _ in range(9):
        order = factories.order()
        requirement(done).order_lines.add(order.lines.get())
    with django_assert_max_num_queries(13):
        source = html(buyer.get(f"/plan/{done.pk}/"))
    assert source.count("12 from Supplier") == 9


@pytest.mark.django_db
def test_a_plan_is_cancelled_by_those_who_may_start_one(buyer: Client, approver: Client) -> None:
    running = run(status="running", phase="items", stage="Forecasting: 1 of 3 parts", progress=26)
    for number in (1, 2, 3):
        running.partitions.create(
            number=number, first_product=number, last_product=number, lease_until=timezone.now(),
            state="done" if number == 1 else "waiting",
        )  # fmt: skip
    page = text(buyer.get(f"/plan/{running.pk}/"))
    assert "Needs: 1 of 3 parts" in page
    assert "Cancel the plan" in page
    assert "Cancel the plan" not in text(approver.get(f"/plan/{running.pk}/"))
    assert approver.post(f"/plan/{running.pk}/cancel/").status_code == 403
    page = text(buyer.post(f"/plan/{running.pk}/cancel/", follow=True))
    assert "The plan was cancelled" in page
    assert "Nothing of it was written" in page
    assert "had ended already" in text(buyer.post(f"/plan/{running.pk}/cancel/", follow=True))


@pytest.mark.django_db
def test_an_empty_world_says_where_to_begin(buyer: Client) -> None:
    factories.site()
    page = html(buyer.get("/plan/"))
    assert "There is nothing to plan yet" in page
    assert 'href="/stock/files/"' in page
    assert 'href="/stock/files/"' in html(buyer.get("/stock/")).split('class="empty"')[1]
    StockLevel.objects.create(
        site=factories.site(), product=factories.product(), on_hand=1, as_of=timezone.now(), source="test"
    )
    assert "There is nothing to plan yet" not in html(buyer.get("/plan/"))
    assert "No plan yet" in html(buyer.get("/plan/"))
