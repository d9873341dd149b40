"""The pages of calendars: buyers and administrators say when suppliers and sites work."""

from datetime import date, time

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from orders.models import OrderDay, SiteClosure
from orders.order_times import order_times
from suppliers.models import SupplierCalendar, SupplierClosure
from tests import factories
from tests.pages.reading import text

pytestmark = pytest.mark.django_db
WEEKDAYS = ["0", "1", "2", "3", "4"]


@pytest.fixture
def acme(db):
    return factories.supplier(code="acme", name="Acme")


def address(supplier):
    return f"/suppliers/{supplier.code}/calendar/"


def test_a_buyer_says_when_a_supplier_works_and_the_page_shows_it(buyer, acme):
    told = {
        "do": "week", "weekdays": WEEKDAYS, "time_zone": "Europe/London", "holiday_country": "gb",
        "holiday_region": "eng",
    }  # fmt: skip
    page = text(buyer.post(address(acme), told, follow=True))
    assert "The week of Acme is saved." in page
    assert "Christmas Day" in page
    week = SupplierCalendar.objects.get(supplier=acme)
    assert (week.weekdays, week.holiday_country, week.holiday_region) == ("1111100", "GB", "ENG")
    assert "Monday to Friday" in text(buyer.get("/stock/calendars/"))


@pytest.mark.parametrize(
    ("told", "said"),
    [
        ({"weekdays": []}, "Choose at least one weekday."),
        ({"time_zone": "London"}, "“London” is no time zone."),
        ({"holiday_country": "XX"}, "Public holidays of this country are not known."),
        ({"holiday_country": "GB", "holiday_region": "BY"}, "Known: ENG, NIR, SCT, WLS."),
    ],
)
def test_a_week_that_cannot_be_is_refused_in_words(buyer, acme, told, said):
    answer = buyer.post(address(acme), {"do": "week", "weekdays": WEEKDAYS} | told)
    assert answer.status_code == 422
    assert said in text(answer)
    assert not SupplierCalendar.objects.exists()


def test_closures_are_added_and_taken_back(buyer, acme):
    told = {"do": "close", "first": "2026-08-03", "last": "2026-08-14", "name": "Works holiday"}
    assert "Works holiday" in text(buyer.post(address(acme), told, follow=True))
    closure = SupplierClosure.objects.get(supplier=acme)
    assert (closure.first, closure.last) == (date(2026, 8, 3), date(2026, 8, 14))
    buyer.post(address(acme), {"do": "open", "row": str(closure.pk)})
    assert not SupplierClosure.objects.exists()


def test_a_closure_that_ends_before_it_begins_is_refused(buyer, acme):
    told = {"do": "close", "first": "2026-08-14", "last": "2026-08-03", "name": "Backwards"}
    assert "It ends before it begins." in text(buyer.post(address(acme), told))


def load(client, where, content):
    return client.post(where, {"do": "load", "file": SimpleUploadedFile("closed.csv", content)}, follow=True)


def test_closures_of_a_site_are_loaded_from_a_file(buyer):
    site = factories.site(code="north")
    content = b"first;last;name\n2026-12-24;2026-12-31;Between the years\n31/03/2027;;Stock count\n"
    page = text(load(buyer, "/stock/calendars/north/", content))
    assert "2 closures were added, 0 were known." in page
    assert [str(one) for one in SiteClosure.objects.filter(site=site)] == [
        "Between the years, 24 Dec 2026 to 31 Dec 2026",
        "Stock count, 31 Mar 2027",
    ]
    assert "0 closures were added, 2 were known." in text(load(buyer, "/stock/calendars/north/", content))


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "file is empty"),
        (b"a,b\n1,2\n", "The first line must name the columns: first, last, name."),
        (b"date,name\nsoon,Holiday\n", "Line 2: “soon” is not a date"),
        (b"first,last,name\n2026-02-02,2026-02-01,x\n", "Line 2: it ends on 2026-02-01, before it begins"),
        ("date,name\n2026-02-02,Fermé\n".encode("latin-1"), "not in UTF-8"),
        (b"date,name\n", "The file holds no rows."),
    ],
)
def test_a_file_with_anything_wrong_changes_nothing(buyer, acme, content, said):
    assert said in text(load(buyer, address(acme), content))
    assert not SupplierClosure.objects.exists()


def test_order_days_are_of_all_sites_or_of_one(buyer, acme):
    north, south = factories.site(code="north"), factories.site(code="south")
    told = {"do": "order-days", "weekdays": ["0", "2", "4"], "until": "10:30", "site": ""}
    assert "3 order days were added." in text(buyer.post(address(acme), told, follow=True))
    assert "These order days were known." in text(buyer.post(address(acme), told, follow=True))
    buyer.post(address(acme), {"do": "order-days", "weekdays": ["1"], "until": "15:00", "site": "south"})
    assert [cut.weekday for cut in order_times(site=north, suppliers=[acme])[acme.pk].cut_offs] == [0, 2, 4]
    assert [cut.until for cut in order_times(site=south, suppliers=[acme])[acme.pk].cut_offs] == [time(15)]
    page = text(buyer.get("/stock/calendars/"))
    assert "Monday, Wednesday and Friday until 10:30; 1 site with days of their own" in page
    first = OrderDay.objects.filter(site=None).first()
    buyer.post(address(acme), {"do": "no-order-day", "row": str(first.pk)})
    assert OrderDay.objects.count() == 3


def test_an_approver_looks_and_changes_nothing(approver, acme):
    page = approver.get(address(acme))
    assert page.status_code == 200
    assert "Save the week" not in text(page)
    assert approver.post(address(acme), {"do": "week", "weekdays": WEEKDAYS}).status_code == 403


def test_without_a_calendar_every_day_is_worked(acme):
    assert order_times(site=factories.site(), suppliers=[acme])[acme.pk].is_plain


def test_each_field_of_a_week_says_what_is_wrong_with_it(buyer, acme):
    told = {"do": "week", "weekdays": ["0"], "time_zone": "x" * 41, "holiday_country": "GBR"}
    page = buyer.post(f"/suppliers/{acme.code}/calendar/", told)
    assert page.status_code == 422
    assert "at most 40 characters" in text(page)
    assert "at most 2 characters" in text(page)
