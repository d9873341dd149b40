"""Promotions and empty shelves from files and stock history to what a plan buys, and back again by undoing."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import numpy as np
import pytest
from django.utils import timezone

from orders.models import SiteCalendar, SiteClosure
from procurement.known_days import known_days
from procurement.models import DailyDemand, ImportedRow, Promotion, StockChange, StockLevel, StockOut
from procurement.services.planning import plan_run
from tests.orders.factories import make_supplier
from tests.procurement.imports import command, counts, load, make_products, make_site, said, write
from tests.procurement.planning import make_item, make_quote

pytestmark = pytest.mark.django_db


def spans(sku: str) -> list[tuple[str, str, str]]:
    rows = Promotion.objects.filter(product__sku=sku).order_by("starts_on")
    return [(str(row.starts_on), str(row.ends_on), row.name) for row in rows]


def test_spans_and_days_of_promotions_are_read_and_the_same_file_changes_nothing(tmp_path: Path):
    make_products("A", "B")
    path = write(
        tmp_path,
        "sku,from,to,name,promotion\nA,2026-05-01,2026-05-07,May,\nB,2026-05-01,,,1\nB,2026-05-02,,,1\n"
        "B,2026-05-03,,,0\nB,2026-05-04,,,1\nA,2026-12-01,2026-12-24,Advent,yes\n",
    )
    assert counts(load(path, "promotions")) == (4, 0, 0, 0)
    assert spans("A") == [("2026-05-01", "2026-05-07", "May"), ("2026-12-01", "2026-12-24", "Advent")]
    assert spans("B") == [("2026-05-01", "2026-05-02", ""), ("2026-05-04", "2026-05-04", "")]
    assert counts(load(path, "promotions")) == (0, 0, 4, 0)
    longer = write(tmp_path, "sku,from,to,name\nA,2026-05-01,2026-05-09,May\n")
    assert counts(load(longer, "promotions")) == (0, 1, 0, 0)
    assert spans("A")[0] == ("2026-05-01", "2026-05-09", "May")


def test_rows_that_make_no_promotion_are_refused_with_the_reason(tmp_path: Path):
    make_products("A")
    path = write(tmp_path, "sku,from,to\nA,2026-05-07,2026-05-01\nA,2026-05-08,\nX,2026-05-01,2026-05-02\n")
    result = load(path, "promotions")
    assert counts(result) == (0, 0, 0, 3)
    words = {line: reason for line, _, reason in said(result)}
    assert "lies after its last day" in words[2]
    assert "say until when" in words[3]
    assert "X" in str(result.errors)


def test_an_import_of_promotions_is_undone_as_a_whole(tmp_path: Path):
    make_site()
    make_products("A")
    first = write(tmp_path, "sku,from,to,name\nA,2026-05-01,2026-05-07,May\n", "a.csv")
    command("promotions", first)
    second = write(
        tmp_path, "sku,from,to,name\nA,2026-05-01,2026-05-09,May\nA,2026-06-01,2026-06-02,\n", "b.csv"
    )
    code, told = command("promotions", second)
    assert (code, told["added"], told["changed"]) == (0, 1, 1)
    command(undo=told["import"])
    assert spans("A") == [("2026-05-01", "2026-05-07", "May")]
    assert ImportedRow.objects.filter(file_import=told["import"]).exclude(left="").count() == 0


def test_hours_without_stock_are_read_from_the_sales_file_itself(tmp_path: Path):
    make_site()
    make_products("A")
    path = write(tmp_path, "sku,date,quantity,stockout_hours\nA,2026-05-01,3,0\nA,2026-05-02,1,14.5\n")
    code, told = command("stock_outs", path)
    assert (code, told["added"], told["refused"]) == (0, 1, 0)
    assert StockOut.objects.get().hours == Decimal("14.5")
    less = write(tmp_path, "sku,date,hours\nA,2026-05-02,0\nA,2026-05-02,2\nA,2026-05-03,25\n", "less.csv")
    code, told = command("stock_outs", less)
    assert (code, told["changed"], told["refused"]) == (2, 1, 2)
    command(undo=told["import"])
    assert StockOut.objects.get().hours == Decimal("14.5")


def test_a_plan_buys_for_a_promotion_and_says_so():
    site = make_site()
    item = make_item(site, "A")
    make_quote(make_supplier(code="acme"), item)
    today = timezone.localdate()
    for ago in (30, 60, 90):
        Promotion.objects.create(
            site=site, product=item, name="Flyer", starts_on=today - timedelta(days=ago),
            ends_on=today - timedelta(days=ago - 6), source="test",
        )  # fmt: skip
        DailyDemand.objects.filter(
            product=item, date__gte=today - timedelta(days=ago), date__lte=today - timedelta(days=ago - 6)
        ).update(quantity=6)
    usual = plan_run(site=site, by=None).requirements.get()
    Promotion.objects.create(
        site=site, product=item, name="Advent", starts_on=today + timedelta(days=2),
        ends_on=today + timedelta(days=8), source="test",
    )  # fmt: skip
    promoted = plan_run(site=site, by=None).requirements.get()
    assert promoted.daily_demand > Decimal("1.5") * usual.daily_demand
    [told] = promoted.reason["demand"]["promotions"]
    assert told["name"] == "Advent"
    assert Decimal(told["adds"]) == pytest.approx(Decimal(2), abs=Decimal("0.4"))


NOW = date(2026, 6, 10)


def at(day: int, hour: int = 9) -> datetime:
    return datetime(2026, 6, day, hour, tzinfo=timezone.get_current_timezone())


def stock(product, day: int, on_hand: str, counted: bool = True) -> None:
    StockChange.objects.create(
        product=product, site=make_site(), at=at(day), kind="stated", on_hand=Decimal(on_hand), as_of=at(day),
        source="ERP", counts=counted,
    )  # fmt: skip


def censored(*products, demand: np.ndarray) -> list[list[int]] | None:
    days = known_days(site=make_site(), products=[p.pk for p in products], as_of=NOW, demand=demand)
    return None if days.censored is None else [np.flatnonzero(row).tolist() for row in days.censored]


def test_whole_days_without_stock_are_censored_from_the_history_of_stock():
    a, b = make_products("A", "B")
    demand = np.ones((2, 9))  # 1 to 9 June
    demand[0, 2:5] = 0
    stock(a, 1, "5")
    stock(a, 3, "0")  # sold out on the 3rd, which was a day with stock for some hours
    stock(a, 4, "7", counted=False)  # another teller, who does not count
    stock(a, 6, "9")
    stock(b, 1, "4")
    assert censored(a, b, demand=demand) == [[3, 4], []]


def test_no_stock_is_believed_only_as_long_as_somebody_confirmed_it():
    [a] = make_products("A")
    demand = np.ones((1, 9))
    demand[0, 2:] = 0
    stock(a, 3, "0")
    StockLevel.objects.create(site=make_site(), product=a, on_hand=0, as_of=at(6), source="ERP")
    assert censored(a, demand=demand) == [[3, 4]]


def test_customers_who_wait_for_what_is_out_of_stock_are_demand_like_any_other():
    [a] = make_products("A")
    stock(a, 3, "-2")
    stock(a, 8, "9")
    assert censored(a, demand=np.ones((1, 9))) is None


def test_half_a_day_without_stock_censors_it_and_an_hour_does_not():
    [a] = make_products("A")
    for day, hours in ((4, 12), (5, 1)):
        StockOut.objects.create(
            site=make_site(), product=a, date=date(2026, 6, day), hours=hours, source="till"
        )
    assert censored(a, demand=np.ones((1, 9))) == [[3]]


def closed(days: int = 30) -> list[int]:
    found = known_days(site=make_site(), products=[], as_of=NOW, demand=np.zeros((0, days))).closed
    return [] if found is None else (np.flatnonzero(found)[:4] - days).tolist()


def test_closures_and_public_holidays_of_the_sites_calendar_are_closing_days():
    site = make_site()
    assert closed() == []
    SiteClosure.objects.create(
        site=site, first=NOW + timedelta(days=3), last=NOW + timedelta(days=4), name="Count"
    )
    assert closed() == [3, 4]
    SiteCalendar.objects.create(site=site, holiday_country="GB", holiday_region="ENG")
    assert closed()[0] == (date(2026, 5, 25) - NOW).days  # spring bank holiday


def test_a_calendar_on_whose_closing_days_things_are_sold_is_left_out():
    site = make_site()
    [a] = make_products("A")
    for ago in (5, 10, 15):
        day = NOW - timedelta(days=ago)
        SiteClosure.objects.create(site=site, first=day, last=day, name="No lorries")
        if ago > 5:
            DailyDemand.objects.create(site=site, product=a, date=day, quantity=1, source="test")
    assert closed() == []
