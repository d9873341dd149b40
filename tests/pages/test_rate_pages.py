"""The page of exchange rates: everybody sees them, approvers and administrators decide on those that are held."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from suppliers.models import ExchangeRate
from tests import factories

pytestmark = pytest.mark.django_db


def known(value: str, *, days: int = 0, status: str = "accepted", **values: str) -> ExchangeRate:
    return ExchangeRate.objects.create(
        currency="EUR", base="GBP", date=timezone.localdate() - timedelta(days=days), rate=Decimal(value),
        source="ECB", status=status, read_at=timezone.now(), **values,
    )  # fmt: skip


def test_page_shows_rates_and_who_needs_what_is_missing(client):
    known("0.8412")
    factories.supplier(currency="USD", name="Yankee")
    client.force_login(factories.user("Buyer"))
    page = client.get("/stock/rates/").content.decode()
    assert "1 EUR = 0.8412 GBP" in page
    assert "No exchange rate of USD to GBP is known: what they offer is left out of plans." in page


def test_held_rate_is_decided_by_an_approver_and_by_no_buyer(client):
    known("0.84", days=1)
    held = known("9", status="held", doubt="971 % above the rate before")
    client.force_login(factories.user("Buyer"))
    assert "Right, use it" not in client.get("/stock/rates/").content.decode()
    assert client.post(f"/stock/rates/{held.pk}/", {"decision": "accept"}).status_code == 403
    client.force_login(factories.user("Approver"))
    assert "Right, use it" in client.get("/stock/rates/").content.decode()
    page = client.post(f"/stock/rates/{held.pk}/", {"decision": "perhaps"}, follow=True)
    assert "Say whether the rate is right or wrong." in page.content.decode()
    page = client.post(f"/stock/rates/{held.pk}/", {"decision": "accept"}, follow=True)
    assert "is in use." in page.content.decode()
    held.refresh_from_db()
    assert held.status == "accepted"
