"""What people buy before and after a site's closing days reaches the plan, its words and the item's picture."""

from datetime import date, timedelta

import pytest
from django.test import Client
from django.utils import timezone

from orders.models import Site, SiteClosure
from procurement.engine.forecast_reason import day_words
from procurement.models import DailyDemand
from procurement.services.planning import plan_run
from tests import factories
from tests.orders.factories import make_site, make_supplier
from tests.procurement.planning import HISTORY_DAYS, make_item, make_quote

pytestmark = pytest.mark.django_db
EACH = 12  # days from one closure to the next


def site_with_closures(*, stocked_up: bool) -> tuple[Site, list[date]]:
    """The next one is in three days."""
    site, today = make_site(), timezone.localdate()
    days = [today + timedelta(days=3 - ago) for ago in range(0, HISTORY_DAYS, EACH)]
    for day in days:
        SiteClosure.objects.create(site=site, first=day, last=day, name="Count")
    supplier = make_supplier(code="acme")
    for number in range(6):
        make_quote(supplier, make_item(site, f"A{number}", daily="4"))
    DailyDemand.objects.filter(site=site, date__in=days).delete()
    if stocked_up:
        eves = [day - timedelta(days=1) for day in days]
        DailyDemand.objects.filter(site=site, date__in=eves).update(quantity=12)
    return site, days


def test_the_day_before_a_closing_day_is_bought_for_and_told():
    site, [coming, *_] = site_with_closures(stocked_up=True)
    eve = coming - timedelta(days=1)
    need = plan_run(site=site, by=None).requirements.first()
    assert need is not None
    [told] = [one for one in need.reason["demand"]["beside_holidays"] if one["date"] == eve.isoformat()]
    assert float(told["adds"]) > 1
    sentence = need.order_lines.get().reason["sentence"]
    assert "As before and after past holidays, " in sentence
    assert day_words(told["adds"]) in sentence
    assert f" on {eve.day} {eve:%B}" in sentence
    client = Client()
    client.force_login(factories.user("Buyer"))
    page = client.get(f"/stock/items/{need.product.sku}/").content.decode()
    assert 'class="mark-beside"' in page
    assert "% more than usual" in page


def test_closing_days_that_change_nothing_are_only_counted():
    site, _ = site_with_closures(stocked_up=False)
    need = plan_run(site=site, by=None).requirements.first()
    assert need is not None
    assert "beside_holidays" not in need.reason["demand"]
    assert need.reason["demand"]["closed_days"] == 1
