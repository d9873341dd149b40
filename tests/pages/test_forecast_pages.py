"""What is expected, beside what was sold; and how good the forecasts of a plan are."""

import re
from datetime import timedelta
from decimal import Decimal

import pytest
from django.test import Client
from django.utils import timezone

from orders.models import SiteClosure
from procurement.models import DailyDemand, Promotion
from procurement.services.planning import plan_run
from tests.orders.factories import make_site, make_supplier
from tests.procurement.planning import HISTORY_DAYS, make_item, make_quote

pytestmark = pytest.mark.django_db


def planned():
    site, acme = make_site(), make_supplier(code="acme")
    item = make_item(site, "A")
    for ago in range(1, HISTORY_DAYS, 3):
        day = timezone.localdate() - timedelta(days=ago)
        DailyDemand.objects.filter(product=item, date=day).update(quantity=Decimal(5))
    make_quote(acme, item)
    make_item(site, "B", daily="0")
    return site, plan_run(site=site, by=None), item


def test_item_page_shows_the_range_with_promotions_and_closing_days(buyer: Client):
    site, run, item = planned()
    today = timezone.localdate()
    Promotion.objects.create(
        site=site, product=item, name="Flyer", starts_on=today - timedelta(days=20),
        ends_on=today - timedelta(days=14), source="test",
    )  # fmt: skip
    SiteClosure.objects.create(
        site=site, first=today + timedelta(days=2), last=today + timedelta(days=2), name="Stock count"
    )
    page = buyer.get("/stock/items/A/").content.decode()
    reason = run.requirements.get(product=item).reason
    low, high = map(Decimal, reason["demand"]["range"])
    assert low <= Decimal(reason["forecast"]) <= high
    assert f"in eight of ten cases between {low:g} and {high:g}" in page
    assert "less than repeating the last days" in page
    assert len(re.findall('class="foretold-week"', page)) == 26
    assert "Flyer: " in page
    assert 'class="foretold-promotion"' in page
    assert "Stock count: " in page
    assert 'class="foretold-closed"' in page


def test_item_that_may_have_died_out_says_so_on_its_pages(buyer: Client):
    site, acme = make_site(), make_supplier(code="acme")
    item = make_item(site, "A", daily="0")
    for ago in range(45, HISTORY_DAYS, 10):
        day = timezone.localdate() - timedelta(days=ago)
        DailyDemand.objects.update_or_create(
            site=site, product=item, date=day, source="test", defaults={"quantity": Decimal(5)}
        )
    make_quote(acme, item)
    found = plan_run(site=site, by=None).requirements.get(product=item)
    words = "Nothing was sold for 44 days; it used to sell every 10 days. The chance that it still sells is put at"
    for address in ("/stock/items/A/", f"/plan/{found.run_id}/items/{found.pk}/"):
        assert words in buyer.get(address).content.decode()


def test_plan_of_before_sentences_were_kept_is_shown(buyer: Client):
    _, run, item = planned()
    found = run.requirements.get(product=item)
    found.reason = {"sku": "A"}
    found.save()
    assert buyer.get(f"/plan/{run.pk}/items/{found.pk}/").status_code == 200


def test_item_that_no_plan_looked_at_has_no_forecast(buyer: Client):
    make_item(make_site(), "A")
    assert "Sold, and expected" not in buyer.get("/stock/items/A/").content.decode()


def test_plan_says_how_good_its_forecasts_are(buyer: Client):
    _, run, _ = planned()
    assert f"/plan/{run.pk}/forecasts/" in buyer.get(f"/plan/{run.pk}/").content.decode()
    page = buyer.get(f"/plan/{run.pk}/forecasts/").content.decode()
    assert re.search(r"Items with enough past</span><b>1</b>", page)
    assert re.search(r"Too little past to judge</span><b>1</b>", page)
    share = Decimal(run.requirements.get(product__sku="A").reason["demand"]["error_against_naive"])
    assert f"{round(share * 100)} %" in page
    assert "70 to 80 %" in page
    assert "Product A" in page


def test_plan_that_is_not_done_has_no_forecasts(buyer: Client):
    assert buyer.get("/plan/99/forecasts/").status_code == 404
