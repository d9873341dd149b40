"""Keeps the background worker alive.

A qcluster whose worker process was killed can stand still for ever without a word, and one whose master was
killed leaves children that go on taking jobs. So it runs in a session of its own, is replaced when its
heartbeat stops, and its whole session is killed before the next one starts. A job cut short is found again by
the sweep.
"""

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from threading import Event
from time import monotonic

from django.conf import settings
from django.db import DatabaseError, close_old_connections
from django.db.models import Max, Q
from django.utils import timezone

from orders.models import WorkerHeartbeat
from procurement.workers import PREFIX

CHECK_SECONDS = 10
# The sweep runs every minute and schedules are looked at every half minute
WORKER_SILENCE = timedelta(minutes=5)
A_MINUTE = timedelta(minutes=1)  # clocks of two machines differ
PAUSE_SECONDS = 2  # before a new start, so that a worker that cannot start does not spin


def sign_of_life_age(*, now: datetime) -> timedelta | None:
    """How long ago any worker took a task. The sweep alone does not tell: it may wait behind a long queue, and whoever
    is busy must not be ended. What lies in the future is of before the clock was set back.
    """
    signs = WorkerHeartbeat.objects.filter(Q(name="sweep") | Q(name__startswith=PREFIX))
    last = signs.filter(at__lte=now + A_MINUTE).aggregate(last=Max("at"))["last"]
    return None if last is None else now - last


def heartbeat_age(name: str = "sweep", *, now: datetime | None = None) -> timedelta | None:
    """How long ago the worker last swept; None if it never did."""
    at = WorkerHeartbeat.objects.filter(name=name).values_list("at", flat=True).first()
    return None if at is None else (now or timezone.now()) - at


@dataclass
class Supervisor:
    command: list[str] = field(
        default_factory=lambda: [sys.executable, str(settings.BASE_DIR / "manage.py"), "qcluster"]
    )
    silence: timedelta = WORKER_SILENCE
    grace_seconds: float = 30
    say: Callable[[str], object] = print
    alarm: Callable[[], object] = lambda: None  # nobody else can tell while the worker is silent
    stopping: Event = field(default_factory=Event)
    process: subprocess.Popen[bytes] | None = None

    def stop(self, *_: object) -> None:
        self.stopping.set()

    def run(self) -> None:
        """Until `stop` is called, which is fit to be a signal handler."""
        while not self.stopping.is_set():
            self.process = subprocess.Popen(self.command, start_new_session=True)  # noqa: S603
            try:
                why = self._watch(self.process)
            finally:
                self._end(self.process)
            if why:
                self.say(f"The worker {why}; starting a new one.")
                self.alarm()
                self.stopping.wait(PAUSE_SECONDS)

    def _watch(self, process: subprocess.Popen[bytes]) -> str:
        """Wait; returns why the worker must be replaced, or nothing when we were asked to stop."""
        started = monotonic()
        next_check = monotonic() + CHECK_SECONDS
        while not self.stopping.wait(0.5):
            if process.poll() is not None:
                return f"ended by itself (code {process.returncode})"
            if monotonic() >= next_check:
                next_check = monotonic() + CHECK_SECONDS
                if self._silent_since(started):
                    return f"gave no sign of life for {self.silence}"
        return ""

    def _silent_since(self, started: float) -> bool:
        try:
            close_old_connections()
            age = sign_of_life_age(now=timezone.now())
        except DatabaseError:
            return False  # the database is away; a new worker would not bring it back
        running = timedelta(seconds=monotonic() - started)
        return min(running if age is None else age, running) > self.silence

    def _end(self, process: subprocess.Popen[bytes]) -> None:
        process.terminate()  # the master alone: it lets running jobs finish
        try:
            process.wait(self.grace_seconds)
        except subprocess.TimeoutExpired:
            self.say(f"The worker did not end within {self.grace_seconds:g} s and is killed.")
        try:
            os.killpg(process.pid, signal.SIGKILL)
        except ProcessLookupError:
            return  # everything in its session has ended
        process.wait()
