"""The background worker is replaced when it dies or falls silent, and nothing of it is left behind."""

import sys
import threading
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import connections
from django.utils import timezone
from django_q.models import Schedule

from orders.models import WorkerHeartbeat
from procurement import supervisor
from procurement.context import worker_silence
from procurement.services.timetable import schedule_faults, schedules_ensure
from procurement.supervisor import Supervisor, heartbeat_age, sign_of_life_age

# A worker that notes its own start and leaves a child in its session, as a qcluster does.
WORKER = """
import subprocess, sys, time
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
with open(sys.argv[1], "a") as file:
    file.write(f"{child.pid}\\n")
time.sleep(float(sys.argv[2]))
"""


def wait_for(condition: Callable[[], bool], seconds: float = 20) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "did not happen in time"
        time.sleep(0.05)


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().split()[2] != "Z"
    except FileNotFoundError:
        return False


def supervise(
    monkeypatch: pytest.MonkeyPatch, log: Path, lifetime: str, **options: object
) -> tuple[Supervisor, list]:
    monkeypatch.setattr(supervisor, "PAUSE_SECONDS", 0)
    monkeypatch.setattr(supervisor, "CHECK_SECONDS", 0)
    said: list[str] = []
    command = [sys.executable, "-c", WORKER, str(log), lifetime]
    return Supervisor(command=command, grace_seconds=5, say=said.append, **options), said  # type: ignore[arg-type]


def starts(log: Path) -> list[int]:
    return [int(line) for line in log.read_text().split()] if log.exists() else []


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("lifetime", "silence", "reason"),
    [("0", timedelta(minutes=5), "ended by itself"), ("600", timedelta(seconds=2), "gave no sign of life")],
)
def test_worker_is_replaced_with_all_its_children_when_it(
    lifetime: str, silence: timedelta, reason: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = tmp_path / "starts"
    alarms: list[str] = []
    watched, said = supervise(monkeypatch, log, lifetime, silence=silence, alarm=lambda: alarms.append("!"))

    def run() -> None:
        try:
            watched.run()
        finally:
            connections.close_all()  # a thread's own; it would keep the test database from being dropped

    thread = threading.Thread(target=run)
    thread.start()
    try:
        wait_for(lambda: len(starts(log)) >= 2)
    finally:
        watched.stop()
        thread.join(20)
    assert not thread.is_alive()
    assert reason in said[0]
    assert len(alarms) == len(said)  # nobody else is left to give it
    wait_for(lambda: not any(alive(pid) for pid in starts(log)))


@pytest.mark.django_db
def test_heartbeat_age_when_the_worker_swept_before() -> None:
    now = timezone.now()
    assert heartbeat_age() is None
    WorkerHeartbeat.objects.create(name="sweep", at=now - timedelta(seconds=40))
    assert heartbeat_age(now=now) == timedelta(seconds=40)


@pytest.mark.django_db
def test_worker_whose_sweep_waits_behind_a_long_queue_is_alive_while_it_takes_tasks() -> None:
    now = timezone.now()
    WorkerHeartbeat.objects.create(name="sweep", at=now - timedelta(minutes=20))
    assert sign_of_life_age(now=now) == timedelta(minutes=20)
    assert worker_silence().startswith("The background worker was last seen 20 minutes ago.")
    WorkerHeartbeat.objects.create(name="worker:host:7", at=now - timedelta(seconds=40))
    assert sign_of_life_age(now=now) == timedelta(seconds=40)
    assert worker_silence() == ""


@pytest.mark.django_db
def test_sign_of_life_of_before_the_clock_was_set_back_is_none() -> None:
    now = timezone.now()
    WorkerHeartbeat.objects.create(name="sweep", at=now + timedelta(hours=1))
    assert sign_of_life_age(now=now) is None


@pytest.mark.django_db
def test_worker_that_stood_still_finds_its_next_runs_near_again(monkeypatch: pytest.MonkeyPatch) -> None:
    schedules_ensure()
    Schedule.objects.update(next_run=timezone.now() + timedelta(days=30))
    monkeypatch.setattr(Supervisor, "run", lambda self: self.alarm())
    monkeypatch.setattr("procurement.management.commands.worker.signal.signal", lambda *_: None)
    call_command("worker")
    assert not schedule_faults()
