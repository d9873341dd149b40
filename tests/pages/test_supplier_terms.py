"""What was decided and agreed stands on the supplier's page: who, since when, why."""

from datetime import timedelta

import pytest
from django.utils import timezone

from suppliers.models import ContractItem, SourcingDecision, SupplierReliability
from tests import factories

pytestmark = pytest.mark.django_db
TODAY = timezone.localdate()


def text_of(client, supplier) -> str:
    page = client.get(f"/suppliers/{supplier.code}/")
    assert page.status_code == 200
    return " ".join(page.content.decode().split())


def test_page_says_who_decided_what_and_why(client):
    person = factories.user("Buyer", username="bea")
    client.force_login(person)
    offer = factories.offer(factories.supplier())
    supplier = offer.supplier
    assert "Neither preferred nor blocked." in text_of(client, supplier)
    SourcingDecision.objects.create(
        supplier=supplier, kind="blocked", reason="Mould in the last lot", by=person, supplier_product=offer,
        until=TODAY + timedelta(days=3),
    )  # fmt: skip
    SourcingDecision.objects.create(supplier=supplier, kind="preferred", reason="Bonus", dearer_by_percent=5)
    ContractItem.objects.create(
        supplier_product=offer,
        number="C-7",
        valid_from=TODAY,
        valid_until=TODAY,
        unit_price="1.9",
        share_percent=40,
    )
    text = text_of(client, supplier)
    for words in (
        "Mould in the last lot",
        "bea",
        "up to 5 % dearer",
        "C-7",
        "£1.90",
        "40 %",
        offer.product.name,
    ):
        assert words in text, words


def test_page_shows_reliability_with_its_sample(client):
    client.force_login(factories.user("Buyer"))
    supplier = factories.supplier()
    assert "No order of ours was answered yet." in text_of(client, supplier)
    SupplierReliability.objects.create(
        supplier=supplier, since=TODAY, orders=8, rejected=2, lines=0, cut=0, deliveries=0, late=0,
        measured_at=timezone.now(),
    )  # fmt: skip
    text = text_of(client, supplier)
    assert "25 %" in text
    assert "2 of 8" in text
    assert "So few say little" in text
