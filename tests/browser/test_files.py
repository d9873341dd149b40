"""A workbook from the browser into the stock and out again, at a desk and on a phone."""

import os
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook
from playwright.sync_api import Page, expect

from procurement.models import StockLevel
from tests.flow.background import work_off
from tests.procurement.imports import make_products, make_site

pytestmark = pytest.mark.browser

WIDER_THAN_SCREEN = "document.documentElement.scrollWidth > document.documentElement.clientWidth"


def workbook(folder: Path) -> Path:
    book = Workbook()
    book.active.title = "June"
    book.create_sheet("Stock list").append(["Stock of 30 June"])
    rows: list[list[Any]] = [["Ref.", "Description", "Counted", "Pieces"]]
    rows += [[f"LAMP-{n:02}", f"Lamp of {n} candles", date(2026, 3, 12), n * 1.5] for n in range(12)]
    rows += [["LAMP-XX", "Unknown", date(2026, 3, 12), 3], ["LAMP-05", "Again", date(2026, 3, 12), "many"]]
    for row in rows:
        book["Stock list"].append(row)
    path = folder / "stock list.xlsx"
    book.save(path)
    return path


def looked_at(page: Page, name: str) -> None:
    """Nothing sticks out; a picture of it where PICTURES names a folder."""
    assert not page.evaluate(WIDER_THAN_SCREEN), name
    if folder := os.environ.get("PICTURES"):
        page.screenshot(path=f"{folder}/{name}.png", full_page=True)


@pytest.mark.parametrize(
    ("phone", "scheme"), [(False, "light"), (True, "dark")], ids=["desk-light", "phone-dark"]
)
def test_workbook_is_brought_looked_at_loaded_and_undone(
    sign_in: Any, settings: Any, tmp_path: Path, phone: bool, scheme: str
) -> None:
    settings.FILES_DIR = tmp_path / "files"
    make_site()
    make_products(*(f"LAMP-{n:02}" for n in range(12)))
    page: Page = sign_in("Buyer", phone=phone, color_scheme=scheme)
    page.goto("/stock/")
    page.click(".tabs >> text=Files")
    expect(page.locator("h1")).to_have_text("Files")
    looked_at(page, f"0-none-{scheme}")
    page.click("text=Load a file >> nth=0")
    page.set_input_files("#file", workbook(tmp_path))
    expect(page.locator(".drop b")).to_have_text("stock list.xlsx")
    page.check("input[value=stock]")
    looked_at(page, f"1-new-{scheme}")
    page.click("text=Upload, then choose columns")

    expect(page.locator("h1")).to_have_text("What is in which column?")
    expect(page.locator("#of-sheet")).to_have_value("Stock list")  # the first is empty
    page.select_option("#of-sheet", "June")
    expect(page.locator("#choice")).to_contain_text("Sheet 'June' of stock list.xlsx is empty.")
    page.select_option("#of-sheet", "Stock list")
    expect(page.locator("#header_line")).to_have_value("2")  # found by itself
    for field, header, read in (
        ("sku", "Ref.", "LAMP-00"),
        ("on_hand", "Pieces", "0"),
        ("as_of", "Counted", "12 Mar 2026"),
    ):
        page.select_option(f"#column-{field}", header)
        expect(page.locator(f"tr:has(#column-{field}) td >> nth=3")).to_contain_text(read)
    page.select_option("#example", "2")
    expect(page.locator("#choice")).to_contain_text("Row 4 is read as")
    looked_at(page, f"2-columns-{scheme}")
    page.click("text=Check the file")

    expect(page.locator("#progress")).to_contain_text("Looking what it would do")
    looked_at(page, f"3-checking-{scheme}")
    work_off()
    expect(page.locator("h1")).to_contain_text("Ready to load")  # the page follows by itself
    expect(page.locator("body")).to_contain_text("Stock list!A15")
    looked_at(page, f"4-checked-{scheme}")
    page.click("text=Load it")
    work_off()
    expect(page.locator("h1")).to_contain_text("Loaded")
    assert StockLevel.objects.count() == 12
    looked_at(page, f"5-loaded-{scheme}")

    StockLevel.objects.filter(product__sku="LAMP-03").update(on_hand=40)
    page.on("dialog", lambda dialog: dialog.accept())
    page.click("text=Undo all of it")
    work_off()
    expect(page.locator("h1")).to_contain_text("Undone")
    expect(page.locator("body")).to_contain_text("11 added rows removed")
    expect(page.locator("body")).to_contain_text("on hand 40 and no longer 4.5")
    looked_at(page, f"6-undone-{scheme}")
    page.goto("/stock/files/")
    looked_at(page, f"7-list-{scheme}")
