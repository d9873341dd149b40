"""What a buyer and an approver do in a browser, up to the supplier's confirmation."""

import re

import pytest
from playwright.sync_api import expect

from suppliers.models import Supplier
from tests.flow.background import work_off
from tests.flow.scenes import draft, post

pytestmark = pytest.mark.browser


@pytest.fixture
def supplier(transactional_db: None, sandbox, sandbox_supplier: Supplier) -> Supplier:
    return sandbox_supplier


def test_from_a_suggestion_to_the_confirmation_without_a_reload(sign_in, sandbox, supplier) -> None:
    order = draft(supplier)
    buyer = sign_in("Buyer")
    buyer.click(f"text={order.number}")
    buyer.locator("input[data-price]").first.fill("20")
    buyer.click("text=Save changes")
    expect(buyer.locator("#notices")).to_contain_text("20 → 24, pack of 6")
    buyer.click("text=Live check")
    expect(buyer.locator("#check")).to_contain_text("nothing was ordered")

    approver = sign_in("Approver", phone=True)
    approver.goto(f"/orders/{order.number}/")
    approver.click("[popovertarget=approve-sheet] >> nth=0")
    expect(approver.locator("#approve-sheet")).to_contain_text(supplier.name)
    approver.click("text=Approve and send >> visible=true >> nth=-1")
    expect(approver.locator("h1")).to_contain_text("Draft")

    work_off()
    expect(approver.locator("h1")).to_contain_text("Transferred")
    expect(approver.locator("main")).to_contain_text("has not answered yet")
    callback = sandbox.callbacks_waiting()[0]
    assert post(callback).status_code == 202
    work_off()
    expect(approver.locator("h1")).to_contain_text("Confirmed")
    expect(approver.locator(".timeline")).to_contain_text(re.compile("Approved.*Line 1.*12 → 24", re.S))


def test_the_same_way_without_any_script(sign_in, sandbox, supplier) -> None:
    order = draft(supplier)
    buyer = sign_in("Buyer", javascript=False)
    buyer.goto(f"/orders/{order.number}/")
    buyer.locator("input[data-price]").first.fill("18")
    buyer.click("text=Save changes")
    expect(buyer.locator("#notices")).to_contain_text("Saved.")
    buyer.click("text=Live check")
    expect(buyer.locator("#check")).to_contain_text("nothing was ordered")
    buyer.goto("/orders/?q=" + order.number)
    expect(buyer.locator("#found")).to_contain_text("1 order")

    approver = sign_in("Approver", javascript=False)
    approver.goto(f"/orders/{order.number}/")
    approver.click("[popovertarget=approve-sheet] >> nth=0")
    approver.locator("#approve-sheet button.btn-primary").click()
    expect(approver.locator("#notices")).to_contain_text("Approved.")
    work_off()
    approver.reload()
    expect(approver.locator("h1")).to_contain_text("Transferred")
