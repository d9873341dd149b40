"""The pages about sources in a real browser, at a desk and on a phone."""

from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from procurement.models import SourceAccount, SourceRun
from tests import factories

pytestmark = pytest.mark.browser

WIDER_THAN_SCREEN = "document.documentElement.scrollWidth > document.documentElement.clientWidth"


def sources() -> None:
    now, site = timezone.now(), factories.site()
    values = {
        "kind": "salesforce",
        "site": site,
        "last_success_at": now,
        "next_run_at": now + timedelta(minutes=10),
    }
    good = SourceAccount.objects.create(code="crm", name="Acme CRM", **values)
    refused = "Acme Overseas does not let us read this (INSUFFICIENT_ACCESS): the user may not see the object Order."
    bad = SourceAccount.objects.create(code="overseas", name="Acme Overseas", paused_reason=refused, **values)
    run = {"lease_until": now, "finished_at": now}
    SourceRun.objects.create(
        account=good, status="done", fetched=1284, added=31, changed=12, unchanged=1240, failed=1, **run
    )
    SourceRun.objects.create(account=bad, status="failed", error=refused, **run)
    words = (
        "Order 00012345, line 991: sku 'LAMP-WALNUT-XL' is not in the catalogue; load the catalogue first."
    )
    good.problems.create(external_id="801000000000012345", words=words, asked_at=now)


@pytest.mark.parametrize("phone", [False, True], ids=["desk", "phone"])
def test_sources_fit_the_screen_and_are_read_with_one_press(sign_in, phone) -> None:
    sources()
    page = sign_in("Buyer", phone=phone)
    page.goto("/stock/")
    page.click("text=Sources")
    expect(page.locator("h1")).to_contain_text("Sources")
    assert not page.evaluate(WIDER_THAN_SCREEN)
    page.click("button:has-text('Run now') >> nth=0")
    expect(page.locator(".notice, .toast, [role=status]").first).to_contain_text("Acme CRM is being read")
    expect(page.locator("h1")).to_contain_text("Acme CRM")
    assert not page.evaluate(WIDER_THAN_SCREEN)
    expect(page.locator("body")).to_contain_text("LAMP-WALNUT-XL")
