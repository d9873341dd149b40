"""What is kept of jobs' runs: those that did something or failed for a month, the quiet ones only the last few of."""

from datetime import timedelta

from django.utils import timezone

from procurement.models import JobRun

KEPT_QUIET = 20  # for the picture of the last runs
KEPT = timedelta(days=30)
KEPT_AT_MOST = 1_000  # of one job


def runs_forget_quiet(*, job: str) -> None:
    """Jobs that run every minute and find nothing to do leave no trace but their last runs."""
    quiet = JobRun.objects.filter(job=job, eventful=False, state=JobRun.State.DONE)
    for older in quiet.values_list("pk", flat=True)[KEPT_QUIET : KEPT_QUIET + 1]:
        quiet.filter(pk__lte=older).delete()


def runs_prune(*, job: str) -> int:
    """How many runs were thrown away; the last one stays, however old it is."""
    ended = JobRun.objects.filter(job=job).exclude(state__in=JobRun.LIVE)
    newest = list(ended.values_list("pk", flat=True)[:1])
    old = ended.exclude(pk__in=newest).filter(asked_at__lt=timezone.now() - KEPT)
    gone = old.count()
    old.delete()
    for surplus in ended.values_list("pk", flat=True)[KEPT_AT_MOST : KEPT_AT_MOST + 1]:
        beyond = ended.filter(pk__lte=surplus)
        gone += beyond.count()
        beyond.delete()
    return gone
