"""What is kept of files: for FILE_KEEP_DAYS the file, its preview and what undoing needs; after that only its entry."""

from datetime import timedelta

from django.conf import settings
from django.utils import timezone

from procurement.models import AddedRows, FileImport, ImportedRow
from procurement.services.files.holding import BUSY
from procurement.services.files.places import all_forget, folder

LEFT_BEHIND = timedelta(days=1)  # by an upload that was broken off
ROWS_AT_ONCE = 500_000  # in one run; the rest with the next
NEVER_LOADED = (FileImport.Status.DRAFT, FileImport.Status.CHECKED)


def files_prune() -> int:
    """How many files went."""
    old = FileImport.objects.filter(
        created_at__lt=timezone.now() - timedelta(days=settings.FILE_KEEP_DAYS)
    ).exclude(status__in=BUSY)
    gone = 0
    for file_import in old.filter(status__in=NEVER_LOADED):
        all_forget(file_import)
        file_import.delete()
        gone += 1
    for file_import in old.exclude(stored=""):
        all_forget(file_import)
        FileImport.objects.filter(pk=file_import.pk).update(stored="", samples={}, cursor={})
        gone += 1
    _rows_prune()
    return gone + _left_behind()


def _rows_prune() -> None:
    old = FileImport.objects.filter(
        created_at__lt=timezone.now() - timedelta(days=settings.FILE_KEEP_DAYS), rows_kept=True
    ).exclude(status__in=BUSY)
    for file_import in old:
        rows = ImportedRow.objects.filter(file_import=file_import)
        last = rows.order_by("pk").values_list("pk", flat=True)[ROWS_AT_ONCE : ROWS_AT_ONCE + 1].first()
        rows.filter(**({"pk__lt": last} if last else {}))._raw_delete(rows.db)
        if last:
            return
        AddedRows.objects.filter(file_import=file_import).delete()
        FileImport.objects.filter(pk=file_import.pk).update(rows_kept=False)


def _left_behind() -> int:
    known = set(FileImport.objects.exclude(stored="").values_list("stored", flat=True))
    before = (timezone.now() - LEFT_BEHIND).timestamp()
    gone = 0
    for path in folder().iterdir():
        if path.stat().st_mtime < before and not any(path.name.startswith(name) for name in known):
            path.unlink(missing_ok=True)
            gone += 1
    return gone
