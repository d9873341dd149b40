"""Whose turn it is, in the background and at the command line."""

import json
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from procurement import chores, tasks
from procurement.models import CustomerOrder, SourceAccount, SourceRun
from suppliers.sandbox.faults import Fault, Kind
from tests.flow.background import woken, work_off
from tests.sources.salesforce_org import order

pytestmark = pytest.mark.django_db


def test_source_is_read_when_it_is_its_turn_and_then_waits(source, org):
    order(org, 1, (1, "A", 5))
    tasks.sync_sources()
    assert work_off() == ["run_part"]
    assert CustomerOrder.objects.exists()
    source.refresh_from_db()
    assert timedelta(minutes=9) < source.next_run_at - timezone.now() <= timedelta(minutes=10)
    tasks.sync_sources()
    assert woken() == []
    SourceAccount.objects.update(next_run_at=timezone.now())
    tasks.sync_sources()
    assert work_off() == ["run_part"]


@pytest.mark.parametrize("values", [{"active": False}, {"paused_reason": "refused"}])
def test_source_that_waits_for_somebody_is_left_alone(source, values):
    SourceAccount.objects.update(**values)
    tasks.sync_sources()
    assert woken() == []


def test_long_reading_goes_on_in_one_task_after_the_other(source, org, monkeypatch):
    monkeypatch.setattr(chores, "LONGEST_READING", timedelta(0))
    for n in range(1, 8):
        order(org, n, (n, "A", n))
    tasks.sync_sources()
    assert len(work_off()) > 3
    assert CustomerOrder.objects.count() == 7


def test_task_that_comes_twice_or_too_late_does_nothing(source):
    SourceRun.objects.create(account=source, lease_until=timezone.now() + timedelta(minutes=1))
    tasks.sync_source(source.pk)
    source.delete()
    tasks.sync_source(source.pk or 1)
    assert not SourceRun.objects.exists()


def test_failures_are_tried_again_at_growing_distances(source, sandbox, org):
    sandbox.faults.set(Fault(kind=Kind.REDIRECT))
    pauses = []
    for _ in range(8):
        tasks.sync_source(source.pk)
        source.refresh_from_db()
        pauses.append(round((source.next_run_at - timezone.now()).total_seconds() / 60))
    assert pauses == [1, 2, 4, 8, 16, 32, 60, 60]
    assert source.failures == 8
    sandbox.faults.clear()
    tasks.sync_source(source.pk)
    source.refresh_from_db()
    assert source.failures == 0


def command(*arguments: str) -> tuple[int, dict]:
    out = StringIO()
    try:
        call_command("sync", *arguments, "--json", stdout=out)
    except SystemExit as ended:
        return ended.code, json.loads(out.getvalue())["sources"]
    return 0, json.loads(out.getvalue())["sources"]


def test_command_tells_each_source_with_its_counts(source, org):
    order(org, 1, (1, "A", 5))
    code, told = command()
    assert code == 0
    assert told == {
        "crm": {
            "status": "done", "error": "",
            "fetched": 1, "added": 1, "changed": 0, "unchanged": 0, "removed": 0, "failed": 0,
        }
    }  # fmt: skip
    assert command("crm")[1]["crm"]["fetched"] == 0
    assert command("crm", "--all")[1]["crm"] | {"status": ""} == told["crm"] | {
        "status": "",
        "added": 0,
        "unchanged": 1,
    }


def test_command_ends_with_1_when_a_reading_failed(source, org):
    order(org, 1, (1, "A", 5))
    org.hidden.add("Quantity")
    code, told = command()
    assert (code, told["crm"]["status"]) == (1, "failed")
    assert "Quantity" in told["crm"]["error"]


def test_command_names_a_source_that_is_none(db):
    with pytest.raises(CommandError, match="There is no source 'moon'"):
        call_command("sync", "moon")


def test_command_does_not_disturb_a_reading_that_runs(source):
    SourceRun.objects.create(account=source, lease_until=timezone.now() + timedelta(minutes=1))
    with pytest.raises(CommandError, match="is being read already"):
        call_command("sync", "crm")


def test_old_readings_are_pruned(source):
    old = SourceRun.objects.create(account=source, status="done", lease_until=timezone.now())
    SourceRun.objects.filter(pk=old.pk).update(started_at=timezone.now() - timedelta(days=31))
    kept = SourceRun.objects.create(account=source, status="done", lease_until=timezone.now())
    tasks.prune()
    assert list(SourceRun.objects.all()) == [kept]
