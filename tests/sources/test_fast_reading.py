"""A file is read a chunk and a column at a time, and comes to what reading it line by line and cell by cell would."""

from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from procurement.sources import dialect
from procurement.sources.csv_files import CsvFile
from procurement.sources.file_kinds import KINDS
from tests.sources.row_reader import rows_of

NOW = datetime(2026, 6, 10, 9, 30, tzinfo=ZoneInfo("UTC"))
SKUS = [
    "A",
    " B ",
    "C-1",
    "é",
    "",
    "=1",
    '"A"',
    '"=""00"""',
    "A\0",
    "x" * 61,
    '"un',
    'mid"dle',
    "A\rB",
    "A\x0b",
]
DATES = ["2026-05-01", "01/05/2026", "1.5.2026 07:30", "2026-06-11", "31/31/2026", "", "2026-05-01T07:45"]
NUMBERS = ["1", "12", "1.5", "1.234", "-1", "1e5", "", " 3 ", "٣", "99999999999", "0.00001", "NaN", "1'000"]
ENDS = ["\n", "\n", "\n", "\r\n", "\r\r\n", "\n\n", "\n \n"]


@st.composite
def files(draw: st.DrawFn) -> bytes:
    delimiter = draw(st.sampled_from([",", ";", "\t"]))
    cells = st.tuples(
        st.one_of(st.sampled_from(["A", "C-1"]), st.sampled_from(SKUS)),
        st.one_of(st.just("2026-05-01"), st.sampled_from(DATES)),
        st.one_of(st.sampled_from(["1", "12"]), st.sampled_from(NUMBERS)),
    )
    more = st.sampled_from([[], [], [], [""], ["9"], ["", ""], ["note"]])
    rows = draw(st.lists(st.tuples(cells, more, st.sampled_from(ENDS)), max_size=30))
    text = delimiter.join(["sku", "date", "quantity", "note"][: draw(st.sampled_from([3, 4]))]) + "\n"
    for row, extra, end in rows:
        cut = draw(st.sampled_from([3, 3, 3, 2, 1]))
        text += delimiter.join([*row[:cut], *extra]) + end
    raw = text.encode(draw(st.sampled_from(["utf-8", "utf-8", "utf-8-sig"])))
    if draw(st.integers(0, 9)) == 0:
        raw += "é".encode("cp1252") + b"\x81\n"
    return raw.rstrip(b"\n") if draw(st.booleans()) else raw


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(raw=files(), size=st.sampled_from([16, 61, 1 << 17]), kept=st.sampled_from([1, 4, 50_000]))
def test_chunks_come_to_what_lines_come_to(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, raw: bytes, size: int, kept: int
) -> None:
    path = tmp_path / "file.csv"
    path.write_bytes(raw)
    monkeypatch.setattr(dialect, "CHUNK", size)
    monkeypatch.setattr("procurement.sources.blocks.TEXTS_KEPT", kept)
    source = CsvFile(path, KINDS["demand"], now=NOW)
    assert list(source.records()) == rows_of(source, path)
    assert list(source.records()) == list(source.records())


def test_line_that_is_too_long_is_refused_whatever_the_chunks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    longest = dialect.LONGEST_LINE
    path = tmp_path / "file.csv"
    path.write_text(
        "sku,date,quantity,note\n"
        f"A,2026-05-01,1,{'x' * (longest - 15)}\nA,2026-05-02,1,{'x' * (longest - 14)}\nA,2026-05-03,1,"
        f"{'x' * longest * 3}\nA,2026-05-04,1,\n"
    )
    found = []
    for size in (1000, longest, longest * 2, 1 << 20):
        monkeypatch.setattr(dialect, "CHUNK", size)
        found.append(list(CsvFile(path, KINDS["demand"], now=NOW).records()))
    assert [hasattr(row, "reason") for row in found[0]] == [False, True, True, False]
    assert found[0] == found[1] == found[2] == found[3]


def test_column_of_more_texts_than_are_kept_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("procurement.sources.blocks.TEXTS_KEPT", 3)
    path = tmp_path / "file.csv"
    path.write_text("sku,date,quantity\n" + "".join(f"A,2026-05-01,{n}\n" for n in range(50)))
    assert [row.quantity for row in CsvFile(path, KINDS["demand"], now=NOW).records()] == list(range(50))


@pytest.mark.parametrize(
    "rows",
    [
        "A,2026-05-01,1\nA,2026-05-02,1,x,y\n",
        "A,2026-05-02,1,x,y\nA,2026-05-01,1\n",
        "A,2026-05-01,1,x,A,2026-05-02,1,y,\n",
        "A\n2026-05-01,1\n",
    ],
)
def test_lines_that_have_as_many_cells_together_as_they_should_are_looked_at_singly(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, rows: str
) -> None:
    header = "sku,date,quantity,note\n"
    path = tmp_path / "file.csv"
    path.write_text(header + rows)
    # The chunk of the header is read by lines anyway.
    monkeypatch.setattr(dialect, "chunks", lambda file: iter([(1, header.encode()), (2, rows.encode())]))
    source = CsvFile(path, KINDS["demand"], now=NOW)
    assert list(source.records()) == rows_of(source, path)
