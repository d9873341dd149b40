"""A job that does something for every supplier: a task each, one under way of each, and for whom it failed."""

from datetime import timedelta

import pytest
from django.utils import timezone

from procurement.exceptions import JobAlreadyRunning
from procurement.models import JobPart, JobRun
from procurement.schedules import Done
from procurement.services.job_parts import ATTEMPTS, part_run, parts_rescue
from procurement.services.jobs import job_request, job_scheduled, runs_settle
from tests import factories
from tests.flow.background import woken, work_off
from tests.procurement.jobs import broken, job, nothing, some

pytestmark = pytest.mark.django_db


def late() -> None:
    JobPart.objects.update(lease_until=timezone.now() - timedelta(seconds=1))


def test_run_has_ended_when_its_parts_have_and_adds_up_what_they_did(monkeypatch):
    run = job_scheduled(job=job(monkeypatch, some, of=[7, 8]))
    assert (run.state, run.finished_at, len(woken())) == ("parts", None, 2)
    work_off()
    run.refresh_from_db()
    assert (run.state, run.counts, run.error) == ("done", {"things": 6}, "")
    assert run.finished_at == max(part.finished_at for part in run.parts.all())


def test_run_says_for_whom_it_failed_and_why(monkeypatch):
    def of(supplier: int) -> Done:
        return Done({"prices": 5}) if supplier == 2 else Done(error=f"No answer from {supplier}.")

    run = job_scheduled(job=job(monkeypatch, of, of=[1, 2, 3]))
    work_off()
    run.refresh_from_db()
    assert (run.state, run.counts) == ("partly", {"prices": 5})
    assert run.error == "Supplier 1: No answer from 1. Supplier 3: No answer from 3."


def test_run_of_which_every_part_failed_has_failed(monkeypatch):
    run = job_scheduled(job=job(monkeypatch, broken, of=[1, 2, 3, 4, 5]))
    work_off()
    run.refresh_from_db()
    assert run.state == "failed"
    assert run.error.endswith("And 2 more.")
    assert "secret" not in run.error


def test_nobody_to_ask_is_a_quiet_run(monkeypatch):
    run = job_scheduled(job=job(monkeypatch, some, of=[]))
    assert (run.state, run.eventful, woken()) == ("done", False, [])


def test_part_under_way_is_left_alone_and_holds_up_no_other(monkeypatch):
    tidy = job(monkeypatch, some, of=[1, 2])
    first = job_scheduled(job=tidy)
    JobPart.objects.filter(subject=2).update(state="done", finished_at=timezone.now())
    second = job_scheduled(job=tidy)
    assert list(second.parts.values_list("subject", flat=True)) == [2]
    assert second.counts == {"under way from before": 1}
    work_off()
    assert set(JobRun.objects.values_list("state", flat=True)) == {"done"}
    first.refresh_from_db()
    assert first.counts == {"things": 3}


def test_person_who_asks_while_parts_are_under_way_is_told(monkeypatch):
    tidy = job(monkeypatch, some, of=[1, 2])
    job_scheduled(job=tidy)
    with pytest.raises(JobAlreadyRunning, match="2 of 2 are still to be done"):
        job_request(job=tidy, by=factories.user())


def test_part_that_has_more_to_do_goes_on_in_the_next_task(monkeypatch):
    steps = [lambda _: Done({"rows": 10}, more=True), lambda _: Done({"rows": 5})]
    run = job_scheduled(job=job(monkeypatch, *steps, of=[1]))
    assert work_off() == ["run_part", "run_part"]
    run.refresh_from_db()
    assert (run.state, run.counts) == ("done", {"rows": 15})


def test_part_delivered_twice_is_done_once(monkeypatch):
    done = []
    job_scheduled(job=job(monkeypatch, lambda subject: done.append(subject) or Done(), of=[1]))
    part = JobPart.objects.get()
    part_run(part_id=part.pk)
    assert part_run(part_id=part.pk) is None
    JobPart.objects.update(state="running")  # held by another worker
    assert part_run(part_id=part.pk) is None
    assert done == [1]


def test_part_of_a_dead_worker_is_done_again_and_given_up_after_three(monkeypatch):
    def die(_: int) -> Done:
        raise SystemExit  # nothing of ours is written after it

    run = job_scheduled(job=job(monkeypatch, die, of=[1]))
    part = JobPart.objects.get()
    for _ in range(ATTEMPTS):
        with pytest.raises(SystemExit):
            part_run(part_id=part.pk)
        late()
    assert part_run(part_id=part.pk) is None
    assert parts_rescue() == 0
    run.refresh_from_db()
    assert (run.state, JobPart.objects.get().state) == ("failed", "failed")
    assert "The worker stopped 3 times" in run.error


def test_lost_wake_up_is_found_and_not_woken_each_minute(monkeypatch):
    job_scheduled(job=job(monkeypatch, some, of=[1]))
    assert parts_rescue() == 0
    late()
    assert [parts_rescue(), parts_rescue()] == [1, 0]
    assert len(woken()) == 2


def test_worker_that_comes_back_late_writes_nothing(monkeypatch):
    def oversleep(_: int) -> Done:
        late()
        parts_rescue()
        return Done({"things": 9})

    job_scheduled(job=job(monkeypatch, oversleep, some, of=[1]))
    work_off()
    assert JobRun.objects.get().counts == {"things": 3}


def test_worker_that_comes_back_late_ends_nothing_that_another_one_has(monkeypatch):
    def oversleep(_: int) -> Done:
        JobPart.objects.update(attempts=2, lease_until=timezone.now() + timedelta(minutes=1))
        return Done({"things": 9})

    job_scheduled(job=job(monkeypatch, oversleep, of=[1]))
    work_off()
    part = JobPart.objects.get()
    assert (part.state, part.counts, JobRun.objects.get().state) == ("running", {}, "parts")


def test_run_whose_end_nobody_wrote_is_ended(monkeypatch):
    run = job_scheduled(job=job(monkeypatch, nothing, of=[1]))
    JobPart.objects.update(state="done", finished_at=timezone.now(), counts={"things": 2})
    runs_settle()
    run.refresh_from_db()
    assert (run.state, run.counts) == ("done", {"things": 2})


def test_quiet_runs_of_parts_leave_few_rows(monkeypatch):
    tidy = job(monkeypatch, nothing, of=[1, 2])
    for _ in range(25):
        job_scheduled(job=tidy)
        work_off()
    assert (JobRun.objects.count(), JobPart.objects.count()) == (20, 40)


def test_part_of_a_job_that_is_no_more_ends(monkeypatch):
    run = JobRun.objects.create(job="gone", state="parts", started_at=timezone.now())
    part = JobPart.objects.create(run=run, job="gone", subject=1, label="x", lease_until=timezone.now())
    assert part_run(part_id=part.pk).error == "There is no such job any more."


def test_part_claimed_before_the_clock_was_set_back_is_woken(monkeypatch):
    job_scheduled(job=job(monkeypatch, some, of=[1]))
    JobPart.objects.update(state="running", attempts=1, lease_until=timezone.now() + timedelta(hours=5))
    assert parts_rescue() == 1


def test_words_of_a_supplier_that_no_database_keeps_do_not_end_as_a_dead_worker(monkeypatch):
    tidy = job(monkeypatch, lambda _: Done(error="It said \x00no."), of=[1])
    job_scheduled(job=tidy)
    part = JobPart.objects.get()
    assert part_run(part_id=part.pk).error == "It said no."
