"""Any file with a table, CSV or a sheet of a workbook, as the one source of rows that the rest of the program reads."""

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

from procurement.sources.csv_files import CsvFile
from procurement.sources.file_formats import FileFormat, format_of
from procurement.sources.file_kinds import FileKind
from procurement.sources.samples import Sample, sample_read
from procurement.sources.sheets import Sheet, Turned

MOST_UNPACKED = 2_000_000_000


def table_opened(
    path: Path,
    kind: FileKind,
    *,
    now: datetime,
    beside: Path,
    sheet: str = "",
    decimal_sign: str = "",
    month_first: bool = False,
    columns: Mapping[str, str] | None = None,
    header_line: int = 0,
) -> CsvFile:
    """`beside`: a folder for a sheet's rows as CSV, theirs until the file has been read. Raises `SourceUnreadable`."""
    if not _is_packed(path):
        return CsvFile(
            path, kind, now=now, decimal_sign=decimal_sign, month_first=month_first, columns=columns,
            header_line=header_line,
        )  # fmt: skip
    format_of(path, path.name, most_unpacked=MOST_UNPACKED)
    sample = sample_read(path, FileFormat.XLSX, path.name, sheet=sheet)
    turned = _turned(path, sample, beside / "sheet.csv", decimal_sign)
    source = CsvFile(
        beside / "sheet.csv",
        kind,
        name=path.name,
        now=now,
        decimal_sign=decimal_sign or ".",
        month_first=month_first,
        columns=columns,
        encoding="utf-8",
        header_line=header_line or sample.header_guess(kind),
    )
    source.as_of = min(now, datetime.fromtimestamp(path.stat().st_mtime, tz=now.tzinfo))
    source.warnings += turned.notes()
    return source


def _is_packed(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            return file.read(2) == b"PK"
    except OSError:
        return False  # whoever opens it next says what is wrong


def _turned(path: Path, sample: Sample, to: Path, decimal_sign: str) -> Turned:
    with Sheet(path, sample.sheet, decimal_sign=decimal_sign) as opened:
        *_, last = opened.turn(to, Turned())
    return last
