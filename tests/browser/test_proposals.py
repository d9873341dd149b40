"""Proposals of another system in a real browser, at a desk and on a phone."""

import pytest
from playwright.sync_api import expect

from orders.models import PurchaseOrder
from procurement.sources.sandbox.server import SourceSandbox
from tests import factories
from tests.sources.planner import draft, offers, planner, propose, read

pytestmark = pytest.mark.browser

WIDER_THAN_SCREEN = "document.documentElement.scrollWidth > document.documentElement.clientWidth"


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("phone", [False, True], ids=["desk", "phone"])
def test_changed_proposal_is_found_from_the_source_to_the_decision(sign_in, phone, scheme) -> None:
    with SourceSandbox("valerdat") as sandbox:
        offers(("alderbrook", "LAMP"), ("alderbrook", "SHADE"))
        propose(sandbox, 1, ("alderbrook", "LAMP", 24), ("alderbrook", "SHADE", 3))
        propose(sandbox, 2, ("brightwater-and-daughters", "LAMP-WALNUT-XL", 24))
        source = planner(sandbox)
        read(source)
        PurchaseOrder.objects.update(last_edited_by=factories.user())
        propose(sandbox, 1, ("alderbrook", "LAMP", 30))
        read(source)
        read(source)
    page = sign_in("Buyer", phone=phone, color_scheme=scheme)
    page.goto("/stock/sources/planner/")
    expect(page.locator("body")).to_contain_text("Adding new order V-1")
    expect(page.locator("body")).to_contain_text("No new orders.")
    assert not page.evaluate(WIDER_THAN_SCREEN)
    page.goto(f"/orders/{draft(1).number}/")
    expect(page.locator("#proposal-changes-title")).to_be_visible()
    assert not page.evaluate(WIDER_THAN_SCREEN)
    page.goto(f"/orders/{draft(1).number}/lines/1/")
    expect(page.locator("body")).to_contain_text("Proposed by Valerdat in its order V-1")
    assert not page.evaluate(WIDER_THAN_SCREEN)
    page.goto(f"/orders/{draft(1).number}/")
    page.click("section[aria-labelledby=proposal-changes-title] button:has-text('Accept')")
    expect(page.locator("#proposal-changes-title")).to_have_count(0)
