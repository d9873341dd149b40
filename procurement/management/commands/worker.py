"""The background worker, kept alive: see procurement.supervisor."""

import logging
import signal
from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.db import DatabaseError

from procurement.services.alerting import worker_alarm
from procurement.services.timetable import schedules_ensure
from procurement.supervisor import Supervisor

log = logging.getLogger(__name__)


def _stood_still() -> None:
    """Perhaps because nothing was due: a clock set back leaves every job's next run far ahead."""
    worker_alarm()
    try:
        schedules_ensure()
    except DatabaseError:
        log.exception("The schedule could not be looked at")


class Command(BaseCommand):
    help = "Run background jobs (qcluster), started anew whenever the worker dies or gives no sign of life."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--grace", type=float, default=30, help="Seconds a running job gets to finish at the end."
        )
        parser.add_argument(
            "--silence", type=float, default=300, help="Seconds without a sign of life before a restart."
        )

    def handle(self, *args: Any, **options: Any) -> None:
        supervisor = Supervisor(
            silence=timedelta(seconds=options["silence"]),
            grace_seconds=options["grace"],
            say=self.stderr.write,
            alarm=_stood_still,
        )
        signal.signal(signal.SIGTERM, supervisor.stop)
        signal.signal(signal.SIGINT, supervisor.stop)
        supervisor.run()
