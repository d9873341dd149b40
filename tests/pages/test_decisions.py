"""Buyers block and prefer suppliers, altogether or for an item, and undo it, from both pages."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.test import Client
from django.utils import timezone

from suppliers.models import SourcingDecision, SupplierProduct
from suppliers.services.codes import offer_recode
from suppliers.terms_in_force import blocks
from tests import factories
from tests.pages.reading import html, text
from tests.procurement.planning import make_item

pytestmark = pytest.mark.django_db
TODAY = timezone.localdate()
ITEM = "/stock/items/P1/?site=main"


@pytest.fixture
def offer(db: None) -> SupplierProduct:
    acme = factories.supplier(code="acme", name="Acme")
    return factories.offer(acme, make_item(factories.site(), "P1"), tiers=[(1, "2.50"), (100, "2.20")])


def blocked(offer: SupplierProduct) -> str:
    return blocks([offer], day=TODAY).get(offer.pk, "")


def test_supplier_is_blocked_for_an_item_from_its_page_and_unblocked_there(buyer: Client, offer):
    page = html(buyer.get(ITEM))
    assert "/suppliers/acme/decide/?item=P1&amp;back=%2Fstock%2Fitems%2FP1%2F%3Fsite%3Dmain" in page
    assert "£2.50 £2.20 from 100" in text(buyer.get(ITEM))
    assert 'value="P1"' in html(buyer.get(f"/suppliers/acme/decide/?item=P1&back={ITEM}"))
    until = TODAY + timedelta(days=3)
    sent = {"kind": "blocked", "item": "P1", "reason": "Mould in the last lot", "until": until, "back": ITEM}
    answer = buyer.post("/suppliers/acme/decide/", sent)
    assert answer["Location"] == ITEM
    assert f"Acme for P1 is blocked until {until:%-d %b %Y}: Mould in the last lot." in text(buyer.get(ITEM))
    assert blocked(offer)
    row = SourcingDecision.objects.get()
    assert (row.supplier_product, row.since, row.by.username[:5]) == (offer, TODAY, "buyer")
    for said in ("is not blocked any more", "had been undone already"):
        page = buyer.post(f"/suppliers/acme/decisions/{row.pk}/undo/", {"back": ITEM}, follow=True)
        assert said in text(page)
    assert not blocked(offer)
    row.refresh_from_db()
    assert row.ended_by == row.by
    assert "Mould in the last lot" not in text(buyer.get(ITEM)).split("Who sells it")[1]
    assert "Mould in the last lot" in text(buyer.get("/suppliers/acme/"))  # undone, by whom and when


def test_block_of_an_item_counts_for_every_offer_of_it_and_is_undone_at_once(buyer: Client, offer):
    """Also for a code that is corrected afterwards, and for no other item and no other supplier."""
    crate = factories.offer(offer.supplier, offer.product, supplier_sku="CRATE", pack_size=12)
    other = factories.offer(offer.supplier, make_item(factories.site(), "P2"))
    elsewhere = factories.offer(factories.supplier(code="bolt", name="Bolt"), offer.product)
    sent = {"kind": "blocked", "item": "P1", "reason": "Mould"}
    buyer.post("/suppliers/acme/decide/", sent)
    corrected = offer_recode(offer=offer, supplier_sku="RIGHT")
    assert all(blocked(one) for one in (offer, crate, corrected))
    assert not blocked(other)
    assert not blocked(elsewhere)
    assert text(buyer.get(ITEM)).count("Blocked Mould") == 2  # beside each offer that is there
    buyer.post("/suppliers/acme/decide/", sent | {"reason": "Mould again"})  # names another offer by now
    old, new = SourcingDecision.objects.order_by("pk")
    assert (old.state, new.state) == ("undone", "in force")
    buyer.post(f"/suppliers/acme/decisions/{new.pk}/undo/")
    assert not any(blocked(one) for one in (offer, crate, corrected))


def test_supplier_is_preferred_altogether_and_the_new_word_takes_the_place_of_the_old(buyer: Client, offer):
    sent = {"kind": "preferred", "reason": "Bonus", "dearer_by_percent": "5"}
    answer = buyer.post("/suppliers/acme/decide/", sent)
    assert answer["Location"] == "/suppliers/acme/#terms-title"
    buyer.post("/suppliers/acme/decide/", sent | {"reason": "Bonus raised", "dearer_by_percent": ""})
    old, new = SourcingDecision.objects.order_by("pk")
    assert (old.state, new.state, new.supplier_product) == ("undone", "in force", None)
    assert old.dearer_by_percent == Decimal(5)
    page = text(buyer.get(ITEM))
    assert "Preferred Bonus raised all it sells, at any price, by buyer" in page
    assert "5 % dearer" not in page


def test_a_block_leaves_the_preference_and_what_is_of_an_item_as_they_are(buyer: Client, offer):
    for sent in (
        {"kind": "preferred", "reason": "Bonus"},
        {"kind": "blocked", "reason": "Late", "item": "P1"},
        {"kind": "blocked", "reason": "On strike"},
    ):
        assert buyer.post("/suppliers/acme/decide/", sent).status_code == 302
    assert {row.state for row in SourcingDecision.objects.all()} == {"in force"}


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"kind": ""}, "Say whether it is blocked or preferred."),
        ({"kind": "Z" * 5000}, "Say whether it is blocked or preferred."),
        ({"reason": " "}, "Say why, so that the next person understands."),
        ({"item": "P9"}, "Acme does not sell P9."),
        ({"item": "Z" * 5000}, "at most 60 characters"),
        ({"until": "2020-01-01"}, "That day is over; nothing would be decided."),
        ({"dearer_by_percent": "5"}, "What is blocked is not bought at any price"),
        ({"kind": "preferred", "dearer_by_percent": "-1"}, "greater than or equal to 0"),
    ],
)
def test_what_cannot_be_decided_is_said_at_the_field(buyer: Client, offer, wrong, said):
    answer = buyer.post(
        "/suppliers/acme/decide/", {"kind": "blocked", "item": "P1", "reason": "Late"} | wrong
    )
    assert answer.status_code == 422
    assert said in text(answer)
    assert not SourcingDecision.objects.exists()


def test_only_who_buys_or_administers_decides(approver: Client, administrator: Client, offer):
    sent = {"kind": "blocked", "reason": "Late"}
    assert approver.get("/suppliers/acme/decide/").status_code == 403
    assert approver.post("/suppliers/acme/decide/", sent).status_code == 403
    assert administrator.post("/suppliers/acme/decide/", sent).status_code == 302
    row = SourcingDecision.objects.get()
    assert approver.post(f"/suppliers/acme/decisions/{row.pk}/undo/").status_code == 403
    for address in (ITEM, "/suppliers/acme/"):
        page = text(approver.get(address))
        assert "Late" in page
        assert "Block or prefer" not in page
        assert "Undo" not in page


def test_undoing_leads_to_no_other_host_and_to_no_other_supplier(buyer: Client, offer):
    buyer.post("/suppliers/acme/decide/", {"kind": "blocked", "reason": "Late"})
    row = SourcingDecision.objects.get()
    factories.supplier(code="bolt")
    assert buyer.post(f"/suppliers/bolt/decisions/{row.pk}/undo/").status_code == 404
    answer = buyer.post(f"/suppliers/acme/decisions/{row.pk}/undo/", {"back": "https://evil.example/"})
    assert answer["Location"] == "/suppliers/acme/#terms-title"


def test_api_tells_only_what_nobody_undid(buyer: Client, offer):
    buyer.post("/suppliers/acme/decide/", {"kind": "blocked", "reason": "Late"})
    (told,) = buyer.get("/api/suppliers/").json()["results"]
    assert [one["reason"] for one in told["decisions"]] == ["Late"]
    buyer.post(f"/suppliers/acme/decisions/{SourcingDecision.objects.get().pk}/undo/")
    (told,) = buyer.get("/api/suppliers/").json()["results"]
    assert told["decisions"] == []


def test_page_of_an_item_that_nobody_sells_says_so(buyer: Client):
    make_item(factories.site(), "P1")
    assert "Nobody sells it" in text(buyer.get(ITEM))
