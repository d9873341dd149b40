"""Dividing a line over sites in the browser: what is missing is said while typing, on a phone, too."""

import pytest
from playwright.sync_api import expect

from tests.browser.test_comforts import WIDER_THAN_SCREEN
from tests.orders.split import draft, north

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("phone", [False, True], ids=["desk", "phone"])
def test_line_is_divided_and_what_is_missing_is_said_while_typing(sign_in, phone) -> None:
    order = draft()
    line = order.lines.get()
    page = sign_in(phone=phone)
    page.goto(f"/orders/{order.number}/")
    page.click("text=Split over sites")
    said = page.locator("[data-split-sum]")
    expect(said).to_have_text("The sites get 60 together.")
    page.fill(f"#site-{line.pk}-{order.site_id}", "36")
    expect(said).to_have_text("24 of 60 missing.")
    page.fill(f"#site-{line.pk}-{north().pk}", "30")
    expect(said).to_have_text("6 more than 60.")
    page.click("text=Save the split")
    expect(page.get_by_role("alert")).to_contain_text("6 too much")
    page.fill(f"#site-{line.pk}-{north().pk}", "24")
    assert not page.evaluate(WIDER_THAN_SCREEN)
    page.click("text=Save the split")
    expect(page.locator("#main")).to_contain_text("36 to Main warehouse · 24 to North")
    assert not page.evaluate(WIDER_THAN_SCREEN)
