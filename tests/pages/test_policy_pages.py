"""Service levels by class, what is set for one item, and stock put aside."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from orders.models import Site
from procurement.models import (
    ClassServiceLevel,
    ItemPolicy,
    PlanRun,
    Requirement,
    StockReservation,
    StorageArea,
)
from tests.pages.reading import html, text
from tests.procurement.planning import make_item

pytestmark = pytest.mark.django_db


@pytest.fixture
def site() -> Site:
    return Site.objects.get_or_create(code="main", defaults={"name": "Main"})[0]


def planned(site: Site, **cells: tuple[str, str]) -> PlanRun:
    now = timezone.now()
    run = PlanRun.objects.create(site=site, as_of=now.date(), lease_until=now, status="done")
    zero = dict.fromkeys(
        ["on_hand", "on_order", "committed", "daily_demand", "buffer", "order_up_to", "net_requirement"], 0
    )
    for sku, (cell, value) in cells.items():
        Requirement.objects.create(
            run=run, product=make_item(site, sku), horizon_days=9, cell=cell, yearly_value=value, **zero,
            reason={
                "buffer": {"service_level": "0.98", "service_from": f"class {cell}"},
                "class": {"value": value, "variation": "0.31"},
            },
        )  # fmt: skip
    return run


def test_grid_counts_items_and_value_of_each_class(administrator, site):
    planned(site, P1=("AX", "750"), P2=("AX", "50"), P3=("CZ", "200"))
    page = text(administrator.get("/plan/classes/"))
    assert "AX 2 items £800.00 (80 %)" in page
    assert "CZ 1 item £200.00 (20 %)" in page
    assert "BY 0 items £0.00 (0 %)" in page


def test_level_of_a_class_is_set_and_taken_back_by_an_administrator(administrator, site):
    sent = {"site": "main", "AX": "98.5", "CZ": "80"}
    page = text(administrator.post("/plan/classes/set/", sent, follow=True))
    assert "AX, CZ: the next plan of Main goes by it." in page
    levels = {row.cell: row.service_level for row in ClassServiceLevel.objects.all()}
    assert levels == {"AX": Decimal("0.985"), "CZ": Decimal("0.8")}
    administrator.post("/plan/classes/set/", {"site": "main", "AX": "98.5"})
    assert ClassServiceLevel.objects.get().cell == "AX"
    assert "Nothing was changed." in text(
        administrator.post("/plan/classes/set/", {"site": "main", "AX": "98.5"}, follow=True)
    )


def test_one_wrong_level_changes_nothing_and_keeps_what_was_typed_in_the_others(administrator, site):
    answer = administrator.post(
        "/plan/classes/set/", {"site": "main", "AX": "120", "AY": "often", "BX": "90"}
    )
    assert answer.status_code == 422
    assert "correct AX, AY and save again" in text(answer)
    page = html(answer)
    for cell, typed, error in (
        ("AX", "120", "At most 99.9 %."),
        ("AY", "often", "Write a number, such as 98.5."),
    ):
        assert (
            f'name="{cell}" inputmode="decimal" size="5" maxlength="5" autocomplete="off" value="{typed}" '
            in page
        )
        assert f'id="{cell}-error">{error}<' in page
    assert 'value="90" placeholder' in page
    assert page.count("aria-invalid") == 2
    assert not ClassServiceLevel.objects.exists()


def test_a_level_is_shown_as_it_is_set_and_long_nonsense_is_cut(administrator, site):
    ClassServiceLevel.objects.create(site=site, cell="AX", service_level=Decimal("0.985"))
    assert 'value="98.5" placeholder' in html(administrator.get("/plan/classes/"))
    page = html(administrator.post("/plan/classes/set/", {"site": "main", "CZ": "9" * 5000}))
    assert "9" * 20 in page
    assert "9" * 21 not in page


def test_buyer_reads_the_grid_and_changes_nothing(buyer, site):
    page = buyer.get("/plan/classes/")
    assert (
        b"<input name="
        not in page.content.replace(b'type="hidden" ', b"").split(b'class="card flush"')[1][:1]
    )
    assert "Save" not in text(page)
    assert buyer.post("/plan/classes/set/", {"site": "main", "AX": "98"}).status_code == 403


def test_item_page_says_its_class_and_why(buyer, site):
    planned(site, P1=("AX", "750"))
    page = text(buyer.get("/stock/items/P1/?site=main"))
    assert "AX worth £750.00 a year, varies by 0.31 of its mean a week" in page
    assert "98 % class AX" in page


def test_item_s_own_policy_is_set_with_who_and_why(buyer, site):
    make_item(site, "P1")
    area = StorageArea.objects.create(site=site, name="Cold store", capacity=20)
    sent = {
        "value_class": "A", "service_percent": "99", "maximum_stock": "40", "maximum_cover_days": "21",
        "storage_area": area.pk, "storage_size": "0.05", "why": "key customer",
    }  # fmt: skip
    page = text(buyer.post("/stock/items/P1/policy/?site=main", sent, follow=True))
    row = ItemPolicy.objects.get()
    assert (row.value_class, row.service_level, row.by.username[:5]) == ("A", Decimal("0.99"), "buyer")
    assert "Room for at most 40" in page
    assert "Cold store, 0.05 pallets a unit" in page
    assert ": key customer" in page
    buyer.post("/stock/items/P1/policy/?site=main", {"why": ""})
    assert not ItemPolicy.objects.exists()


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        ({"service_percent": "99"}, "Say why it differs"),
        ({"maximum_stock": "-1"}, "greater than or equal to"),
        ({"storage_size": "1"}, "go together"),
    ],
)
def test_item_policy_that_cannot_be_is_refused_in_words(buyer, site, sent, said):
    make_item(site, "P1")
    answer = buyer.post("/stock/items/P1/policy/?site=main", sent)
    assert answer.status_code == 422
    assert said in text(answer)
    assert not ItemPolicy.objects.exists()


def test_stock_is_put_aside_and_taken_back(buyer, site):
    make_item(site, "P1", on_hand="30")
    sent = {"site": "main", "quantity": "12", "purpose": "the fair"}
    page = text(buyer.post("/stock/items/P1/reserve/", sent, follow=True))
    assert "12 for the fair" in page
    row = StockReservation.objects.get()
    page = text(buyer.post(f"/stock/reservations/{row.pk}/end/", follow=True))
    assert "Nothing is put aside" in page


def test_reservation_is_over_after_its_last_day(buyer, site):
    product = make_item(site, "P1")
    StockReservation.objects.create(
        site=site, product=product, quantity=3, purpose="past", until=timezone.localdate() - timedelta(days=1)
    )
    assert "Nothing is put aside" in text(buyer.get("/stock/items/P1/?site=main"))


def test_approver_sets_nothing_of_an_item(approver, site):
    make_item(site, "P1")
    assert approver.get("/stock/items/P1/policy/?site=main").status_code == 403
    assert approver.post("/stock/items/P1/reserve/", {"site": "main"}).status_code == 403


def test_unknown_site_is_not_found(administrator, site):
    assert administrator.get("/plan/classes/?site=nowhere").status_code == 404


def test_stock_is_not_put_aside_until_a_day_that_is_over(buyer, site):
    make_item(site, "P1")
    past = (timezone.localdate() - timedelta(days=1)).isoformat()
    sent = {"site": "main", "quantity": "2", "purpose": "Smith", "until": past}
    page = text(buyer.post("/stock/items/P1/reserve/", sent, follow=True))
    assert "Nothing was put aside. Until: That day is over; nothing would be put aside." in page
    assert not StockReservation.objects.exists()


def test_form_of_an_item_holds_quantities_as_they_were_typed(buyer, site):
    make_item(site, "P1")
    area = StorageArea.objects.create(site=site, name="Cold store", capacity=20)
    sent = {
        "maximum_stock": "400",
        "presentation_stock": "2.5",
        "storage_area": area.pk,
        "storage_size": "0.05",
    }
    buyer.post("/stock/items/P1/policy/?site=main", sent)
    page = html(buyer.get("/stock/items/P1/policy/?site=main"))
    for typed in ("400", "2.5", "0.05"):
        assert f'value="{typed}"' in page


def test_what_was_just_set_by_hand_is_told_beside_what_the_newest_plan_used(buyer, site):
    planned(site, P1=("AX", "750"))
    buyer.post("/stock/items/P1/policy/?site=main", {"service_percent": "99", "why": "Fair"})
    page = text(buyer.get("/stock/items/P1/?site=main"))
    assert "98 % class AX; set by hand to 99 % from the next plan on" in page


def test_one_mistake_is_said_once(buyer, site):
    make_item(site, "P1")
    page = text(
        buyer.post(
            "/stock/items/P1/policy/?site=main", {"service_percent": "99", "why": "x" * 201}, follow=True
        )
    )
    assert "at most 200 characters" in page
    assert "Say why it differs" not in page


@pytest.mark.parametrize(
    "address", ["/plan/classes/?site=%00", "/stock/items/P1/policy/?site=%00", "/plan/classes/set/"]
)
def test_a_site_that_no_database_can_hold_is_not_found(administrator, site, address):
    make_item(site, "P1")
    send = administrator.get if "?" in address else administrator.post
    assert send(address, None if "?" in address else {"site": "\x00"}).status_code == 404


def test_a_plan_or_replay_of_such_a_site_is_not_begun(buyer, site):
    for address in ("/plan/start/", "/stock/replay/start/"):
        assert buyer.post(address, {"site": "\x00"}).status_code == 302
