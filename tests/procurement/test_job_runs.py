"""Runs of a periodic job: one at a time, with what each did, taken over when its worker died, and few rows kept."""

from datetime import timedelta

import pytest
from django.utils import timezone

from procurement.exceptions import JobAlreadyRunning
from procurement.models import JobRun, JobSetting
from procurement.schedules import Done
from procurement.services.job_history import KEPT_QUIET, runs_prune
from procurement.services.jobs import (
    DEATHS,
    job_request,
    job_run_here,
    job_scheduled,
    jobs_take_over,
    runs_settle,
)
from procurement.tasks import run_job
from tests import factories
from tests.flow.background import woken, work_off
from tests.procurement.jobs import broken, job, nothing, some

pytestmark = pytest.mark.django_db


def states() -> list[str]:
    return list(JobRun.objects.order_by("pk").values_list("state", flat=True))


def dead_run(**values: object) -> JobRun:
    ago = timezone.now() - timedelta(minutes=5)
    return JobRun.objects.create(**({"job": "tidy", "started_at": ago, "lease_until": ago} | values))


def test_run_tells_what_it_did_how_long_and_who_asked(monkeypatch):
    run = job_scheduled(job=job(monkeypatch, some))
    assert run is not None
    assert (run.state, run.counts, run.error, run.by, run.eventful) == ("done", {"things": 3}, "", None, True)
    assert run.duration >= timedelta(0)


@pytest.mark.parametrize(
    ("step", "error"),
    [
        (lambda: Done({"things": 1}, error="The disk is full."), "The disk is full."),
        (broken, "An error of the program (ZeroDivisionError); the log has the details."),
    ],
)
def test_failure_is_kept_in_words_and_the_next_run_is_not_held_up(monkeypatch, step, error):
    tidy = job(monkeypatch, step, some)
    assert job_scheduled(job=tidy).error == error
    assert job_scheduled(job=tidy).state == "done"
    assert states() == ["failed", "done"]


def test_job_that_is_running_is_not_started_again_and_one_row_says_how_often(monkeypatch):
    tidy = job(monkeypatch, some)
    JobRun.objects.create(
        job="tidy", started_at=timezone.now(), lease_until=timezone.now() + timedelta(minutes=1)
    )
    assert [job_scheduled(job=tidy) for _ in range(3)] == [None] * 3
    assert states() == ["running", "skipped"]
    skipped = JobRun.objects.get(state="skipped")
    assert skipped.times == 3
    assert "“Tidy up” is running already, since" in skipped.error


def test_run_inside_a_run_is_refused(monkeypatch):
    inner = []
    tidy = job(monkeypatch, lambda: inner.append(job_scheduled(job=tidy)) or Done())
    job_scheduled(job=tidy)
    assert inner == [None]
    assert states() == ["done", "skipped"]


def test_run_of_a_dead_worker_is_taken_over_and_said(monkeypatch):
    dead = dead_run()
    run = job_scheduled(job=job(monkeypatch, some))
    dead.refresh_from_db()
    assert (dead.state, dead.lost, run.state) == ("failed", True, "done")
    assert dead.error.startswith("Its worker stopped before it had finished")


def test_worker_that_comes_back_late_writes_nothing(monkeypatch):
    def oversleep() -> Done:
        JobRun.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
        jobs_take_over()
        return Done({"things": 9})

    tidy = job(monkeypatch, oversleep)
    monkeypatch.setattr("procurement.services.jobs.PERIODIC_JOBS", (tidy,))
    run = job_scheduled(job=tidy)
    assert (run.state, run.lost, run.counts) == ("failed", True, {})


def test_watch_ends_dead_runs_and_begins_them_again_until_they_have_killed_three(monkeypatch):
    tidy = job(monkeypatch, some, every=1440)
    monkeypatch.setattr("procurement.services.jobs.PERIODIC_JOBS", (tidy,))
    for n in range(1, DEATHS + 1):
        dead_run()
        assert jobs_take_over() == 1
        assert len(woken()) == min(n, DEATHS - 1)
    assert job_scheduled(job=tidy) is None  # delivered again and again by the broker
    JobRun.objects.update(asked_at=timezone.now() - timedelta(days=2))
    assert job_scheduled(job=tidy).state == "done"


