"""Which workers are there: each that is handed a task leaves a sign of life, at most every half minute."""

import logging
import os
import socket
import time
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import DatabaseError
from django.utils import timezone
from django_q.brokers import get_broker

from orders.models import WorkerHeartbeat

log = logging.getLogger(__name__)
BEAT = 30  # seconds
SEEN_LATELY = timedelta(minutes=5)  # every worker gets one of the tasks of every minute within that
PREFIX = "worker:"
_beaten = -float(BEAT)


def worker_at_work() -> None:
    """Called by what takes minutes, else all workers at such work together would seem dead, and be ended."""
    if _beaten >= 0:  # this process is a worker
        worker_beat()


def worker_beat(**_: Any) -> None:
    """Called before each task, in the process that does it."""
    global _beaten
    if time.monotonic() - _beaten < BEAT:
        return
    _beaten = time.monotonic()
    try:
        WorkerHeartbeat.objects.update_or_create(name=worker_name(), defaults={"at": timezone.now()})
    except DatabaseError:
        log.warning("The sign of life of %s could not be written", worker_name(), exc_info=True)


def worker_name() -> str:
    return f"{PREFIX}{socket.gethostname()[:24]}:{os.getpid()}"


@dataclass(frozen=True, slots=True)
class Workforce:
    swept_at: datetime | None
    workers: int  # that took a task lately
    hosts: int
    waiting: int  # tasks in the queue
    in_hand: int  # tasks that a worker has


def workforce() -> Workforce:
    lately = WorkerHeartbeat.objects.filter(name__startswith=PREFIX, at__gt=timezone.now() - SEEN_LATELY)
    names = list(lately.values_list("name", flat=True))
    broker = get_broker()
    return Workforce(
        swept_at=WorkerHeartbeat.objects.filter(name="sweep").values_list("at", flat=True).first(),
        workers=len(names),
        hosts=len({name.split(":")[1] for name in names}),
        waiting=broker.queue_size(),
        in_hand=broker.lock_size() or 0,
    )
