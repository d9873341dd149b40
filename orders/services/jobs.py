"""What all jobs that talk to a supplier have in common: who may still write an outcome, and when to try again."""

import random
from datetime import timedelta
from typing import Any

from django.utils import timezone

from orders.models.job import SupplierJob

LONGEST_PAUSE = timedelta(minutes=15)


def job_about_to_send(job: SupplierJob) -> bool:
    """The last look before the bytes leave: False where the lease has run out and the job is somebody else's."""
    now = timezone.now()
    rows: Any = type(job)._default_manager
    ours = rows.filter(pk=job.pk, fence=job.fence, status="running", lease_until__gt=now)
    return bool(ours.update(submitted_at=now) == 1)


def job_move(job: Any, status: str, **fields: Any) -> bool:
    """Write an outcome if the job is still ours. `finished_at`, lease and error follow from the new status."""
    live = status in job.LIVE
    fields.setdefault("next_run_at", None)
    fields.setdefault("lease_until", None)
    fields.setdefault("error", "")
    fields.setdefault("error_kind", "")
    fields["finished_at"] = None if live else timezone.now()
    ours = type(job)._default_manager.filter(pk=job.pk, fence=job.fence, status=job.status)
    if ours.update(status=status, **fields) == 0:
        return False
    job.status = status
    return True


def backoff(attempts: int) -> timedelta:
    """2, 4, 8 ... seconds up to a quarter of an hour, each 50 to 100 % of it, so that jobs do not march in step."""
    return min(timedelta(seconds=2 ** min(attempts, 12)), LONGEST_PAUSE) * random.uniform(0.5, 1.0)
