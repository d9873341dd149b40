"""The page of unmatched codes in a real browser: one press maps, and what waited is seen to go."""

from decimal import Decimal

import pytest
from playwright.sync_api import expect

from procurement.models import SourceAccount
from procurement.services.source_entries import entries_write
from procurement.sources.base import StockRecord
from tests import factories

pytestmark = pytest.mark.browser

WIDER_THAN_SCREEN = "document.documentElement.scrollWidth > document.documentElement.clientWidth"


@pytest.mark.parametrize("phone", [False, True], ids=["desk", "phone"])
def test_one_press_maps_and_what_waited_is_seen_to_go(sign_in, phone) -> None:
    sap = SourceAccount.objects.create(code="sap", name="Acme SAP", kind="sap", site=factories.site())
    factories.product(sku="4711", name="Cologne water 100 ml")
    told = [StockRecord(line=0, external_id="0004711", sku="0004711", on_hand=Decimal(3))]
    entries_write(source=sap, entries=told)
    page = sign_in("Buyer", phone=phone)
    page.goto("/stock/")
    page.click("text=Unmatched codes")
    expect(page.locator("h1")).to_contain_text("Unmatched codes")
    assert not page.evaluate(WIDER_THAN_SCREEN)
    page.click("button:has-text('Map'):not(:has-text('chosen'))")
    expect(page.locator("#under-way")).to_contain_text("0004711")
    assert not page.evaluate(WIDER_THAN_SCREEN)
    entries_write(source=sap, entries=told)
    SourceAccount.objects.update(wanted_at=None)
    expect(page.locator("#under-way")).not_to_contain_text("0004711")
