"""Waking background work. The row in the database is the truth; a wake-up that is lost is found by the sweep, one that
comes twice finds nothing to do."""

from django.conf import settings
from django.db import transaction
from django_q.tasks import async_task


def wake(task: str, *args: int | str, seconds: int | None = None) -> None:
    """Run `task` soon. Rolls back with the surrounding transaction. `seconds`: it may take longer than most."""
    options = {} if seconds is None else {"timeout": seconds}
    if settings.Q_CLUSTER.get("orm"):
        async_task(task, *args, **options)  # a row in the same database: an outbox for free
    else:
        transaction.on_commit(lambda: async_task(task, *args, **options))
