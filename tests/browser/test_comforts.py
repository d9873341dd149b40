"""Search while typing, panels, keys, colours and the phone."""

import pytest
from playwright.sync_api import expect

from orders.models import Status, TransferJob
from tests import factories

pytestmark = pytest.mark.browser

TWO_CHANCES_TO_REFRESH = """() => new Promise((done) => {
    let chances = 0;
    document.addEventListener("htmx:beforeRequest", () => { chances += 1; if (chances === 2) done(); });
})"""
WIDER_THAN_SCREEN = "document.documentElement.scrollWidth > document.documentElement.clientWidth"


def test_the_list_narrows_while_typing_and_the_address_follows(sign_in) -> None:
    wanted, other = factories.order(), factories.order()
    page = sign_in()
    page.goto("/orders/")
    page.keyboard.press("/")
    page.keyboard.type(wanted.number)
    expect(page.locator("#found")).not_to_contain_text(other.number)
    expect(page.locator("#found")).to_contain_text(wanted.number)
    page.wait_for_url(f"**/orders/?q={wanted.number}*")
    page.reload()
    expect(page.locator("#found")).to_contain_text("1 order")


def test_the_reason_opens_beside_the_line_and_closes_with_escape(sign_in) -> None:
    order = factories.order(lines=0, origin="plan")
    factories.line(order, reason=factories.reason())
    page = sign_in()
    page.goto(f"/orders/{order.number}/")
    page.focus(".why")
    page.keyboard.press("Enter")
    expect(page.locator("#sheet")).to_contain_text("16.2% dearer delivered")
    expect(page.locator("#sheet")).to_be_focused()  # the keys that scroll and lead on are its own
    page.keyboard.press("Escape")
    expect(page.locator("#sheet")).not_to_be_visible()
    expect(page.locator(".why")).to_be_focused()


def test_question_mark_shows_the_keys(sign_in) -> None:
    page = sign_in()
    page.keyboard.press("?")
    expect(page.locator("#keys")).to_be_visible()
    page.keyboard.press("?")
    expect(page.locator("#keys")).not_to_be_visible()


def test_the_chosen_colours_stay(sign_in) -> None:
    page = sign_in()
    page.click(".user")
    page.click("#user-menu >> text=Dark")
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    page.goto("/orders/")
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")


def test_news_never_take_away_what_somebody_is_typing(sign_in) -> None:
    order = factories.order(status=Status.TRANSFERRED)
    page = sign_in()
    page.goto(f"/orders/{order.number}/")
    page.click("[popovertarget=withdraw-sheet]")
    page.fill("#withdraw-reason", "Mr Alder agreed")
    factories.event(order, "news", "Something new.")
    page.evaluate(TWO_CHANCES_TO_REFRESH)
    expect(page.locator("#withdraw-reason")).to_have_value("Mr Alder agreed")
    page.keyboard.press("Escape")
    expect(page.locator(".timeline")).to_contain_text("Something new.")


@pytest.mark.parametrize("colours", ["light", "dark"])
def test_no_page_is_wider_than_a_phone(sign_in, colours: str) -> None:
    draft, answered = factories.order(lines=2), factories.order(lines=2, status=Status.CONFIRMED)
    factories.exception(answered)
    unknown = factories.order()
    factories.transfer(unknown, TransferJob.Status.UNKNOWN, submitted_at=factories.minutes_ago(1))
    factories.call(unknown, request_body=b'{"a_long_word": "' + b"x" * 400 + b'"}')
    message = factories.inbound(body=b"y" * 500)
    orders = [f"/orders/{order.number}/" for order in (draft, answered, unknown)]
    page = sign_in("Buyer", phone=True, color_scheme=colours)
    for path in [
        "/",
        "/orders/",
        "/plan/",
        "/stock/",
        "/suppliers/",
        "/inbox/",
        f"/inbox/{message.pk}/",
        *orders,
    ]:
        page.goto(path)
        assert not page.evaluate(WIDER_THAN_SCREEN), path
