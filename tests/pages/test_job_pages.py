"""The pages about background jobs: what each came to, what is wrong, and what a person may do about it."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone
from django_q.models import Schedule

from orders.models import WorkerHeartbeat
from procurement.models import Alert, JobPart, JobRun, JobSetting
from procurement.schedules import JOBS
from procurement.services.timetable import job_minutes, schedules_ensure
from procurement.workers import worker_beat
from tests.flow.background import woken, work_off
from tests.pages.reading import html, text

pytestmark = pytest.mark.django_db
PRICES = "/jobs/sync-catalogues/"


@pytest.fixture(autouse=True)
def scheduled(db: None) -> None:
    schedules_ensure()


def run(job: str = "sync-catalogues", state: str = "done", *, took: float = 3, **values: object) -> JobRun:
    now = timezone.now()
    ended = None if state in JobRun.LIVE else now
    defaults = {"started_at": now - timedelta(seconds=took), "finished_at": ended, "eventful": True}
    return JobRun.objects.create(job=job, state=state, **(defaults | values))


def part(of: JobRun, subject: int, state: str = "done", **values: object) -> JobPart:
    defaults = {"label": f"Supplier {subject}", "lease_until": timezone.now()}
    return JobPart.objects.create(run=of, job=of.job, subject=subject, state=state, **(defaults | values))


def after(client: Client, address: str, data: dict[str, str]) -> str:
    """The page that follows."""
    return text(client.post(address, data, follow=True))


def test_list_tells_of_each_job_what_it_did_and_when_it_is_next(buyer: Client) -> None:
    run(counts={"prices changed": 1204, "offers added": 1})
    page = text(buyer.get("/jobs/"))
    assert all(job.title in page for job in JOBS.values())
    for words in ("1,204 prices changed · 1 offer added", "every day", "3.0 s", "not run yet", "never seen"):
        assert words in page
    assert "run-done" in html(buyer.get("/jobs/"))


def test_workers_are_counted_by_the_tasks_they_take(buyer: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    WorkerHeartbeat.objects.create(name="sweep", at=timezone.now())
    for pid in (7, 8):
        monkeypatch.setattr("procurement.workers._beaten", -30.0)
        monkeypatch.setattr("os.getpid", lambda pid=pid: pid)
        worker_beat()
        worker_beat()  # not each time
    long_gone = timezone.now() - timedelta(minutes=6)
    WorkerHeartbeat.objects.create(name="worker:other:9", at=long_gone)
    page = text(buyer.get("/jobs/"))
    assert "running" in page
    assert "Processes 2" in page


def test_job_page_answers_for_whom_it_failed_and_why(buyer: Client) -> None:
    made = run(state="partly", counts={"prices changed": 5}, error="Supplier 2: It refused our credentials.")
    part(made, 1, counts={"prices changed": 5})
    part(made, 2, "failed", error="It refused our credentials.", attempts=3)
    page = text(buyer.get(PRICES))
    for words in (
        "failed in part",
        "Supplier 1",
        "5 prices changed",
        "It refused our credentials.",
        "attempt 3",
        "2 of 2",
    ):
        assert words in page
    older = run()
    part(older, 9)
    assert "Supplier 9" in text(buyer.get(PRICES))
    assert "Supplier 9" not in text(buyer.get(f"{PRICES}?run={made.pk}"))


def test_run_under_way_shows_how_far_it_is_and_the_page_follows(buyer: Client) -> None:
    made = run(state="parts")
    part(made, 1)
    part(made, 2, "running")
    assert "1 of 2" in text(buyer.get("/jobs/"))
    assert 'hx-trigger="every 2s"' in html(buyer.get("/jobs/"))
    followed = buyer.get(PRICES, headers={"HX-Request": "true"})
    assert "<html" not in html(followed)
    assert "1 of 2" in text(followed)


def test_pressing_run_now_twice_runs_it_once(administrator: Client) -> None:
    assert "runs as soon as a worker is free" in text(administrator.post("/jobs/prune/run/", follow=True))
    assert "asked for already" in after(administrator, "/jobs/prune/run/", {"next": "list"})
    assert len(woken()) == 1
    work_off()
    made = JobRun.objects.get()
    assert (made.state, made.via, made.by.groups.get().name) == ("done", "page", "Administrator")
    page = text(administrator.get("/jobs/prune/"))
    assert made.by.get_username() in page


def test_administrator_pauses_with_a_reason_and_resumes(administrator: Client, buyer: Client) -> None:
    assert "Say why" in after(administrator, "/jobs/hot-stock/pause/", {"reason": " "})
    assert "is paused until" in after(administrator, "/jobs/hot-stock/pause/", {"reason": "Stocktaking"})
    assert "was paused already" in after(administrator, "/jobs/hot-stock/pause/", {"reason": "x"})
    page = text(buyer.get("/jobs/hot-stock/"))
    who = JobSetting.objects.get().paused_by.get_username()
    assert f"by {who}: “Stocktaking”" in page
    assert "by its schedule again" in text(administrator.post("/jobs/hot-stock/resume/", follow=True))
    assert "was not paused" in text(administrator.post("/jobs/hot-stock/resume/", follow=True))


def test_job_that_finds_what_was_lost_cannot_be_paused(administrator: Client) -> None:
    assert "cannot be paused" in after(administrator, "/jobs/sweep/pause/", {"reason": "x"})
    assert not JobSetting.objects.filter(paused_at__isnull=False).exists()


def test_rhythm_is_changed_within_limits_and_setup_keeps_it(administrator: Client) -> None:
    assert "is changed" in after(administrator, "/jobs/hot-stock/rhythm/", {"minutes": "120"})
    schedules_ensure()
    assert Schedule.objects.get(name="hot-stock").minutes == job_minutes(JOBS["hot-stock"]) == 120
    assert "every 2 hours" in text(administrator.get("/jobs/hot-stock/"))
    wrong = dict.fromkeys(("9" * 40, "NaN", "²"), "whole number") | {"5": "may run every 10 to 1440 minutes"}
    for minutes, words in wrong.items():
        assert words in after(administrator, "/jobs/hot-stock/rhythm/", {"minutes": minutes})
    assert "as often as that already" in after(administrator, "/jobs/hot-stock/rhythm/", {"minutes": "120"})
    administrator.post("/jobs/hot-stock/rhythm/", {"minutes": "60"})
    assert JobSetting.objects.get().every_minutes is None


def test_next_run_comes_sooner_when_the_rhythm_does(administrator: Client) -> None:
    Schedule.objects.filter(name="sync-catalogues").update(next_run=timezone.now() + timedelta(hours=20))
    administrator.post("/jobs/sync-catalogues/rhythm/", {"minutes": "60"})
    assert Schedule.objects.get(name="sync-catalogues").next_run <= timezone.now() + timedelta(hours=1)


def test_schedule_that_was_changed_elsewhere_is_said(buyer: Client) -> None:
    Schedule.objects.filter(name="prune").delete()
    Schedule.objects.filter(name="hot-stock").update(repeats=0)
    page = text(buyer.get("/jobs/"))
    assert "is missing in the schedule and never runs by itself" in page
    assert "was changed in the schedule table itself" in page
    assert "manage.py setup" in text(buyer.get("/jobs/prune/"))


def test_turns_that_were_passed_over_are_said(buyer: Client) -> None:
    run("prune", "skipped", times=4, error="“Prune” is running already.")
    assert "4 turns passed over" in text(buyer.get("/jobs/prune/"))


def test_open_alerts_stand_on_the_work_queue_and_on_the_jobs_page(buyer: Client) -> None:
    stale = "SAP has not been read for 2 days."
    Alert.objects.create(
        kind="source-stale",
        subject="sap",
        words="SAP has not been read for 2 days.",
        address="/stock/sources/sap/",
    )
    Alert.objects.create(kind="supplier-stopped", subject="acme", words="Acme is stopped.")
    Alert.objects.create(kind="worker", subject="worker", words="Long ago.", closed_at=timezone.now())
    queue, jobs = text(buyer.get("/")), text(buyer.get("/jobs/"))
    assert stale in queue
    assert "Acme is stopped." not in queue  # stopped suppliers have a pile of their own
    assert all(words in jobs for words in (stale, "Acme is stopped.", "Source stale"))
    assert "Long ago." not in queue + jobs


def test_menu_and_the_banner_lead_there(buyer: Client) -> None:
    WorkerHeartbeat.objects.create(name="sweep", at=timezone.now() - timedelta(hours=3))
    page = html(buyer.get("/"))
    assert page.count('href="/jobs/"') == 2


@pytest.mark.parametrize("address", ["/jobs/nothing/", "/jobs/nothing/run/"])
def test_unknown_job_is_not_found(administrator: Client, address: str) -> None:
    send = administrator.post if address.endswith("run/") else administrator.get
    assert send(address).status_code == 404


def test_who_may_not_is_refused(approver: Client, buyer: Client) -> None:
    assert approver.get("/jobs/").status_code == 200
    assert "Run now" not in text(approver.get("/jobs/prune/"))
    assert approver.post("/jobs/prune/run/").status_code == 403
    for what in ("pause", "resume", "rhythm"):
        assert buyer.post(f"/jobs/prune/{what}/", {"reason": "x", "minutes": "60"}).status_code == 403
    assert "How often" not in text(buyer.get("/jobs/prune/"))
