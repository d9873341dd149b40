"""`manage.py jobs` for operators: the list, and a job in the foreground."""

import json
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from procurement.models import Alert, JobPart, JobRun
from procurement.schedules import Done
from procurement.services.timetable import schedules_ensure
from tests.procurement.jobs import broken, job, some

pytestmark = pytest.mark.django_db


def jobs(**options: object) -> str:
    out = StringIO()
    call_command("jobs", stdout=out, **options)
    return out.getvalue()


def test_list_names_every_job_and_what_is_wrong():
    schedules_ensure()
    JobRun.objects.create(
        job="prune", state="done", started_at=timezone.now(), finished_at=timezone.now(), counts={"calls": 3}
    )
    Alert.objects.create(kind="source-stale", subject="sap", words="SAP has not been read for 2 days.")
    said = jobs()
    assert "sync-catalogues  every day" in said
    assert "done, 0.0 s: 3 calls" in said
    assert "! SAP has not been read for 2 days." in said
    told = json.loads(jobs(json=True))
    assert told["alerts"][0]["subject"] == "sap"
    listed = {one["name"]: one for one in told["jobs"]}
    assert listed["prune"]["last"]["counts"] == {"calls": 3}
    assert (listed["sweep"]["last"], listed["sweep"]["every_minutes"], listed["sweep"]["fault"]) == (
        None,
        1,
        None,
    )


def test_job_runs_here_part_by_part(monkeypatch):
    steps = [lambda _: Done({"rows": 10}, more=True), lambda _: Done({"rows": 5})]
    job(monkeypatch, *steps, of=[1, 2])
    said = jobs(run="tidy")
    assert "Supplier 1: done, 15 rows" in said
    assert "Tidy up: done" in said
    run = JobRun.objects.get()
    assert (run.via, run.counts) == ("command", {"rows": 20})


def test_failure_is_told_and_ends_with_one(monkeypatch):
    job(monkeypatch, lambda subject: some() if subject == 1 else broken(), of=[1, 2])
    out = StringIO()
    with pytest.raises(SystemExit) as end:
        call_command("jobs", run="tidy", json=True, stdout=out)
    told = json.loads(out.getvalue())
    assert (end.value.code, told["state"], [part["state"] for part in told["parts"]]) == (
        1,
        "partly",
        ["done", "failed"],
    )
    assert JobPart.objects.count() == 2


def test_what_cannot_be_is_refused_in_words(monkeypatch):
    with pytest.raises(CommandError, match="There is no job 'nope'; there are sweep, watch"):
        jobs(run="nope")
    job(monkeypatch, some)
    JobRun.objects.create(
        job="tidy", started_at=timezone.now(), lease_until=timezone.now() + timedelta(minutes=1)
    )
    with pytest.raises(CommandError, match="“Tidy up” is running already"):
        jobs(run="tidy")
