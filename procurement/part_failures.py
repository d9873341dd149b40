"""Since when a job fails for a supplier or source, whatever it does for the others."""

from datetime import datetime

from django.db.models import Max

from procurement.models import JobPart


def failing_since(job: str) -> dict[int, datetime]:
    """By subject, of those whose last parts all failed: when the first of these ended. Two queries."""
    ended = JobPart.objects.filter(job=job).order_by()
    done = ended.filter(state=JobPart.State.DONE).values_list("subject").annotate(last=Max("pk"))
    well = dict(done)
    found: dict[int, datetime] = {}
    failed = ended.filter(state=JobPart.State.FAILED, finished_at__isnull=False).order_by("pk")
    for pk, subject, at in failed.values_list("pk", "subject", "finished_at"):
        if pk > well.get(subject, 0) and at is not None:
            found.setdefault(subject, at)
    return found
