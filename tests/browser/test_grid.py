"""Typing quantities: totals, rounding, keys and spreadsheets, before anything is saved."""

from decimal import Decimal

import pytest
from playwright.sync_api import Page, expect

from orders.models import PurchaseOrder
from tests import factories

pytestmark = pytest.mark.browser


@pytest.fixture
def order(transactional_db: None) -> PurchaseOrder:
    made = factories.order(lines=0)
    for _ in range(3):
        what = factories.offer(made.supplier, pack_size=6, tiers=[(1, "2.50"), (100, "2.00")])
        factories.line(made, what, quantity=Decimal(12))
    return made


def cell(page: Page, number: int):
    return page.locator("input[data-price]").nth(number)


def test_totals_and_rounding_follow_the_typing(sign_in, order) -> None:
    page = sign_in()
    page.goto(f"/orders/{order.number}/")
    expect(page.locator("[data-grid-total]").first).to_have_text("90.00")
    cell(page, 0).fill("20")
    expect(page.locator(".line-note").first).to_have_text("20 → 24, pack of 6")
    expect(page.locator("[data-grid-total]").first).to_have_text("120.00")
    cell(page, 0).fill("1002")
    expect(page.locator("[data-line-total]").first).to_have_text("2,004.00")
    expect(page.locator(".savebar")).to_contain_text("1 line not saved yet")
    page.click("text=Save changes")
    expect(page.locator("#notices")).to_contain_text("Saved.")
    assert order.lines.get(line_number=1).quantity == 1002


def test_reset_and_escape_bring_the_old_quantity_back(sign_in, order) -> None:
    page = sign_in()
    page.goto(f"/orders/{order.number}/")
    cell(page, 1).fill("60")
    page.locator("[data-reset]").nth(1).click()
    expect(cell(page, 1)).to_have_value("12")
    cell(page, 1).fill("99")
    cell(page, 1).press("Escape")
    expect(cell(page, 1)).to_have_value("12")
    expect(page.locator(".savebar")).not_to_contain_text("not saved")


def test_arrows_and_enter_move_between_lines(sign_in, order) -> None:
    page = sign_in()
    page.goto(f"/orders/{order.number}/")
    page.keyboard.press("q")
    expect(cell(page, 0)).to_be_focused()
    page.keyboard.press("ArrowDown")
    expect(cell(page, 1)).to_be_focused()
    page.keyboard.press("Enter")
    expect(cell(page, 2)).to_be_focused()
    page.keyboard.press("ArrowUp")
    expect(cell(page, 1)).to_be_focused()


def test_a_column_from_a_spreadsheet_fills_the_lines_below(sign_in, order) -> None:
    page = sign_in()
    page.goto(f"/orders/{order.number}/")
    cell(page, 1).focus()
    page.evaluate(
        """() => { const data = new DataTransfer(); data.setData('text', '18\\tx\\r\\n24\\tx');
        const paste = new ClipboardEvent('paste', {clipboardData: data, bubbles: true, cancelable: true});
        document.activeElement.dispatchEvent(paste); }"""
    )
    expect(cell(page, 0)).to_have_value("12")
    expect(cell(page, 1)).to_have_value("18")
    expect(cell(page, 2)).to_have_value("24")


def test_what_is_no_number_comes_back_with_the_line_named(sign_in, order) -> None:
    page = sign_in(javascript=False)
    page.goto(f"/orders/{order.number}/")
    cell(page, 2).fill("a dozen")
    page.click("text=Save changes")
    expect(page.locator("[role=alert]")).to_contain_text("Line 3: “a dozen” is not a number")
    expect(cell(page, 2)).to_have_value("a dozen")
