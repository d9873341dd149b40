"""How a file writes things: character sets, delimiters, numbers, dates, headers."""

from datetime import date
from decimal import Decimal

import pytest

from procurement.models import DailyDemand
from procurement.sources.base import SourceUnreadable
from suppliers.models import Product
from tests.procurement.imports import counts, load, make_products, said, write

pytestmark = pytest.mark.django_db


def stored() -> dict[date, Decimal]:
    return dict(DailyDemand.objects.values_list("date", "quantity"))


@pytest.mark.parametrize(
    ("content", "name"),
    [
        ("sku,date,quantity\nA,2026-05-01,3\n", "plain.csv"),
        ("sku,date,quantity\nA,2026-05-01,3\n", "packed.csv.gz"),
        (b"\xef\xbb\xbfsku;date;quantity\r\nA;2026-05-01;3\r\n", "bom.csv"),
        ("sku\tdate\tquantity\nA\t2026-05-01\t3", "no-line-end.csv"),
        ('"SKU","Date","Quantity"\n"A","2026-05-01","3"\n', "quoted.csv"),
        ("Item Code;Qty;Invoice_Date;Country\nA;3;2026-05-01 08:45;France\n;;;\n\n", "aliases.csv"),
        ("sku,date,quantity\nA,01/05/2026,1\nA,1.5.2026,2\n", "days-first.csv"),
        ('sku,date,quantity\n"=""A""",2026-05-01,3\n', "text-for-excel.csv"),
    ],
)
def test_file_is_read_however_it_is_written(tmp_path, content, name):
    make_products("A")
    result = load(write(tmp_path, content, name), "demand")
    assert said(result) == []
    assert stored() == {date(2026, 5, 1): Decimal(3)}


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        (["1,5", "1.234", "1.234,50"], ["1.5", "1234", "1234.5"]),
        (["1.5", "1,234", "1,234.50"], ["1.5", "1234", "1234.5"]),
        (["1 234,5", "12"], ["1234.5", "12"]),
        (["1.234.567"], ["1234567"]),
        (["0,25", "1.000"], ["0.25", "1000"]),
    ],
)
@pytest.mark.parametrize("delimiter", [";", "\t"])
def test_decimal_sign_is_told_by_the_numbers_of_the_file(tmp_path, rows, expected, delimiter):
    make_products("A")
    lines = [f"A{delimiter}2026-05-{day:02}{delimiter}{number}" for day, number in enumerate(rows, start=1)]
    text = "\n".join([delimiter.join(("sku", "date", "quantity")), *lines])
    result = load(write(tmp_path, text), "demand")
    assert (said(result), result.warnings) == ([], [])
    assert list(stored().values()) == [Decimal(number) for number in expected]


@pytest.mark.parametrize(("delimiter", "meant"), [(";", "1234"), ("\t", "1.234")])
def test_delimiter_decides_and_a_note_says_so_when_no_number_tells(tmp_path, delimiter, meant):
    make_products("A")
    text = f"sku{delimiter}date{delimiter}quantity\nA{delimiter}2026-05-01{delimiter}1.234\n"
    result = load(write(tmp_path, text), "demand")
    assert list(stored().values()) == [Decimal(meant)]
    assert f"means {meant}" in result.warnings[0]


def test_decimal_sign_that_was_stated_is_used(tmp_path):
    make_products("A")
    load(write(tmp_path, "sku;date;quantity\nA;2026-05-01;1.234\n"), "demand", decimal_sign=".")
    assert list(stored().values()) == [Decimal("1.234")]


def test_number_with_the_other_decimal_sign_is_refused_when_the_file_mixes_them(tmp_path):
    make_products("A")
    rows = "A;2026-05-01;1,5\nA;2026-05-02;2,5\nA;2026-05-03;3.5\n"
    result = load(write(tmp_path, "sku;date;quantity\n" + rows), "demand")
    assert said(result) == [(4, "quantity", "does not fit the rest of the file, whose decimal sign is ','")]
    assert "decimal comma (2)" in result.warnings[0]


def test_month_first_is_read_only_when_stated(tmp_path):
    make_products("A")
    path = write(tmp_path, "sku,date,quantity\nA,05/31/2026,1\n")
    assert "has no month 31" in said(load(path, "demand"))[0][2]
    load(path, "demand", month_first=True)
    assert list(stored()) == [date(2026, 5, 31)]


def test_file_in_windows_1252_is_read_with_a_warning(tmp_path):
    result = load(write(tmp_path, "sku;description\nA;Caf\xe9 tray\n".encode("cp1252")), "catalogue")
    assert Product.objects.get().name == "Café tray"
    assert "Windows-1252" in result.warnings[0]


def test_column_under_its_own_name_wins_over_a_similar_one(tmp_path):
    make_products("A")
    text = "sku,item,date,invoice date,quantity\nA,Tray,2026-05-01,2026-05-09,3\n"
    result = load(write(tmp_path, text), "demand")
    assert stored() == {date(2026, 5, 1): Decimal(3)}
    assert result.warnings == ["Columns that mean nothing here are ignored: item, invoice date."]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "is empty"),
        (b"\n\n", "is empty"),
        (b"sku,quantity\nA,1\n", "has no column date"),
        (b"foo,bar\n1,2\n", "has no column sku and no column date and no column quantity"),
        (b"sku,item code,item number,date,quantity\n", None),
        (b"item code,item number,date,quantity\nA,B,2026-05-01,1\n", "more than one column for sku"),
        (b"PK\x03\x04whatever", "is a spreadsheet"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1", "old Excel workbook"),
        (b"\xff\xfes\x00k\x00u\x00", "UTF-16"),
        (b"%PDF-1.7", "is a PDF"),
        (b"\x1f\x8b\x08\x00broken", "damaged gzip"),
        (b'sku,"date,quantity\n', "quotation mark"),
        (b"sku\x00,date,quantity\n", "is not a text file"),
    ],
)
def test_file_that_cannot_be_read_says_why(tmp_path, content, message):
    path = write(tmp_path, content)
    if message is None:
        assert counts(load(path, "demand")) == (0, 0, 0, 0)
    else:
        with pytest.raises(SourceUnreadable, match=message):
            load(path, "demand")


def test_gzip_file_that_ends_early_changes_nothing(tmp_path):
    make_products("A")
    rows = "".join(f"A,2026-05-{day:02},{day * 7919}\n" for day in range(1, 29))
    path = write(tmp_path, f"sku,date,quantity\n{rows}", "cut.csv.gz")
    path.write_bytes(path.read_bytes()[:-20])
    with pytest.raises(SourceUnreadable, match="damaged gzip"):
        load(path, "demand")
    assert stored() == {}
