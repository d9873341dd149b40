"""Laying messages out: whatever a supplier sends, it stays what it is and takes no time."""

import pytest

from suppliers.payload import SHOWN, as_file, plain_text, pretty


def test_json_keeps_its_digits_and_its_order():
    laid_out = pretty(b'{"b": 20.00, "a": [1e400, {"x": {}}], "long": 123456789012345678901234567890}')
    assert laid_out.split() == [
        *("{", '"b":', "20.00,", '"a":', "[", "1e400,", "{", '"x":', "{}", "}", "],"),
        *('"long":', "123456789012345678901234567890", "}"),
    ]


def test_xml_is_laid_out_by_its_tags():
    laid_out = pretty(b'<?xml version="1.0"?><a><b k="1">text</b><c/><d><e>1</e></d></a>')
    assert laid_out == (
        '<?xml version="1.0"?>\n<a>\n  <b k="1">text</b>\n  <c/>\n  <d>\n    <e>1</e>\n  </d>\n</a>'
    )


@pytest.mark.parametrize(
    "body",
    [b"", b"hello", b"{", b"[" * 5000, b"<", b"a=1&b=2", b"\x00\x01\xff", b'"\xff"', b"x" * (SHOWN + 1)],
)
def test_what_cannot_be_laid_out_is_left_alone(body):
    assert pretty(body) == ""


@pytest.mark.parametrize("piece", [b"<!--", b"<a", b"<a>", b"</a>", b"<", b"<![CDATA["])
def test_hostile_xml_costs_no_time(piece):
    pretty(piece * (SHOWN // len(piece)))  # a search for the end of each would take minutes


def test_entities_are_text_like_any_other():
    bomb = b'<!DOCTYPE a [<!ENTITY b "cc"><!ENTITY c "&b;&b;">]><a>&c;</a>'
    assert "&c;" in pretty(bomb)


def test_only_text_is_shown():
    assert plain_text(b"\x1f\x8b\x00\x00") == ""
    assert plain_text("é".encode()) == "é"


def test_a_file_name_says_nothing_dangerous():
    answer = as_file(b"{}", 'a"\r\nb/../c')
    assert answer["Content-Disposition"] == 'attachment; filename="a-b-..-c.json"'
