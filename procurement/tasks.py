"""Entry points for the background worker on the planning side."""

from datetime import timedelta

from django.utils import timezone
from django_q.models import Failure, Success

from suppliers.models import ConnectorCall

KEEP_TASK_RESULTS = timedelta(days=3)
KEEP_CALLS = timedelta(days=90)


def prune() -> None:
    """Throw away what nobody reads any more; orders, their messages and their events are kept."""
    now = timezone.now()
    Success.objects.filter(stopped__lt=now - KEEP_TASK_RESULTS).delete()
    Failure.objects.filter(stopped__lt=now - KEEP_TASK_RESULTS * 10).delete()
    ConnectorCall.objects.filter(started_at__lt=now - KEEP_CALLS, reference="").delete()
