"""Demand & stock, Replay: starting one, its progress, its result with pictures, and the file."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from procurement.models import ReplayRun
from tests import factories
from tests.pages.reading import html, text


def figures(**values: float) -> dict[str, float]:
    names = (
        "factor",
        "value",
        "short",
        "filled_days",
        "fill",
        "same_day",
        "emergency_orders",
        "orders",
        "lines",
    )
    return dict.fromkeys((*names, "spend", "order_costs", "waste"), 1.0) | values


def report(ours: float = 20, theirs: float = 50) -> dict[str, Any]:
    rules = {"plan": ours, "disciplined": theirs, "neglected": 100.0}
    item = {
        "sku": "A-1",
        "name": "Tea <i>",
        "plan": 1,
        "disciplined": 9,
        "plan_value": 10,
        "disciplined_value": 8,
    }
    return {
        "name": "Leeds", "currency": "GBP", "first": "2026-01-05", "last": "2026-02-01", "days": 28, "items": 3,
        "eligible": 9, "unmet": "bought", "seeds": 3, "assumed": ["an order costs 20.00"], "cover": 21.0,
        "curves": {
            rule: [figures(value=100, short=2 * short), figures(value=300, short=short)]
            for rule, short in rules.items()
        },
        "equal": {rule: figures(value=200, short=short) for rule, short in rules.items()},
        "ratios": [{"against": "neglected", "what": "same-day buys", "median": 0.21, "low": 0.2, "high": 0.25}],
        "weekly": {rule: [10.0, 20.0, 15.0, 12.0] for rule in rules},
        "weeks": ["2026-01-05", "2026-01-12", "2026-01-19", "2026-01-26"],
        "gains": [item], "losses": [],
    }  # fmt: skip


def run(**values: Any) -> ReplayRun:
    defaults = {
        "site": factories.site(),
        "state": "done",
        "lease_until": timezone.now() + timedelta(minutes=2),
    }
    return ReplayRun.objects.create(**(defaults | values))


@pytest.mark.django_db
def test_a_buyer_starts_a_replay_and_sees_that_it_waits(buyer: Client) -> None:
    factories.site()
    assert "No replay yet" in text(buyer.get("/stock/replay/"))
    answer = buyer.post("/stock/replay/start/", {"unmet": "bought"}, follow=True)
    assert "Waiting for the background worker" in text(answer)
    assert ReplayRun.objects.get().unmet == "bought"
    again = buyer.post("/stock/replay/start/", {"unmet": "lost"}, follow=True)
    assert "is under way already" in text(again)


@pytest.mark.django_db
def test_progress_is_shown_until_it_has_ended(buyer: Client) -> None:
    one = run(state="running", progress=40)
    headers = {"HX-Request": "true", "HX-Target": "progress"}
    assert "40 %" in text(buyer.get(f"/stock/replay/{one.pk}/", headers=headers))
    ReplayRun.objects.update(state="done", report=report())
    assert buyer.get(f"/stock/replay/{one.pk}/", headers=headers)["HX-Refresh"] == "true"


@pytest.mark.django_db
def test_a_running_one_can_be_cancelled(buyer: Client) -> None:
    one = run(state="running")
    assert "was cancelled" in text(buyer.post(f"/stock/replay/{one.pk}/cancel/", follow=True))
    assert "It had ended before" in text(buyer.post(f"/stock/replay/{one.pk}/cancel/", follow=True))


@pytest.mark.django_db
def test_the_result_shows_both_baselines_pictures_and_items(buyer: Client) -> None:
    one = run(report=report())
    page = buyer.get(f"/stock/replay/{one.pk}/")
    said = text(page)
    assert "our plan would have run out on 20 item-days, disciplined PAR on 50: 60% fewer" in said
    assert "neglected PAR on 100: 80% fewer" in said
    assert "0.21 (0.20 to 0.25) times the same-day buys of neglected PAR" in said
    assert "3 of 9 items, evenly drawn" in said
    assert html(page).count('<svg class="chart"') == 2
    assert "Tea &lt;i&gt;" in html(page)
    assert "No item ran out on more days" in said


@pytest.mark.django_db
def test_a_loss_is_said_as_plainly(buyer: Client) -> None:
    one = run(report=report(ours=60, theirs=50))
    said = text(buyer.get(f"/stock/replay/{one.pk}/"))
    assert "our plan would have run out on 60 item-days, disciplined PAR on 50: 20% more" in said


@pytest.mark.django_db
def test_the_file_needs_nothing_else(buyer: Client) -> None:
    one = run(report=report())
    answer = buyer.get(f"/stock/replay/{one.pk}/file/")
    assert "attachment" in answer["Content-Disposition"]
    assert html(answer).count('<svg class="chart"') == 2
    assert "<link" not in html(answer)
    assert "<script" not in html(answer)
    waiting = run(state="waiting", site=factories.site(code="other"))
    assert buyer.get(f"/stock/replay/{waiting.pk}/file/").status_code == 404


@pytest.mark.django_db
def test_why_it_failed_is_said(buyer: Client) -> None:
    one = run(state="failed", error="Leeds covers 40 days of demand.")
    assert "Leeds covers 40 days of demand." in text(buyer.get(f"/stock/replay/{one.pk}/"))


@pytest.mark.django_db
def test_an_approver_looks_and_starts_none(approver: Client) -> None:
    one = run(report=report())
    assert approver.get(f"/stock/replay/{one.pk}/").status_code == 200
    assert "Replay now" not in text(approver.get("/stock/replay/"))
    assert approver.post("/stock/replay/start/").status_code == 403
    assert approver.post(f"/stock/replay/{one.pk}/cancel/").status_code == 403


@pytest.mark.django_db
def test_nonsense_starts_nothing(buyer: Client) -> None:
    factories.site()
    for sent in ({"unmet": "x"}, {"site": "nowhere"}, {"unmet": "lost", "site": "\x00"}):
        answer = buyer.post("/stock/replay/start/", sent, follow=True)
        assert answer.status_code == 200
    assert not ReplayRun.objects.exists()


@pytest.mark.django_db
def test_a_page_that_is_drawn_once_does_not_say_it_waits_while_it_runs(buyer: Client) -> None:
    factories.site()
    asked = buyer.post("/stock/replay/start/", {}, follow=True)
    assert "Waiting for the background worker" in text(asked)
    assert "pill-waiting" not in html(asked)
