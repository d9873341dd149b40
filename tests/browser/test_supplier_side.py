"""An account manager answers an order on the phone: no account, no script."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from orders.models import PurchaseOrder
from orders.services.answer_links import answer_link
from tests import factories
from tests.browser.conftest import PHONE
from tests.flow.background import work_off

pytestmark = pytest.mark.browser


@pytest.fixture
def order(transactional_db: None) -> PurchaseOrder:
    supplier = factories.supplier(protocol="email")
    return factories.order(supplier, lines=2, status="transferred")


@pytest.fixture
def phone(browser: Browser, live_server: LiveServer, order: PurchaseOrder, settings) -> Iterator[Page]:
    settings.PUBLIC_URL = live_server.url
    context = browser.new_context(viewport=PHONE, java_script_enabled=False)
    troubles: list[str] = []
    page = context.new_page()
    page.set_default_timeout(10_000)
    page.on("console", lambda message: troubles.append(message.text) if message.type == "error" else None)
    page.goto(answer_link(order))
    yield page
    assert context.cookies() == []
    context.close()
    assert [text for text in troubles if "status of 422" not in text] == []


def test_order_is_answered_line_by_line_packed_and_shipped(phone: Page, order: PurchaseOrder) -> None:
    phone.locator("summary", has_text="Other quantity").first.click()
    phone.fill("#quantity-1", "ten")
    phone.locator("text=Not available").nth(1).click()
    phone.click("text=Send these answers")
    expect(phone.locator("#quantity-1-error")).to_contain_text("is not a number")
    expect(phone.locator("input[name=answer-2]:checked")).to_have_value("no")
    phone.fill("#quantity-1", "10")
    phone.click("text=Send these answers")
    expect(phone.locator("main")).to_contain_text("The buyer has your answer")
    work_off()
    order.refresh_from_db()
    assert order.status == "confirmed"
    phone.click("text=Packed")
    phone.fill("#tracking-1", "RM 1")
    phone.click("text=It has left now")
    expect(phone.locator("main")).to_contain_text("nothing left to do here")
    work_off()
    order.refresh_from_db()
    assert (order.status, order.shipments.get().tracking) == ("shipped", "RM 1")


def test_everything_is_accepted_with_one_press(phone: Page, order: PurchaseOrder) -> None:
    phone.click("text=Accept everything as asked")
    expect(phone.locator("main")).to_have_attribute("data-state", "answered")


def test_long_word_does_not_widen_the_page(phone: Page, order: PurchaseOrder) -> None:
    order.lines.update(description="Mehrwegkunststoffflaschenverschlusskappen" * 3)
    phone.reload()
    for press in ("Accept everything as asked", "Packed"):
        assert rightmost(phone) <= PHONE["width"]
        phone.click(f"text={press}")
    assert rightmost(phone) <= PHONE["width"]


def rightmost(page: Page) -> float:
    boxes = (each.bounding_box() for each in page.locator("p, td, label, input").all())
    return max(box["x"] + box["width"] for box in boxes if box)
