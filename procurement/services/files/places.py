"""Where the files of imports lie: the file itself, a sheet turned into CSV, and its sorted rows."""

from pathlib import Path

from django.conf import settings

from procurement.exceptions import FileNotReady
from procurement.models import FileImport
from procurement.sources.file_formats import FileFormat

CSV, ROWS = ".sheet.csv", ".rows"  # beside the file


def folder() -> Path:
    path: Path = settings.FILES_DIR
    path.mkdir(parents=True, exist_ok=True)
    return path


def stored_path(file_import: FileImport) -> Path:
    """Raises `FileNotReady` where it is not kept, or not on this machine."""
    path = folder() / file_import.stored
    if not file_import.stored or not path.exists():
        raise FileNotReady(
            f"{file_import} is no longer kept. Load it once more."
            if not file_import.stored
            else f"{file_import} is not in {folder()}. All processes need the same FILES_DIR; or load it once more."
        )
    return path


def format_stored(file_import: FileImport) -> FileFormat:
    return FileFormat(file_import.stored.partition(".")[2])


def csv_path(file_import: FileImport) -> Path:
    """What its rows are read from."""
    path = stored_path(file_import)
    return path.with_name(path.name + CSV) if format_stored(file_import) == FileFormat.XLSX else path


def rows_path(file_import: FileImport) -> Path:
    return folder() / (file_import.stored + ROWS)


def rows_forget(file_import: FileImport) -> None:
    """What was read of it; the file stays."""
    if file_import.stored:
        for ending in (ROWS, f"{ROWS}-journal", CSV):
            (folder() / (file_import.stored + ending)).unlink(missing_ok=True)


def all_forget(file_import: FileImport) -> None:
    if file_import.stored:
        for path in folder().glob(f"{file_import.stored}*"):
            path.unlink(missing_ok=True)
