"""How the columns of a file are read: as a person chose, as was chosen for the last file like it, or by their names."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path

from django.contrib.auth.base_user import AbstractBaseUser
from django.db import transaction
from django.utils import timezone

from orders.models import Site
from procurement.exceptions import FileNotReady, FileRefused
from procurement.models import ColumnMapping, FileImport
from procurement.services.files.places import format_stored, rows_forget, stored_path
from procurement.sources.base import SourceUnreadable
from procurement.sources.file_formats import FileFormat
from procurement.sources.file_kinds import KINDS, FileKind
from procurement.sources.layout import columns_guess, headers_key, headers_unique
from procurement.sources.samples import Sample, month_first_guess, sample_read, sign_guess
from procurement.sources.sheets import Sheet
from procurement.sources.values import Reading

Status = FileImport.Status
SETTLED = (Status.DRAFT, Status.CHECKED)


@dataclass(frozen=True, slots=True)
class Choice:
    """Empty or None: not chosen."""

    sheet: str = ""
    header_line: int = 0
    columns: Mapping[str, str] | None = None  # our field: header
    decimal_sign: str = ""
    month_first: bool | None = None
    encoding: str = ""


@dataclass(frozen=True, slots=True)
class Proposed:
    """A choice in which nothing is open, the rows it was made from, and whether it was remembered."""

    choice: Choice
    sample: Sample
    headers: list[str]
    remembered: bool

    def missing(self, kind: FileKind) -> list[str]:
        chosen = self.choice.columns or {}
        return [column.name for column in kind.columns if column.required and column.name not in chosen]

    def twice(self) -> list[str]:
        headers = list((self.choice.columns or {}).values())
        return sorted({header for header in headers if headers.count(header) > 1})

    def reading(self, today: date) -> Reading:
        return Reading(self.choice.decimal_sign, bool(self.choice.month_first), today)


def mapping_remembered(*, kind: str, site: Site, header: list[str]) -> ColumnMapping | None:
    """What was chosen for the last file of this kind and site with the same headers, in any order."""
    return ColumnMapping.objects.filter(kind=kind, site=site, headers=headers_key(header)).first()


def choice_propose(*, file_import: FileImport, chosen: Choice) -> Proposed:
    """Raises `FileRefused` where the file cannot be read at all, and `FileNotReady`."""
    kind = KINDS[file_import.kind]
    sample = _sample(file_import, chosen.sheet, chosen.encoding)
    line = chosen.header_line if sample.header(chosen.header_line) else sample.header_guess(kind)
    header = sample.header(line)
    headers = headers_unique(header)
    known = mapping_remembered(kind=file_import.kind, site=file_import.site, header=header)
    if known and not chosen.encoding and sample.can_be(known.encoding):
        sample = _sample(file_import, chosen.sheet, known.encoding)
    columns = chosen.columns
    if columns is None:
        columns = known.columns if known else columns_guess(kind, header)
    columns = {name: column for name, column in columns.items() if column in headers}
    found = list(columns.values())
    once = {name: column for name, column in columns.items() if found.count(column) == 1}
    sign = chosen.decimal_sign or sign_guess(sample, kind, once, line, _sign_known(known, sample))
    month_first = chosen.month_first
    if month_first is None:
        month_first = month_first_guess(sample, kind, once, line, bool(known and known.month_first))
    choice = Choice(sample.sheet, line, columns, sign, month_first, sample.encoding)
    return Proposed(choice, sample.with_sign(sign), headers, known is not None and columns == known.columns)


def _sign_known(known: ColumnMapping | None, sample: Sample) -> str:
    """A workbook has its own numbers, which say nothing of how a file of text writes them, nor the other way round."""
    return known.decimal_sign if known and bool(known.encoding) == bool(sample.encoding) else ""


def _sample(file_import: FileImport, sheet: str, encoding: str) -> Sample:
    """Of a workbook it is kept beside the file: opening a large one takes seconds."""
    path, form = stored_path(file_import), format_stored(file_import)
    if form != FileFormat.XLSX:
        return _read(file_import, path, form, sheet, encoding)
    digest = hashlib.sha256(sheet.encode()).hexdigest()[:16]
    kept = path.with_name(f"{path.name}.{digest}.sample")
    if not kept.exists():
        kept.write_text(json.dumps(asdict(_read(file_import, path, form, sheet, ""))))
    values = json.loads(kept.read_text())
    rows = [(line, cells) for line, cells in values.pop("rows")]
    return Sample(rows, **values)


def sheet_names(*, file_import: FileImport) -> list[str]:
    """Those of a workbook, to choose another one; none where even that cannot be read."""
    try:
        path = stored_path(file_import)
        if format_stored(file_import) != FileFormat.XLSX:
            return []
        with Sheet(path) as opened:
            return opened.names
    except (SourceUnreadable, FileNotReady):
        return []


def _read(file_import: FileImport, path: Path, form: FileFormat, sheet: str, encoding: str) -> Sample:
    try:
        return sample_read(path, form, file_import.file_name, sheet=sheet, encoding=encoding)
    except SourceUnreadable as error:
        raise FileRefused(str(error).replace(file_import.stored, file_import.file_name)) from None


def choice_of(file_import: FileImport) -> Choice:
    """What was chosen before, to begin with."""
    if not file_import.columns:
        return Choice()
    return Choice(
        file_import.sheet, file_import.header_line, file_import.columns, file_import.decimal_sign,
        file_import.month_first, file_import.encoding,
    )  # fmt: skip


@transaction.atomic
def choice_save(*, file_import: FileImport, proposed: Proposed, by: AbstractBaseUser) -> None:
    """Remember it for the next file like this one, and have this one checked. Raises `FileNotReady`, `FileRefused`."""
    kind = KINDS[file_import.kind]
    if missing := proposed.missing(kind):
        raise FileRefused(f"Choose a column for {' and '.join(missing)}.")
    if twice := proposed.twice():
        raise FileRefused(f"{twice[0]} is chosen more than once; a column is read as one thing.")
    choice = proposed.choice
    saved = FileImport.objects.filter(pk=file_import.pk, status__in=SETTLED).update(
        sheet=choice.sheet, header_line=choice.header_line, columns=dict(choice.columns or {}),
        decimal_sign=choice.decimal_sign, month_first=bool(choice.month_first), encoding=choice.encoding,
        status=Status.CHECKING, lease_until=None, cursor={}, stage="Waiting for its turn", progress=0, error="",
        rows=0, refused=0, added=0, changed=0, unchanged=0, samples={}, warnings=[],
    )  # fmt: skip
    if not saved:
        raise FileNotReady(f"{file_import} is being worked on, or has been loaded; its columns are settled.")
    rows_forget(file_import)
    header = proposed.sample.header(choice.header_line)
    ColumnMapping.objects.update_or_create(
        kind=file_import.kind,
        site=file_import.site,
        headers=headers_key(header),
        defaults={
            "columns": dict(choice.columns or {}),
            "decimal_sign": choice.decimal_sign,
            "month_first": bool(choice.month_first),
            "encoding": choice.encoding,
            "by_id": by.pk,
        },
    )


def today_of(file_import: FileImport) -> date:
    return timezone.localdate(file_import.created_at)
