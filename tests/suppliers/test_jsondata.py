"""Foreign JSON: decimals from the start, and errors that name the place."""

import contextlib
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from suppliers.connectors.jsondata import Json, dumps
from suppliers.exceptions import ProtocolError


def parse(text):
    return Json.parse(text.encode(), "The answer")


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("3.70", "3.7"),
        ("3.7000000000000002", "3.7"),
        ("5", "5"),
        ("1e2", "100"),
        ("0.00005", "0.0001"),
        ("0", "0"),
    ],
)
def test_numbers_become_exact_decimals(written, expected):
    assert parse(f'{{"x": {written}}}').get("x").number() == Decimal(expected)


def test_number_in_quotes_is_read_where_a_protocol_writes_it_so():
    assert parse('{"x": "12.50"}').get("x").written_number() == Decimal("12.5")
    assert parse('{"x": 12.5}').get("x").written_number() == Decimal("12.5")


@pytest.mark.parametrize(
    "written", ['"12,50"', '"1e3"', '"-1"', '"NaN"', '"99999999999"', '""', "true", "null"]
)
def test_other_text_is_no_number(written):
    with pytest.raises(ProtocolError, match="x is"):
        parse(f'{{"x": {written}}}').get("x").written_number()


@pytest.mark.parametrize("written", ["1900-01-01", "0001-01-01", "1899-12-30T00:00:00Z"])
def test_empty_date_of_a_database_is_no_date(written):
    value = parse(f'{{"x": "{written}"}}').get("x")
    with pytest.raises(ProtocolError, match="2000"):
        value.day()
    with pytest.raises(ProtocolError):
        value.moment()


@pytest.mark.parametrize(
    "written",
    [
        "null",
        '"3.70"',
        "true",
        "[]",
        "{}",
        "-0.01",
        "NaN",
        "Infinity",
        "-Infinity",
        "10000000000",
        "1e999999999",
        "1" * 400,
    ],
)
def test_absurd_numbers_are_refused_with_their_place(written):
    with pytest.raises(ProtocolError, match="The answer"):
        parse(f'{{"lines": [{{"x": {written}}}]}}').get("lines").items().__next__().get("x").number()


def test_error_names_the_path():
    answer = parse('{"line_items": [{"quantity": 1}, {"quantity": "two"}]}')
    second = list(answer.get("line_items").items())[1]
    with pytest.raises(
        ProtocolError, match=r'The answer: line_items\[1\].quantity is "two", expected a number'
    ):
        second.get("quantity").number()


@pytest.mark.parametrize("body", [b"", b"{", b"\xff", b'{"a": 1e99999999999999999999}', b"[" * 100_000])
def test_unreadable_json_is_a_protocol_error(body):
    with pytest.raises(ProtocolError, match="The answer"):
        Json.parse(body, "The answer")


@pytest.mark.parametrize(
    ("value", "limit"),
    [('""', 5), ('"  "', 5), ('"toolong"', 5), ('"a\\u0000"', 5), ('"\\ud800"', 5), ("5", 5)],
)
def test_texts_that_rows_cannot_hold_are_refused(value, limit):
    with pytest.raises(ProtocolError):
        parse(f'{{"x": {value}}}').get("x").text(limit=limit)


def test_notes_are_cleaned_and_shortened_instead():
    assert parse('{"x": "a\\u0000b and so on"}').get("x").note(limit=5) == "a b a"
    assert parse("{}").get("x").note(limit=5) == ""


def test_dates_and_moments():
    answer = parse('{"day": "2026-02-03", "at": "2026-02-03T10:00:00+01:00"}')
    assert answer.get("day").day() == date(2026, 2, 3)
    assert answer.get("at").moment() == datetime(2026, 2, 3, 9, tzinfo=UTC)
    for bad in ('"2026-02-30"', '"yesterday"', "5"):
        with pytest.raises(ProtocolError):
            parse(f'{{"x": {bad}}}').get("x").day()
    for bad in ('"2026-02-03T10:00:00"', '"0001-01-01T00:00:00+14:00"', '"x"'):
        with pytest.raises(ProtocolError, match="offset"):
            parse(f'{{"x": {bad}}}').get("x").moment()


JSON = st.recursive(
    st.none() | st.booleans() | st.text() | st.decimals(allow_nan=False, allow_infinity=False, places=4),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@given(JSON)
def test_what_is_written_reads_back_the_same(value):
    assert Json.parse(dumps({"v": value}), "x").get("v").value == value


@given(st.binary(max_size=200))
def test_no_bytes_raise_anything_but_a_protocol_error(body):
    with contextlib.suppress(ProtocolError):
        Json.parse(body, "x").get("a").number()