def test_turn_that_is_delivered_twice_is_had_once(monkeypatch):
    tidy = job(monkeypatch, some, every=60)
    job_scheduled(job=tidy)
    assert job_scheduled(job=tidy) is None
    JobRun.objects.update(started_at=timezone.now() - timedelta(minutes=30))
    assert job_scheduled(job=tidy).state == "done"


def test_job_that_is_to_run_more_often_than_usual_misses_no_turn(monkeypatch):
    tidy = job(monkeypatch, some, every=60)
    JobSetting.objects.create(job="tidy", every_minutes=10)
    assert job_scheduled(job=tidy) is not None
    JobRun.objects.update(started_at=timezone.now() - timedelta(minutes=9, seconds=50))  # a turn a bit early
    assert job_scheduled(job=tidy) is not None


@pytest.mark.parametrize("values", [{"state": "running"}, {"state": "done"}])
def test_clock_that_is_set_back_holds_up_no_job_until_it_is_as_late_again(monkeypatch, values):
    tidy = job(monkeypatch, some, every=60)
    ahead = timezone.now() + timedelta(days=1)
    JobRun.objects.create(job="tidy", started_at=ahead, lease_until=ahead + timedelta(minutes=1), **values)
    assert job_scheduled(job=tidy) is not None


def test_paused_job_is_passed_over_by_its_schedule_and_runs_when_somebody_asks(monkeypatch):
    tidy, by = job(monkeypatch, some), factories.user()
    JobSetting.objects.create(job="tidy", paused_at=timezone.now(), paused_by=by, paused_reason="stocktaking")
    assert job_scheduled(job=tidy) is None
    assert states() == []
    job_request(job=tidy, by=by)
    work_off()
    assert states() == ["done"]


def test_asking_twice_runs_once(monkeypatch):
    tidy, by = job(monkeypatch, some), factories.user()
    run = job_request(job=tidy, by=by)
    with pytest.raises(JobAlreadyRunning, match="asked for already and waits for a worker"):
        job_request(job=tidy, by=by)
    assert woken() == [f"procurement.tasks.run_job({run.pk})"]
    work_off()
    run_job(run.pk)  # comes twice
    run.refresh_from_db()
    assert (states(), run.by, run.eventful) == (["done"], by, True)


def test_schedule_takes_up_what_was_asked_for_when_its_wake_up_was_lost(monkeypatch):
    tidy, by = job(monkeypatch, some), factories.user()
    asked = JobRun.objects.create(job="tidy", state="queued", via="page", by=by)
    assert job_scheduled(job=tidy) == asked
    assert states() == ["done"]
    late = JobRun.objects.create(job="tidy", state="queued", via="page", by=by)
    JobRun.objects.update(asked_at=timezone.now() - timedelta(minutes=5))
    assert runs_settle() == 1
    assert woken() == [f"procurement.tasks.run_job({late.pk})"]


def test_asked_for_run_of_a_dead_worker_is_begun_again_for_the_same_person(monkeypatch):
    job(monkeypatch, some)
    by = factories.user()
    dead = dead_run(via="page", by=by)
    run_job(dead.pk)
    assert list(JobRun.objects.order_by("pk").values_list("state", "by")) == [
        ("failed", by.pk),
        ("done", by.pk),
    ]
    run_job(dead.pk)  # and not once more
    assert JobRun.objects.count() == 2


def test_quiet_runs_are_forgotten_and_eventful_ones_kept(monkeypatch):
    tidy = job(monkeypatch, nothing)
    JobRun.objects.create(job="tidy", state="failed", eventful=True)
    for _ in range(KEPT_QUIET + 5):
        job_scheduled(job=tidy)
    assert states() == ["failed", *["done"] * KEPT_QUIET]


def test_old_runs_are_thrown_away_but_the_last(monkeypatch):
    for state in ("done", "failed", "running", "done"):
        JobRun.objects.create(job="tidy", state=state, eventful=True)
    JobRun.objects.update(asked_at=timezone.now() - timedelta(days=40))
    assert runs_prune(job="tidy") == 2
    assert states() == ["running", "done"]


def test_interrupted_in_the_foreground_it_holds_nothing(monkeypatch):
    def interrupt() -> Done:
        raise KeyboardInterrupt

    tidy = job(monkeypatch, interrupt, some)
    with pytest.raises(KeyboardInterrupt):
        job_run_here(job=tidy)
    assert JobRun.objects.get().error == "It was interrupted."
    assert job_run_here(job=tidy).state == "done"
