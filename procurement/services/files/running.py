"""An import that runs here and now, in one go. Where it is broken off, what it has written can be undone."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from django.contrib.auth.base_user import AbstractBaseUser
from django.utils import timezone

from orders.models import Site
from procurement.exceptions import FileOverrun
from procurement.models import FileImport, SourceAccount
from procurement.services.files.holding import lease_renew
from procurement.sources.base import SourceUnreadable
from suppliers.models import Supplier

NAME_KEPT = 200
UNTIL_FIRST_BATCH = timedelta(hours=1)  # all of a file is read before anything is written
BROKEN_OFF = (
    "It was broken off. What it had written until then stands: load the file again to finish it, or undo it."
)


@contextmanager
def import_running(
    *,
    kind: str,
    file_name: str,
    site: Site,
    by: AbstractBaseUser | None,
    size: int = 0,
    supplier: Supplier | None = None,
    source: SourceAccount | None = None,
) -> Iterator[FileImport]:
    """To be given to `records_import`. It has ended, well or badly, when this is left."""
    now = timezone.now()
    file_import = FileImport.objects.create(
        kind=kind,
        site=site,
        supplier=supplier,
        source=source,
        by_id=by.pk if by else None,
        file_name=file_name[:NAME_KEPT],
        size=size,
        status=FileImport.Status.LOADING,
        stage="Loading",
        lease_until=now + UNTIL_FIRST_BATCH,
        started_at=now,
    )
    try:
        yield file_import
    except FileOverrun:
        raise  # whoever stopped it has said so
    except SourceUnreadable as error:
        _end(file_import, FileImport.Status.FAILED, str(error))
        raise
    except BaseException:
        _end(file_import, FileImport.Status.FAILED, BROKEN_OFF)
        raise
    _end(file_import, FileImport.Status.DONE)


def _end(file_import: FileImport, status: str, error: str = "") -> None:
    lease_renew(
        file_import, status=status, error=error, stage="", progress=100, finished_at=timezone.now(),
        rows=file_import.rows, refused=file_import.refused, warnings=file_import.warnings,
    )  # fmt: skip
    file_import.refresh_from_db()
