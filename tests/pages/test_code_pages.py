"""The pages on which people say what codes mean."""

from decimal import Decimal

import pytest
from django.test import Client

from procurement.models import FIRST_IN_LINE, ItemCode, SourceAccount, UnitConversion, UnmatchedCode
from procurement.services.codes.supplier_lists import list_keep
from procurement.services.source_entries import entries_write
from procurement.sources.base import StockRecord
from suppliers.messages import CatalogueItem
from suppliers.models import Product
from suppliers.services.catalogue import _list_write
from tests import factories
from tests.pages.reading import text

pytestmark = pytest.mark.django_db


@pytest.fixture
def sap(db: None) -> SourceAccount:
    return SourceAccount.objects.create(code="sap", name="Acme SAP", kind="sap", site=factories.site())


def told(sap: SourceAccount, *codes: str, unit: str = "") -> list[UnmatchedCode]:
    """Stock under these codes has come, and nobody knew them."""
    entries_write(
        source=sap,
        entries=[
            StockRecord(
                line=0, external_id=code, sku=code, on_hand=Decimal(1), unit=unit, description="Blue lamp"
            )
            for code in codes
        ],
    )
    return list(UnmatchedCode.objects.order_by("code"))


def test_unmatched_codes_stand_with_what_they_could_be_and_why(buyer: Client, sap: SourceAccount) -> None:
    factories.product(sku="LAMP-1", name="Blue lamp")
    factories.product(sku="4711", name="Water")
    told(sap, "lamp1", "0004711", "nothing-like-it")
    page = text(buyer.get("/stock/codes/"))
    assert "same code but for how it is written, same name" in page
    assert "same code but for leading zeros" in page
    assert "Acme SAP" in page
    assert "Unmatched codes 3" in text(buyer.get("/stock/"))


def test_same_bar_code_comes_first(buyer: Client) -> None:
    factories.product(sku="A", name="Hook", barcode="036000291452")
    factories.product(sku="B", name="Hook, chrome", barcode="0036000291452")
    item = CatalogueItem(
        supplier_sku="Q1", external_id="q1", name="Hook, chrome", unit="C62", barcode="036000291452"
    )
    _list_write(factories.supplier(name="Alder"), [item], list_keep)
    page = text(buyer.get("/stock/codes/"))
    assert page.index("B Hook, chrome same bar code, same name") < page.index("A Hook same bar code")


def test_one_click_maps_and_the_page_shows_what_is_read_again(buyer: Client, sap: SourceAccount) -> None:
    product = factories.product(sku="LAMP")
    (row,) = told(sap, "lamp")
    answer = buyer.post("/stock/codes/decide/", {"map": f"{row.pk}:{product.pk}"}, follow=True)
    page = text(answer)
    assert "1 code is mapped" in page
    assert "lamp in Acme SAP 1 waiting · read next" in page
    assert "Every code is understood" in page
    assert "lamp" in text(buyer.get("/stock/codes/?show=mapped"))
    assert SourceAccount.objects.filter(wanted_at__isnull=False).update(wanted_at=None) == 1
    entries_write(
        source=sap, entries=[StockRecord(line=0, external_id="lamp", sku="lamp", on_hand=Decimal(1))]
    )
    assert "Being read again" not in text(buyer.get("/stock/codes/?part=under-way"))


def test_several_are_mapped_at_once(buyer: Client, sap: SourceAccount) -> None:
    one, two = factories.product(sku="A"), factories.product(sku="B")
    rows = told(sap, "a", "b", "c")
    picks = {f"pick-{rows[0].pk}": f"{rows[0].pk}:{one.pk}", f"pick-{rows[1].pk}": f"{rows[1].pk}:{two.pk}"}
    assert "2 codes are mapped" in text(buyer.post("/stock/codes/decide/", picks, follow=True))
    assert set(ItemCode.objects.values_list("code", "product__sku")) == {("a", "A"), ("b", "B")}


@pytest.mark.parametrize("value", ["1:999", "x", "1:", "\x00", "9" * 40 + ":1", "١:٢"])
def test_nonsense_is_said_in_words(buyer: Client, sap: SourceAccount, value: str) -> None:
    told(sap, "lamp")
    assert "That code or product is gone" in text(
        buyer.post("/stock/codes/decide/", {"map": value}, follow=True)
    )
    assert "That code is gone" in text(buyer.post("/stock/codes/decide/", {"ignore": value}, follow=True))


def test_ignored_code_can_be_brought_back(buyer: Client, sap: SourceAccount) -> None:
    (row,) = told(sap, "gift")
    buyer.post("/stock/codes/decide/", {"ignore": row.pk})
    assert "Every code is understood" in text(buyer.get("/stock/codes/"))
    assert "gift" in text(buyer.get("/stock/codes/?show=ignored"))
    buyer.post(f"/stock/codes/{row.pk}/unignore/")
    assert "Nothing like it" in text(buyer.get("/stock/codes/"))


