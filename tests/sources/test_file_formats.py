"""What is no table we can read gets a sentence that says what it is and what to do."""

import gzip
import zipfile
from pathlib import Path

import pytest
from openpyxl import Workbook

from procurement.sources.base import SourceUnreadable
from procurement.sources.file_formats import FileFormat, format_of


def found(folder: Path, content: bytes, most: int = 10**9) -> FileFormat:
    (folder / "f").write_bytes(content)
    return format_of(folder / "f", "list.xlsx", most_unpacked=most)


def packed(folder: Path, *names: str) -> bytes:
    with zipfile.ZipFile(folder / "z", "w") as archive:
        for name in names:
            archive.writestr(name, "x" * 100)
    return (folder / "z").read_bytes()


def test_files_that_can_be_read_are_told_by_their_bytes(tmp_path: Path) -> None:
    book = tmp_path / "book.csv"
    Workbook().save(book)
    assert found(tmp_path, book.read_bytes()) == FileFormat.XLSX
    assert found(tmp_path, gzip.compress(b"a,b\n")) == FileFormat.GZIP
    assert found(tmp_path, b"\xef\xbb\xbfsku;quantity\n") == FileFormat.CSV


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "is empty"),
        (b"\xd0\xcf\x11\xe0" + b"\0" * 600, r"old Excel workbook \(\.xls\)"),
        (b"\xd0\xcf\x11\xe0" + "EncryptedPackage".encode("utf-16-le"), "protected by a password"),
        (b"%PDF-1.7", "is a PDF"),
        (b"\r\n <html><table>", "is a web page"),
        (b"<?xml version='1.0'?>", "is neither CSV nor"),
        ("a,b".encode("utf-16"), "is UTF-16"),
        (b"PK\x03\x04 and nothing more", "damaged workbook or archive"),
        (b"\x89PNG\r\n\x1a\n\0\0\0\0", "is not a text file"),
    ],
)
def test_other_files_get_a_sentence(tmp_path: Path, content: bytes, words: str) -> None:
    with pytest.raises(SourceUnreadable, match=rf"^list\.xlsx .*{words}"):
        found(tmp_path, content)


def test_archives_are_told_apart(tmp_path: Path) -> None:
    for names, words in (
        (("a.csv", "b.csv"), "is a zip archive"),
        (("mimetype", "content.xml"), "is an OpenDocument sheet"),
        (("xl/workbook.bin",), "is a binary workbook"),
    ):
        with pytest.raises(SourceUnreadable, match=words):
            found(tmp_path, packed(tmp_path, *names))
    with pytest.raises(SourceUnreadable, match="unpacks to 0 MB"):
        found(tmp_path, packed(tmp_path, "xl/workbook.xml"), most=99)
