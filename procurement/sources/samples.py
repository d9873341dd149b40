"""The first rows of a file, for a person to look at, and what they give away about how it is written."""

import csv
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path

from procurement.sources import dialect
from procurement.sources.base import SourceUnreadable
from procurement.sources.file_formats import FileFormat
from procurement.sources.file_kinds import FileKind
from procurement.sources.layout import MOST_COLUMNS, columns_called, columns_chosen, headers_unique
from procurement.sources.sheets import Sheet
from procurement.sources.values import DAY_MONTH, BadValue, Reading, any_date, past_date

ROWS = 300
BYTES = 1_000_000
HEADER_WITHIN = 20
TRIED = 10  # sheets
OWN_SIGN = "\u066b"
DATES = (any_date, past_date)


@dataclass(frozen=True, slots=True)
class Sample:
    rows: list[tuple[int, list[str]]]  # line and cells, those that are not empty
    delimiter: str = ","
    encoding: str = ""  # as guessed; empty for a sheet
    sheets: list[str] = field(default_factory=list)
    sheet: str = ""
    mixed: str = ""  # two lines that cannot be of one character set, in words
    plain: bool = False  # nothing in it differs between character sets

    def can_be(self, encoding: str) -> bool:
        """Whether it is worth reading in that one instead: what is there shows no other."""
        if not self.encoding or encoding in ("", self.encoding):
            return False
        return self.plain or "utf-8" not in (encoding, self.encoding)

    def with_sign(self, sign: str) -> "Sample":
        rows = [(line, [cell.replace(OWN_SIGN, sign) for cell in cells]) for line, cells in self.rows]
        return replace(self, rows=rows)

    def header_guess(self, kind: FileKind) -> int:
        """The line that has most of our names; else the first with more than one cell."""
        first = self.rows[:HEADER_WITHIN]
        scores = [sum(map(bool, columns_called(kind, cells))) for _, cells in first]
        if max(scores) > 1:
            return first[scores.index(max(scores))][0]
        return next((line for line, cells in first if sum(map(bool, cells)) > 1), first[0][0])

    def header(self, line: int) -> list[str]:
        return next((cells for number, cells in self.rows if number == line), [])

    def below(self, line: int) -> list[tuple[int, list[str]]]:
        return [row for row in self.rows if row[0] > line]


def sample_read(path: Path, form: FileFormat, name: str, *, sheet: str = "", encoding: str = "") -> Sample:
    """Raises `SourceUnreadable`. A sheet's own numbers come with `OWN_SIGN`, as they speak for no decimal sign."""
    if form == FileFormat.XLSX:
        with Sheet(path, sheet, name=name, decimal_sign=OWN_SIGN) as opened:
            sample = Sample(list(opened.rows(ROWS)), sheets=opened.names, sheet=opened.sheet)
        if not sheet and not sample.rows and len(sample.sheets) > 1:
            for other in sample.sheets[1:TRIED]:  # a first sheet is often left empty
                try:
                    return sample_read(path, form, name, sheet=other)
                except SourceUnreadable:
                    continue
        where = f"Sheet {sample.sheet!r} of {name}" if len(sample.sheets) > 1 else name
    else:
        sample, where = _of_text(path, name, encoding), name
    if not sample.rows:
        raise SourceUnreadable(f"{where} is empty.")
    if (most := max(len(cells) for _, cells in sample.rows[:HEADER_WITHIN])) > MOST_COLUMNS:
        raise SourceUnreadable(
            f"{where} has {most:,} columns; at most {MOST_COLUMNS} are read. Keep the columns that are needed."
        )
    return sample


def _of_text(path: Path, name: str, encoding: str) -> Sample:
    with dialect.opened(path) as file:
        raw = file.read(BYTES)
        whole = not file.read(1)
    lines = [line.rstrip(b"\r") for line in raw.removeprefix(dialect.BOM).removesuffix(b"\n").split(b"\n")]
    if any(b"\r" in line for line in lines[:1]):
        raise SourceUnreadable(f"{name} {dialect.BARE_RETURNS}")
    if not whole and len(lines) > 1:
        lines.pop()  # cut off
    if any(len(line) > dialect.LONGEST_LINE for line in lines[:HEADER_WITHIN]):
        raise SourceUnreadable(
            f"{name} begins with lines longer than {dialect.LONGEST_LINE:,} characters: it has too many columns, or is"
            " not a table. Keep the columns that are needed."
        )
    guessed = encoding or ("utf-8" if all(map(_is_utf8, lines)) else "cp1252")
    texts = [
        (at, line.decode(guessed, "replace")) for at, line in enumerate(lines[: ROWS * 2], 1) if line.strip()
    ]
    delimiter = dialect.delimiter_among([text for _, text in texts])
    rows = [(at, cells) for at, text in texts if (cells := cells_of(text, delimiter)) and any(cells)]
    return Sample(rows[:ROWS], delimiter, guessed, mixed=_mixed(lines), plain=all(map(bytes.isascii, lines)))


