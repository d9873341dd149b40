"""A site's own history replayed in the background: asked for, taken up once, ended, and kept."""

from datetime import timedelta
from functools import partial

import numpy as np
import pytest
from django.utils import timezone
from django_q.models import OrmQ

from orders.models import Site
from procurement.exceptions import ReplayAlreadyRunning
from procurement.models import DailyDemand, PlanningPolicy, ReplayRun
from procurement.services import replays
from procurement.services.replays import replay_cancel, replay_do, replay_request, replays_rescue
from procurement.site_history import site_history
from suppliers.models import DeliveryRecord, Supplier
from tests import factories
from tests.flow.background import woken, work_off
from tests.flow.race import race
from tests.procurement.planning import make_item, make_quote

DAYS = 150


@pytest.fixture
def site(db: None) -> Site:
    """Three items that sell irregularly, and one nobody offers."""
    site = factories.site()
    supplier = factories.supplier()
    random = np.random.default_rng(2)
    today = timezone.localdate()
    for number in range(4):
        product = make_item(site, f"R{number}")
        DailyDemand.objects.filter(product=product).delete()
        DailyDemand.objects.bulk_create(
            DailyDemand(
                site=site,
                product=product,
                date=today - timedelta(days=ago),
                quantity=int(taken),
                source="test",
            )
            for ago, taken in enumerate(random.poisson(3 + number, DAYS), start=1)
        )
        if number < 3:
            make_quote(supplier, product, price=f"{number + 1}.50", lead_time_days=3, pack_size=6)
    return site


def asked(site: Site, unmet: str = "bought") -> ReplayRun:
    return replay_request(site=site, by=factories.user("Buyer"), unmet=unmet)


def test_a_site_is_replayed_with_its_own_prices_packs_and_lead_times(site: Site) -> None:
    history = site_history(site=site)
    assert history.skus == ("R0", "R1", "R2")
    assert history.price.tolist() == [1.5, 2.5, 3.5]
    assert history.pack.tolist() == [6, 6, 6]
    assert history.lead_days.tolist() == [3]
    assert history.demand.shape == (3, DAYS)
    assert any("1 item without a price is left out" in said for said in history.assumed)
    for left_out in ("order days", "put aside or always shown", "items that new ones are like", "calendar"):
        assert any(left_out in said for said in history.assumed)


def test_lead_times_are_those_that_were_learned_where_the_site_wants_it(site: Site) -> None:
    supplier = Supplier.objects.get()
    DeliveryRecord.objects.create(
        supplier=supplier, deliveries=40, counts={"2": 40}, measured_at=timezone.now()
    )
    assert site_history(site=site).lead_days.tolist() == [5]  # stated 3, always 2 later
    PlanningPolicy.objects.filter(site=site).update(learned_lead_times=False)
    assert site_history(site=site).lead_days.tolist() == [3]


def test_what_was_asked_for_is_done_and_kept(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(replays, "SEEDS", 1)
    run = asked(site)
    assert OrmQ.objects.count() == 1
    replay_do(pk=run.pk)
    run.refresh_from_db()
    assert (run.state, run.progress, run.error) == ("done", 100, "")
    assert run.report["items"] == 3
    assert set(run.report["equal"]) == {"plan", "disciplined", "neglected"}
    assert {ratio["against"] for ratio in run.report["ratios"]} == {"disciplined", "neglected"}
    first = run.finished_at
    replay_do(pk=run.pk)  # the same wake-up again
    run.refresh_from_db()
    assert run.finished_at == first


def test_one_replay_a_site_at_a_time(site: Site) -> None:
    run = asked(site)
    with pytest.raises(ReplayAlreadyRunning, match="under way already"):
        asked(site)
    assert replay_cancel(run=run)
    assert not replay_cancel(run=run)
    asked(site)


def test_a_replay_that_was_cancelled_stops_at_its_next_sign_of_progress(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = asked(site)
    monkeypatch.setattr(replays, "TELL_EVERY", 0.0)
    told = []

    class Cancelling(replays._Teller):
        def __call__(self, share: float) -> None:
            told.append(share)
            if len(told) == 3:
                replay_cancel(run=run)
            super().__call__(share)

    monkeypatch.setattr(replays, "_Teller", Cancelling)
    replay_do(pk=run.pk)
    run.refresh_from_db()
    assert (run.state, run.report, len(told)) == ("cancelled", {}, 3)


def test_one_whose_worker_died_is_woken_again_and_given_up_after_three(site: Site) -> None:
    run = asked(site)
    assert replays_rescue() == 0
    late = timezone.now() - timedelta(minutes=1)
    ReplayRun.objects.update(state="running", fence=1, lease_until=late)
    assert replays_rescue() == 1
    run.refresh_from_db()
    assert run.state == "waiting"
    ReplayRun.objects.update(state="running", fence=3, lease_until=late)
    assert replays_rescue() == 0
    run.refresh_from_db()
    assert run.state == "failed"
    assert "stopped 3 times" in run.error


def test_too_little_history_is_said(site: Site) -> None:
    DailyDemand.objects.filter(date__lt=timezone.localdate() - timedelta(days=40)).delete()
    run = asked(site)
    replay_do(pk=run.pk)
    run.refresh_from_db()
    assert run.state == "failed"
    assert "covers 40 days of demand" in run.error


@pytest.mark.django_db
def test_a_site_without_demand_is_said() -> None:
    run = asked(factories.site())
    replay_do(pk=run.pk)
    run.refresh_from_db()
    assert run.state == "failed"
    assert "has no demand" in run.error


@pytest.fixture
def two(db: None) -> tuple[ReplayRun, ReplayRun]:
    """Of sites without any history: quickly done."""
    first, second = (asked(factories.site(code=code, name=code)) for code in ("north", "south"))
    return first, second


def test_of_two_sites_one_is_replayed_and_the_other_waits_for_it(two: tuple[ReplayRun, ReplayRun]) -> None:
    first, second = two
    assert replays._claim(first.pk)
    OrmQ.objects.all().delete()
    replay_do(pk=second.pk)
    second.refresh_from_db()
    assert (second.state, second.fence, second.waits_for) == ("waiting", 0, first)
    ReplayRun.objects.filter(pk=second.pk).update(lease_until=timezone.now() - timedelta(minutes=1))
    assert replays_rescue() == 0  # it is not lost
    assert woken() == []
    assert replay_cancel(run=first)
    assert woken() == [f"procurement.tasks.run_replay({second.pk})"]
    work_off()
    second.refresh_from_db()
    assert (second.state, second.waits_for) == ("failed", None)
    assert "has no demand" in second.error


def test_one_that_died_lets_those_that_wait_go_on(two: tuple[ReplayRun, ReplayRun]) -> None:
    first, second = two
    late = timezone.now() - timedelta(minutes=1)
    ReplayRun.objects.filter(pk=first.pk).update(state="running", fence=3, lease_until=late)
    OrmQ.objects.all().delete()
    replays_rescue()
    assert f"procurement.tasks.run_replay({second.pk})" in woken()
    work_off()
    assert list(ReplayRun.objects.order_by("pk").values_list("state", flat=True)) == ["failed", "failed"]


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("attempt", range(3))
def test_taken_up_at_the_same_moment_one_of_several_begins(attempt: int) -> None:
    runs = [asked(factories.site(code=code, name=code)) for code in ("north", "south", "west")]
    claimed = race(*[partial(replays._claim, run.pk) for run in runs])
    assert sum(isinstance(run, ReplayRun) for run in claimed) == 1, claimed
    assert claimed.count(None) == 2, claimed
