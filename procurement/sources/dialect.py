"""How a file writes things: character set, delimiter, decimal sign, order of day and month.

Decided once a file from all its rows, never row by row: 1.234 must not be a thousand in one row and one in the next.
"""

import csv
import gzip
import re
import zlib
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import groupby
from pathlib import Path
from typing import IO, cast

import numpy as np

from procurement.sources.base import SourceUnreadable
from procurement.sources.record_files import Coded

LONGEST_LINE = 64 * 1024
CHUNK = 128 * 1024  # bytes; of much more, the processor would wait for memory
DELIMITERS = ";,\t"
BOM = b"\xef\xbb\xbf"
BARE_RETURNS = (
    "ends its lines with bare carriage returns, as old Macs did. Save it as 'CSV UTF-8' and load that."
)
FOREIGN = {
    b"PK\x03\x04": "is a spreadsheet or zip archive, not CSV. Save the sheet as 'CSV UTF-8' and load that.",
    b"\xd0\xcf\x11\xe0": "is an old Excel workbook, not CSV. Save the sheet as 'CSV UTF-8' and load that.",
    b"%PDF": "is a PDF, not CSV.",
    b"\xff\xfe": "is UTF-16 text. Save it as 'CSV UTF-8' and load that.",
    b"\xfe\xff": "is UTF-16 text. Save it as 'CSV UTF-8' and load that.",
}


@contextmanager
def opened(path: Path) -> Iterator[IO[bytes]]:
    """The file's bytes, unpacked where it is gzip, whatever its name. Raises `SourceUnreadable`."""
    try:
        with path.open("rb") as raw:
            head = raw.read(4)
            raw.seek(0)
            for magic, what in FOREIGN.items():
                if head.startswith(magic):
                    raise SourceUnreadable(f"{path.name} {what}")
            if head.startswith(b"\x1f\x8b"):
                with gzip.open(raw) as unpacked:
                    yield cast(IO[bytes], unpacked)
            else:
                yield raw
    except FileNotFoundError:
        raise SourceUnreadable(f"There is no file {path}.") from None
    except IsADirectoryError:
        raise SourceUnreadable(f"{path} is a folder, not a file.") from None
    except PermissionError:
        raise SourceUnreadable(f"{path} may not be read by this user.") from None
    except (gzip.BadGzipFile, zlib.error, EOFError):
        raise SourceUnreadable(f"{path.name} is a damaged gzip file: it ends early or was altered.") from None


def chunks(file: IO[bytes]) -> Iterator[tuple[int, bytes]]:
    """(number of its first line, some thousand whole lines). A line that is too long is cut, but stays too long."""
    number, rest = 1, b""
    while read := file.read(CHUNK):
        read = read.removeprefix(BOM) if number == 1 and not rest else read
        whole, end, rest = (rest + read).rpartition(b"\n")
        if len(rest) > LONGEST_LINE:
            rest = rest[: LONGEST_LINE + 1]
        if end:
            yield number, whole + end
            number += whole.count(b"\n") + 1
    if rest:
        yield number, rest


def lines(number: int, chunk: bytes) -> Iterator[tuple[int, bytes | None]]:
    """(line number, bytes without line end); None for a line that is too long to be one."""
    for at, line in enumerate(chunk.removesuffix(b"\n").split(b"\n"), start=number):
        yield at, line.rstrip(b"\r") if len(line) <= LONGEST_LINE else None


def text_of(chunk: bytes, encoding: str) -> str | None:
    """The chunk's lines, where nothing is wrong with any of them; else None, and they are looked at singly."""
    chunk = chunk.replace(b"\r\n", b"\n").removesuffix(b"\n")
    if b"\0" in chunk or b"\r" in chunk:
        return None
    try:
        text = chunk.decode(encoding)
    except UnicodeDecodeError:
        return None
    # A character is four bytes at most
    return text if max(map(len, text.split("\n"))) * 4 <= LONGEST_LINE else None


def quoted_rows(lines: list[str], delimiter: str) -> list[list[str]] | None:
    """None where a quotation mark is not closed in its line or stands in the wrong place."""
    try:
        found = list(csv.reader(lines, delimiter=delimiter, strict=True))
    except csv.Error:
        return None
    return found if len(found) == len(lines) else None


def delimiter_of(header: str) -> str:
    """The candidate that occurs most often outside quotation marks."""
    bare = re.sub(r'"[^"]*"', "", header)
    return max(DELIMITERS, key=bare.count)


def delimiter_among(lines: Sequence[str]) -> str:
    """The candidate that stands alike in the most lines one after the other, names and rows; of several, the one that
    makes more columns. A comma also stands in titles, numbers and descriptions, here more and there less.
    """
    bare = [re.sub(r'"[^"]*"', "", line) for line in lines]

    def alike(delimiter: str) -> tuple[int, int]:
        runs = groupby(line.count(delimiter) for line in bare)
        return max(((len(list(run)), count) for count, run in runs if count), default=(0, 0))

    return max(DELIMITERS, key=alike)


COMMA_DECIMAL = re.compile(r"^[+-]?(?:\d+|\d{1,3}(?:[. '\u00a0\u202f]\d{3})+)?(?:,\d+)?$")
POINT_DECIMAL = re.compile(r"^[+-]?(?:\d+|\d{1,3}(?:[, '\u00a0\u202f]\d{3})+)?(?:\.\d+)?$")


class DecimalSign:
    """Counts what the numbers of a file give away about their decimal sign."""

    def __init__(self) -> None:
        self._seen: Counter[str] = Counter()
        self.example = ""  # a number that could be read either way

    def look(self, text: str, times: int = 1) -> None:
        comma, point = bool(COMMA_DECIMAL.match(text)), bool(POINT_DECIMAL.match(text))
        if comma != point:
            self._seen["," if comma else "."] += times
        elif comma and not self.example and ("," in text or "." in text):
            self.example = text

    def look_at(self, cells: Coded) -> None:
        codes, first, times = np.unique(cells.codes, return_index=True, return_counts=True)
        for at in np.argsort(first).tolist():
            self.look(cells.values[codes[at]].strip(), int(times[at]))

    def shown(self) -> str:
        """The sign that some number proves, and none denies; empty where there is no such."""
        return next(
            (sign for sign in ",." if self._seen[sign] and self._seen[sign] == self._seen.total()), ""
        )

    def decide(self, delimiter: str) -> tuple[str, str]:
        """(decimal sign, a warning or nothing). Where no number tells, `;` files have the comma, others the point."""
        comma, point = self._seen[","], self._seen["."]
        sign = "," if comma > point or (comma == point and delimiter == ";") else "."
        if comma and point:
            name = "comma" if sign == "," else "point"
            return sign, (
                f"Some numbers have a decimal comma ({comma}) and some a decimal point ({point});"
                f" all are read with a decimal {name}, and what does not fit is refused."
            )
        if not comma and not point and self.example:
            read = self.example.replace("." if sign == "," else ",", "").replace(",", ".")
            return sign, (
                f"No number says whether {self.example} means {read}; it is read so because the columns are"
                f" separated by {delimiter!r}. Say --decimal comma or --decimal point if that is wrong."
            )
        return sign, ""
