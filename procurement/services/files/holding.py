"""Who works on an import: one task at a time, held by a lease that every step renews."""

from datetime import timedelta
from typing import Any

from django.db.models import F, Q
from django.utils import timezone

from procurement.exceptions import FileOverrun
from procurement.models import FileImport

LEASE = timedelta(seconds=90)  # a task ends at 60
BUSY = (FileImport.Status.CHECKING, FileImport.Status.LOADING, FileImport.Status.UNDOING)


def lease_take(file_import: FileImport) -> None:
    """Hold it, unless somebody else does. Raises `FileOverrun`."""
    now = timezone.now()
    free = Q(lease_until=None) | Q(lease_until__lt=now)
    taken = FileImport.objects.filter(free, pk=file_import.pk, status__in=BUSY).update(
        lease_until=now + LEASE
    )
    if not taken:
        raise FileOverrun(f"{file_import} is being worked on already, or there is nothing to do.")
    file_import.refresh_from_db()


def lease_renew(file_import: FileImport, **values: Any) -> None:
    """Write `values`, and hold it longer; inside the transaction of the step that they are of.

    Raises `FileOverrun` if it was stopped, or is held by somebody else by now: the step must not stand.
    """
    until = timezone.now() + LEASE
    held = FileImport.objects.filter(
        pk=file_import.pk, status=file_import.status, lease_until=file_import.lease_until
    ).update(lease_until=until, **values)
    if not held:
        raise FileOverrun(f"{file_import} was stopped, or another task has taken over.")
    file_import.lease_until = until
    for name, value in values.items():
        if not isinstance(value, F) and not hasattr(value, "resolve_expression"):
            setattr(file_import, name, value)


def lease_release(file_import: FileImport) -> None:
    FileImport.objects.filter(pk=file_import.pk, lease_until=file_import.lease_until).update(lease_until=None)