def test_product_is_searched_for_and_quantities_are_said(buyer: Client, sap: SourceAccount) -> None:
    product = factories.product(sku="PIPE-22", name="Copper pipe")
    (row,) = told(sap, "X")
    assert "PIPE-22 Copper pipe" in text(buyer.get(f"/stock/codes/{row.pk}/?q=copper"))
    answer = buyer.post(f"/stock/codes/{row.pk}/", {"sku": "pipe-22"})
    assert (answer.status_code, "There is no product pipe-22" in text(answer)) == (422, True)
    answer = buyer.post(f"/stock/codes/{row.pk}/", {"product": product.pk, "unit": "cs"})
    assert "How many of our unit is one CS?" in text(answer)
    buyer.post(f"/stock/codes/{row.pk}/", {"sku": "PIPE-22", "factor": "12", "unit": "cs", "adds_up": "on"})
    said = ItemCode.objects.get()
    assert (said.product, said.factor, said.unit, said.adds_up) == (product, 12, "CS", True)
    page = text(buyer.get("/stock/codes/?show=mapped"))
    assert "1 CS = 12 C62" in page


def test_unit_is_explained_on_the_row(buyer: Client, sap: SourceAccount) -> None:
    factories.product(sku="MUG")
    (row,) = told(sap, "MUG", unit="CS")
    assert "1 CS of MUG is" in text(buyer.get("/stock/codes/"))
    for nonsense in ("", "0", "-1", "NaN", "1e999", "\x00"):
        answer = buyer.post(f"/stock/codes/{row.pk}/unit/", {"quantity": nonsense}, follow=True)
        assert "Enter a number above 0" in text(answer)
    assert "1 CS = 12 C62 of MUG." in text(
        buyer.post(f"/stock/codes/{row.pk}/unit/", {"quantity": "12"}, follow=True)
    )
    conversion = UnitConversion.objects.get()
    assert "1 CS = 12 C62" in text(buyer.get("/stock/codes/?show=units"))
    buyer.post(f"/stock/codes/units/{conversion.pk}/delete/")
    assert not UnitConversion.objects.exists()


def test_mapping_is_changed_as_it_was_seen(buyer: Client, sap: SourceAccount) -> None:
    product, other = factories.product(sku="A"), factories.product(sku="B")
    (row,) = told(sap, "x")
    buyer.post("/stock/codes/decide/", {"map": f"{row.pk}:{product.pk}"})
    said = ItemCode.objects.get()
    stale = buyer.post(f"/stock/codes/mapped/{said.pk}/change/", {"sku": "B", "seen": "2020-01-01"})
    assert "has changed what x means meanwhile" in text(stale)
    seen = said.mapped_at.isoformat()
    buyer.post(f"/stock/codes/mapped/{said.pk}/change/", {"sku": "B", "seen": seen})
    assert ItemCode.objects.get().product == other
    buyer.post(f"/stock/codes/mapped/{said.pk}/delete/")
    assert not ItemCode.objects.exists()


def test_code_that_became_an_item_of_its_own_is_shown(buyer: Client, sap: SourceAccount) -> None:
    product = factories.product(sku="A")
    (row,) = told(sap, "NEW")
    buyer.post("/stock/codes/decide/", {"map": f"{row.pk}:{product.pk}"})
    factories.product(sku="NEW")
    assert "This has become an item of its own" in text(buyer.get("/stock/codes/?show=mapped"))


def test_new_product_is_an_administrators(buyer: Client, administrator: Client, sap: SourceAccount) -> None:
    (row,) = told(sap, "NEW")
    values = {"sku": "NEW", "name": "Blue lamp", "unit": "C62", "barcode": ""}
    assert buyer.post(f"/stock/codes/{row.pk}/product/", values).status_code == 403
    assert administrator.post(f"/stock/codes/{row.pk}/product/", values | {"unit": "?"}).status_code == 422
    administrator.post(f"/stock/codes/{row.pk}/product/", values)
    assert Product.objects.get().name == "Blue lamp"


def test_viewers_look_and_change_nothing(approver: Client, sap: SourceAccount) -> None:
    product = factories.product(sku="LAMP")
    (row,) = told(sap, "lamp")
    page = approver.get("/stock/codes/")
    assert "same code but for capitals" in text(page)
    assert b"Map what is chosen" not in page.content
    for address in ("decide/", f"{row.pk}/", f"{row.pk}/unit/", f"{row.pk}/unignore/"):
        assert approver.post(f"/stock/codes/{address}", {"map": f"{row.pk}:{product.pk}"}).status_code == 403


def test_unit_of_an_item_can_be_said_before_anybody_counts_in_it(buyer: Client) -> None:
    factories.product(sku="MUG")
    add = {"sku": "MUG", "unit": "cs", "quantity": "12"}
    assert "1 CS = 12 C62 of MUG" in text(buyer.post("/stock/codes/units/", add, follow=True))
    for nonsense in ({"sku": "mug"}, {"unit": "\x00"}, {"quantity": "NaN"}):
        assert "Enter " in text(buyer.post("/stock/codes/units/", add | nonsense, follow=True))


def test_what_was_taken_back_is_seen_to_be_read_again(buyer: Client, sap: SourceAccount) -> None:
    sap.problems.create(external_id="801", words="Order 1 is read again.", asked_at=FIRST_IN_LINE)
    assert "Entries it concerns in Acme SAP 1 waiting · read next" in text(
        buyer.get("/stock/codes/?part=under-way")
    )
