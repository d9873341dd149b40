"""What is asked of an import, and the background work on it: one task after the other until it is done."""

import logging
import sqlite3
import time
from datetime import timedelta

from django.contrib.auth.base_user import AbstractBaseUser
from django.db import OperationalError, transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from orders.wakeups import wake
from procurement.exceptions import FileError, FileNotReady, FileOverrun
from procurement.models import FileImport
from procurement.services.files.holding import BUSY, lease_release, lease_renew, lease_take
from procurement.services.files.loading import load_steps
from procurement.services.files.outcomes import file_discarded, file_not_loaded
from procurement.services.files.places import all_forget, stored_path
from procurement.services.files.undoing import undo_start, undo_steps
from procurement.sources.base import SourceUnreadable

log = logging.getLogger(__name__)
TASK = "procurement.tasks.work_on_file"
Status = FileImport.Status
ENDED_EARLY = "What it had written until then stands: go on with it, or undo it."


def file_wake(file_import: FileImport) -> None:
    wake(TASK, file_import.pk)


@transaction.atomic
def load_start(*, file_import: FileImport, by: AbstractBaseUser) -> None:
    """Load what was checked, or go on with a load that ended early. Raises `FileNotReady`."""
    stored_path(file_import)
    waiting = {"status": Status.LOADING, "lease_until": None, "stage": "Waiting for its turn", "error": ""}
    rows = FileImport.objects.filter(pk=file_import.pk)
    begun = rows.filter(status=Status.CHECKED).update(
        **waiting, progress=0, added=0, changed=0, unchanged=0, refused=0, started_at=timezone.now()
    )
    again = rows.filter(status__in=(Status.FAILED, Status.CANCELLED), started_at__isnull=False).update(
        **waiting
    )
    if not begun and not again:
        raise FileNotReady(
            f"{file_import} cannot be loaded now: it is {file_import.get_status_display().lower()}."
        )
    file_wake(file_import)


@transaction.atomic
def file_undo(*, file_import: FileImport, by: AbstractBaseUser) -> None:
    """Raises `FileNotUndoable`."""
    undo_start(file_import=file_import, by=by)
    file_wake(file_import)


def file_stop(*, file_import: FileImport, by: AbstractBaseUser) -> None:
    """After the step it is at. What was loaded stands, and can be undone. Raises `FileNotReady`."""
    words = f"Stopped by {by.get_username()}."
    rows = FileImport.objects.filter(pk=file_import.pk)
    checking = rows.filter(status=Status.CHECKING).update(
        status=Status.DRAFT, lease_until=None, error=words, stage=""
    )
    loading = rows.filter(status=Status.LOADING).update(
        status=Status.CANCELLED,
        lease_until=None,
        stage="",
        finished_at=timezone.now(),
        error=f"{words} {ENDED_EARLY}",
    )
    if not checking and not loading:
        raise FileNotReady(f"{file_import} is not being checked or loaded, so there is nothing to stop.")


def file_discard(*, file_import: FileImport) -> None:
    """Throw away a file that was never loaded. Raises `FileNotReady`."""
    gone, _ = FileImport.objects.filter(
        pk=file_import.pk, status__in=(Status.DRAFT, Status.CHECKED), started_at=None
    ).delete()
    if not gone:
        raise FileNotReady(f"{file_import} is being worked on or has been loaded; its entry is kept.")
    file_discarded(file_import)
    all_forget(file_import)


def file_work(*, pk: int, within: timedelta) -> None:
    """What a task does. The same twice is harmless: the second finds it held. What is left is the next task's."""
    file_import = FileImport.objects.select_related("site", "supplier").filter(pk=pk).first()
    if file_import is None or _behind(file_import).exists():
        return
    until = time.monotonic() + within.total_seconds()
    try:
        lease_take(file_import)
    except FileOverrun as error:
        log.info("%s", error)
        return
    steps = undo_steps if file_import.status == Status.UNDOING else load_steps
    try:
        for _ in steps(file_import):
            if time.monotonic() > until:
                break
    except FileOverrun as error:
        log.info("%s", error)
    except (OperationalError, sqlite3.OperationalError):
        log.warning("%s waits for the database", file_import, exc_info=True)
    except (SourceUnreadable, FileError) as error:
        _failed(file_import, str(error).replace(file_import.stored, file_import.file_name))
    except Exception as error:
        log.exception("work on file %s broke", file_import.pk)
        _failed(file_import, f"An error of the program ({type(error).__name__}); the log has the details.")
    if file_import.status in BUSY:
        lease_release(file_import)
        if time.monotonic() > until:
            file_wake(file_import)
    elif following := _of_its_source(file_import).order_by("pk").first():
        file_wake(following)


def _of_its_source(file_import: FileImport) -> QuerySet[FileImport]:
    """Files that were found at the same place and are to be loaded: one after the other, as the newer one counts."""
    found = FileImport.objects.filter(
        source__isnull=False, source_id=file_import.source_id, status=Status.LOADING
    )
    return found.exclude(digest="")


def _behind(file_import: FileImport) -> QuerySet[FileImport]:
    return _of_its_source(file_import).filter(pk__lt=file_import.pk)


def _failed(file_import: FileImport, words: str) -> None:
    """An undoing is not given up: it is tried again with the next sweep."""
    try:
        match file_import.status:
            case Status.CHECKING:
                lease_renew(file_import, status=Status.DRAFT, error=words, stage="")
            case Status.LOADING:
                with transaction.atomic():
                    lease_renew(
                        file_import, status=Status.FAILED, error=f"{words} {ENDED_EARLY}", stage="",
                        finished_at=timezone.now(),
                    )  # fmt: skip
                    file_not_loaded(file_import, words)
            case _:
                lease_renew(file_import, error=words)
    except FileOverrun as error:
        log.info("%s", error)


def files_waiting() -> list[FileImport]:
    """Whose task died, or was never woken. One that runs elsewhere, at a terminal, has no file here and no task."""
    free = Q(lease_until=None) | Q(lease_until__lt=timezone.now())
    return list(FileImport.objects.filter(free, status__in=BUSY))
