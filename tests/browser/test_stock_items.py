"""From the list of items to one that two systems disagree on, and whom to believe, on a phone."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import transaction
from django.utils import timezone

from procurement.models import SourceAccount, StockLevel
from procurement.services.stock_ledger import Stated, stock_state
from tests import factories
from tests.browser.conftest import SignIn

pytestmark = pytest.mark.browser


def test_conflict_is_found_understood_and_ended(sign_in: SignIn) -> None:
    page = sign_in("Buyer", phone=True)
    site, item = factories.site(), factories.product(name="Lamp")
    for code, figure, hours in (("wms", 5, 3), ("erp", 8, 1)):
        account = SourceAccount.objects.create(code=code, name=code.upper(), kind="sap", site=site)
        said = Stated(item.pk, Decimal(figure), timezone.now() - timedelta(hours=hours))
        with transaction.atomic():
            stock_state(site=site, teller=account, source=account.name, stated=[said])
    page.goto("/stock/")
    page.select_option("#show", "conflicts")
    page.wait_for_url("**show=conflicts**")
    assert "ERP says 8" in page.inner_text("#found")
    page.click("text=Lamp")
    page.wait_for_selector("svg.course")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.click("form:has-text('Believe ERP') >> text=for this item")
    page.wait_for_selector("text=ERP counts from now on")
    assert page.locator("text=Who is right?").count() == 0
    assert StockLevel.objects.get().on_hand == 8
