"""A plan keeps what it knew of each item's stock, so that it can be explained after everything was overwritten."""

from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from django.db import transaction
from django.test import Client
from django.utils import timezone

from orders.models import PurchaseOrderLine, Site
from procurement.models import PlanRun, SourceAccount, StockChange, StockLevel
from procurement.plan_knowledge import known_then
from procurement.services.planning import plan_run
from procurement.services.stock_ledger import Stated, stock_state
from suppliers.models import Product
from tests import factories
from tests.orders.factories import make_site, make_supplier
from tests.pages.reading import text
from tests.procurement.planning import make_item, make_quote

pytestmark = pytest.mark.django_db


@pytest.fixture
def site() -> Site:
    site, acme = make_site(), make_supplier(code="acme")
    make_quote(acme, make_item(site, "A"))
    StockLevel.objects.all().delete()
    return site


def teller(site: Site, code: str) -> SourceAccount:
    return SourceAccount.objects.create(code=code, name=code.upper(), kind="sap", site=site)


def tell(by: SourceAccount, figure: int, at: datetime) -> None:
    said = Stated(Product.objects.get(sku="A").pk, Decimal(figure), at)
    with transaction.atomic():
        stock_state(site=by.site, teller=by, source=by.name, stated=[said])


def hours_ago(hours: int) -> datetime:
    return timezone.now() - timedelta(hours=hours)


def test_what_a_plan_knew_stays_when_stock_is_overwritten_and_its_history_gone(site: Site, client: Client):
    wms = teller(site, "wms")
    then = hours_ago(3)
    tell(wms, 5, then)
    run: PlanRun = plan_run(site=site, by=None)
    tell(wms, 90, hours_ago(1))
    StockChange.objects.all().delete()
    kept = known_then(run.requirements.get())
    assert (kept.on_hand, kept.source, kept.as_of) == (5, "WMS", then.replace(microsecond=0))
    client.force_login(factories.user("Buyer"))
    page = text(client.get(f"/plan/{run.pk}/items/{run.requirements.get().pk}/"))
    assert "Known then" in page
    assert "Known now" in page
    after = page.split("Known then, and now")[1]
    assert after.index(" 5 ") < after.index(" 90 ")


def test_disputed_figure_is_told_in_words_on_the_line_and_with_the_plan(site: Site):
    tell(teller(site, "wms"), 5, hours_ago(3))
    tell(teller(site, "erp"), 8, hours_ago(2))
    run: PlanRun = plan_run(site=site, by=None)
    (caveat,) = PurchaseOrderLine.objects.get().reason["caveats"]
    assert caveat["words"].startswith("Stock is disputed: WMS says 5 (")
    assert "ERP says 8 (" in caveat["words"]
    assert [told["words"] for told in run.caveats] == [
        "1 line rests on disputed stock figures: WMS and ERP differ."
    ]
    assert [(said.source, said.on_hand) for said in known_then(run.requirements.get()).told] == [
        ("WMS", "5"),
        ("ERP", "8"),
    ]


def test_plan_of_before_this_was_kept_is_shown_without_it(site: Site, client: Client):
    tell(teller(site, "wms"), 5, hours_ago(3))
    run: PlanRun = plan_run(site=site, by=None)
    for reason in ({}, {"stock": "odd"}, {"stock": {"as_of": "yesterday", "told": 5}}):
        run.requirements.update(reason=reason)
        assert known_then(run.requirements.get()).as_of is None
    client.force_login(factories.user("Buyer"))
    assert "not kept" in text(client.get(f"/plan/{run.pk}/items/{run.requirements.get().pk}/"))
