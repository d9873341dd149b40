"""What a file is, told by its bytes and not by its name; what cannot be read gets a sentence that says what to do."""

import gzip
import re
import zipfile
import zlib
from enum import StrEnum
from pathlib import Path

from procurement.sources.base import SourceUnreadable

SAVE = "Save the sheet as .xlsx or as 'CSV UTF-8' and load that."


class FileFormat(StrEnum):
    CSV = "csv"
    GZIP = "csv.gz"
    XLSX = "xlsx"


def format_of(path: Path, name: str, *, most_unpacked: int) -> FileFormat:
    """Raises `SourceUnreadable`. `name`: what people call it."""
    with path.open("rb") as file:
        head = file.read(4096)
    if not head:
        raise SourceUnreadable(f"{name} is empty: it has no bytes at all.")
    if head.startswith(b"PK"):
        return _packed(path, name, most_unpacked)
    if head.startswith(b"\x1f\x8b"):
        _measure(path, name, most_unpacked)
        return FileFormat.GZIP
    if head.startswith(b"\xd0\xcf\x11\xe0"):
        # Office keeps an encrypted .xlsx in the container of its old formats.
        locked = "EncryptedPackage".encode("utf-16-le") in path.read_bytes()[:1_000_000]
        what = (
            "is protected by a password. Save it without one" if locked else "is an old Excel workbook (.xls)"
        )
        raise SourceUnreadable(f"{name} {what}{' and load that.' if locked else f'. {SAVE}'}")
    if head.startswith(b"%PDF"):
        raise SourceUnreadable(
            f"{name} is a PDF, a picture of a table. Ask for the table itself as .xlsx or CSV."
        )
    if head[:2] in (b"\xff\xfe", b"\xfe\xff"):
        raise SourceUnreadable(f"{name} is UTF-16 text. Save it as 'CSV UTF-8' and load that.")
    start = head.lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if re.match(rb"<(!doctype html|html|table|head|meta|div)\b", start):
        raise SourceUnreadable(
            f"{name} is a web page that only has the name of a table. Open it in a spreadsheet program. {SAVE}"
        )
    if start.startswith((b"<?xml", b"{\\rtf")):
        raise SourceUnreadable(f"{name} is neither CSV nor .xlsx. {SAVE}")
    if b"\0" in head[:1024] and not re.match(rb"[\x20-\x7e\t]{4}", start):
        raise SourceUnreadable(f"{name} is not a text file. {SAVE}")
    return FileFormat.CSV


def _measure(path: Path, name: str, most_unpacked: int) -> None:
    """What a packed file comes to is not written anywhere that could be trusted."""
    size = 0
    try:
        with gzip.open(path) as unpacked:
            while chunk := unpacked.read(1024 * 1024):
                size += len(chunk)
                if size > most_unpacked:
                    most = f"{most_unpacked // 1_000_000:,} MB"
                    raise SourceUnreadable(
                        f"{name} unpacks to more than {most}, the most that is read. Load it in parts."
                    )
    except (gzip.BadGzipFile, zlib.error, EOFError):
        raise SourceUnreadable(f"{name} is a damaged gzip file: it ends early or was altered.") from None


def _packed(path: Path, name: str, most_unpacked: int) -> FileFormat:
    try:
        with zipfile.ZipFile(path) as packed:
            parts = {part.filename: part.file_size for part in packed.infolist()}
    except (zipfile.BadZipFile, NotImplementedError, OSError, ValueError):
        raise SourceUnreadable(
            f"{name} is a damaged workbook or archive: it ends early or was altered."
        ) from None
    if not any(part.startswith("xl/") for part in parts):
        calc = "content.xml" in parts and "mimetype" in parts
        what = "is an OpenDocument sheet (.ods)" if calc else "is a zip archive"
        raise SourceUnreadable(f"{name} {what}. {SAVE if calc else 'Unpack it and load the files in it.'}")
    if "xl/workbook.bin" in parts:
        raise SourceUnreadable(f"{name} is a binary workbook (.xlsb). {SAVE}")
    if (size := sum(parts.values())) > most_unpacked:
        raise SourceUnreadable(
            f"{name} unpacks to {size // 1_000_000:,} MB; at most {most_unpacked // 1_000_000:,} are read."
            " Save the sheet as 'CSV UTF-8', or in parts."
        )
    return FileFormat.XLSX
