"""How a file writes things: character set, delimiter, decimal sign, order of day and month.

Decided once a file from all its rows, never row by row: 1.234 must not be a thousand in one row and one in the next.
"""

import gzip
import re
import zlib
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, cast

from procurement.sources.base import SourceUnreadable

LONGEST_LINE = 64 * 1024
DELIMITERS = ";,\t"
BOM = b"\xef\xbb\xbf"
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


def lines(file: IO[bytes]) -> Iterator[tuple[int, bytes | None]]:
    """(line number, bytes without line end); None for a line that is too long to be one."""
    number = 0
    while line := file.readline(LONGEST_LINE + 1):
        number += 1
        if len(line) > LONGEST_LINE:
            while line and not line.endswith(b"\n"):
                line = file.readline(LONGEST_LINE)
            yield number, None
            continue
        if number == 1:
            line = line.removeprefix(BOM)
        yield number, line.rstrip(b"\r\n")


def delimiter_of(header: str) -> str:
    """The candidate that occurs most often outside quotation marks."""
    bare = re.sub(r'"[^"]*"', "", header)
    return max(DELIMITERS, key=bare.count)


COMMA_DECIMAL = re.compile(r"^[+-]?(?:\d+|\d{1,3}(?:[. '\u00a0\u202f]\d{3})+)?(?:,\d+)?$")
POINT_DECIMAL = re.compile(r"^[+-]?(?:\d+|\d{1,3}(?:[, '\u00a0\u202f]\d{3})+)?(?:\.\d+)?$")


class DecimalSign:
    """Counts what the numbers of a file give away about their decimal sign."""

    def __init__(self) -> None:
        self._seen: Counter[str] = Counter()
        self.example = ""  # a number that could be read either way

    def look(self, text: str) -> None:
        comma, point = bool(COMMA_DECIMAL.match(text)), bool(POINT_DECIMAL.match(text))
        if comma != point:
            self._seen["," if comma else "."] += 1
        elif comma and not self.example and ("," in text or "." in text):
            self.example = text

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
