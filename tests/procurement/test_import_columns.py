"""Columns can be chosen instead of told by their names; the header need not be the first line."""

from pathlib import Path

import pytest

from procurement.models import StockLevel
from procurement.sources.base import SourceUnreadable
from procurement.sources.layout import columns_guess, headers_key, headers_unique
from tests.procurement.imports import KINDS, load, make_products, said, write

pytestmark = pytest.mark.django_db


def test_chosen_columns_are_read_whatever_they_are_called(tmp_path: Path) -> None:
    make_products("A")
    path = write(tmp_path, "Stock list of June\n\nsku,Ref,Amount,Amount\nold,A,1,7\n")
    load(path, "stock", columns={"sku": "Ref", "on_hand": "Amount (2)"}, header_line=3)
    assert StockLevel.objects.get().on_hand == 7


def test_chosen_column_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(SourceUnreadable, match="has no column Gone, which was chosen"):
        load(write(tmp_path, "sku,qty\nA,1\n"), "stock", columns={"sku": "sku", "on_hand": "Gone"})
    with pytest.raises(SourceUnreadable, match="has no column on_hand"):
        load(write(tmp_path, "sku,qty\nA,1\n"), "stock", columns={"sku": "sku"})


def test_chosen_encoding_refuses_the_lines_that_do_not_fit(tmp_path: Path) -> None:
    make_products("A", "B")
    path = write(tmp_path, b"sku,on_hand,note\nA,1,fine\n" + "B,2,süß\n".encode("cp1252"))
    result = load(path, "stock", encoding="utf-8")
    assert said(result) == [(3, "", "cannot be read as utf-8")]


def test_far_too_many_columns_are_refused_in_words(tmp_path: Path) -> None:
    many = ",".join(f"c{n}" for n in range(10_000))
    with pytest.raises(SourceUnreadable, match="has 10,000 columns; at most 500"):
        load(write(tmp_path, f"{many}\n"), "stock")
    with pytest.raises(SourceUnreadable, match="is longer than 65,536 characters"):
        load(write(tmp_path, f"{many},{many}\nsku,on_hand\n"), "stock")


def test_minus_after_the_number_is_understood(tmp_path: Path) -> None:
    make_products("A")
    result = load(write(tmp_path, "sku,on_hand\nA,5-\n"), "stock")
    assert said(result) == [(2, "on_hand", "is negative")]


def test_same_headers_in_another_order_are_the_same() -> None:
    assert headers_unique(["a", "", "a"]) == ["a", "column 2", "a (2)"]
    assert headers_key(["a", "b"]) == headers_key(["b", "a"]) != headers_key(["a", "c"])
    assert columns_guess(KINDS["stock"], ["Item code", "Qty", "Quantity"]) == {
        "sku": "Item code",
        "on_hand": "Qty",
    }