def cells_of(text: str, delimiter: str) -> list[str]:
    """Of a line with a stray quotation mark whatever can be made out; its row is refused when it is read."""
    return [
        cell.strip()
        for cell in next(csv.reader([text.replace("\0", "").replace("\r", " ")], delimiter=delimiter), [])
    ]


def _mixed(lines: Sequence[bytes]) -> str:
    foreign = [(at, line) for at, line in enumerate(lines, start=1) if not line.isascii()]
    utf8 = next((at for at, line in foreign if _is_utf8(line)), 0)
    other = next((at for at, line in foreign if not _is_utf8(line)), 0)
    return f"line {utf8} is UTF-8 and line {other} is not" if utf8 and other else ""


def _is_utf8(line: bytes) -> bool:
    try:
        line.decode()
    except UnicodeDecodeError:
        return False
    return True


def sign_guess(sample: Sample, kind: FileKind, columns: Mapping[str, str], line: int, known: str = "") -> str:
    """`known`: of the last file like it, which counts unless the numbers show the other one."""
    sign = dialect.DecimalSign()
    for at, column in enumerate(columns_chosen(kind, sample.header(line), columns, "")):
        if column and column.is_number:
            for _, cells in sample.below(line):
                if at < len(cells) and cells[at]:
                    sign.look(cells[at])
    return sign.shown() or known or sign.decide("," if sample.sheet else sample.delimiter)[0]


def month_first_guess(
    sample: Sample, kind: FileKind, columns: Mapping[str, str], line: int, known: bool = False
) -> bool:
    """Only where a date can be nothing else, 03/31/2026; where none can, as `known` of the last file like it."""
    seconds, firsts = 0, 0
    for at, column in enumerate(columns_chosen(kind, sample.header(line), columns, "")):
        if column is None or not (column.read in DATES or "date" in column.name or column.name == "as_of"):
            continue
        for _, cells in sample.below(line):
            day = re.split(r"[T ]", cells[at], maxsplit=1)[0] if at < len(cells) else ""
            if parts := DAY_MONTH.match(day):
                firsts += int(parts[1]) > 12
                seconds += int(parts[2]) > 12
    return not firsts and (seconds > 0 or known)


@dataclass(frozen=True, slots=True)
class FieldSample:
    """One of our fields, as it is read from the file's first rows."""

    name: str
    required: bool
    header: str
    texts: Sequence[str]  # as the file has them
    read: str  # the first as it is understood
    problem: str  # or why it is not

    @property
    def label(self) -> str:
        words = self.name.replace("_", " ").replace("sku", "SKU")
        return words[0].upper() + words[1:]


def fields_sample(
    sample: Sample, kind: FileKind, columns: Mapping[str, str], line: int, reading: Reading, row: int
) -> list[FieldSample]:
    """`row`: which of the rows below the header is read as an example."""
    names = headers_unique(sample.header(line))
    below = sample.below(line)
    found = []
    for column in kind.columns:
        at = names.index(columns[column.name]) if columns.get(column.name) in names else None
        texts = [cells[at] if at is not None and at < len(cells) else "" for _, cells in below]
        example = texts[row] if row < len(texts) else ""
        read, problem = "", ""
        if at is not None:
            try:
                if example:
                    read = _shown(column.read(example, reading))
                elif column.required:
                    problem = "is empty"
            except BadValue as error:
                problem = str(error)
        shown = [text[:40] for text in dict.fromkeys(texts) if text][:3]
        found.append(
            FieldSample(
                column.name, column.required, names[at] if at is not None else "", shown, read, problem
            )
        )
    return found


def _shown(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:%d %b %Y}" if isinstance(value, date) else str(value)
