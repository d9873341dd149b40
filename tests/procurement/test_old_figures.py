"""A plan says in words which of its lines rest on figures of a source or supplier that has been silent."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from orders.models import PurchaseOrder, PurchaseOrderLine, Site
from procurement.models import PlanRun, SourceAccount, SourceRun, StockLevel
from procurement.services.planning import plan_run
from suppliers.models import SupplierProduct
from tests import factories
from tests.orders.factories import make_site, make_supplier
from tests.pages.reading import text
from tests.procurement.planning import make_item, make_quote

pytestmark = pytest.mark.django_db


def source(site: Site, name: str, kind: str, *, days: int | None) -> SourceAccount:
    now = timezone.now()
    heard = None if days is None else now - timedelta(days=days)
    made = SourceAccount.objects.create(
        code=name.lower(), name=name, kind=kind, site=site, last_success_at=heard
    )
    SourceRun.objects.create(account=made, status="failed", lease_until=now, finished_at=now)
    StockLevel.objects.filter(source=name).update(teller=made)
    return made


def said() -> dict[str, list[str]]:
    lines = PurchaseOrderLine.objects.order_by("pk").values_list("product__sku", "reason")
    return {sku: [one["words"] for one in reason.get("caveats", [])] for sku, reason in lines}


@pytest.fixture
def site() -> Site:
    site, acme = make_site(), make_supplier(code="acme")
    for sku in ("A", "B", "C"):
        make_quote(acme, make_item(site, sku))
    two_days = timezone.now() - timedelta(days=2)
    StockLevel.objects.filter(product__sku="A").update(source="SAP", as_of=two_days)
    StockLevel.objects.filter(product__sku="C").delete()
    return site


def test_lines_whose_stock_source_is_silent_say_so_and_the_plan_sums_it_up(site: Site):
    source(site, "SAP", "sap", days=2)
    run = plan_run(site=site, by=None)
    day = timezone.localtime(timezone.now() - timedelta(days=2))
    assert said() == {
        "A": [f"Stock is of {day:%A %H:%M}: SAP has not been read for 2 days."],
        "B": [],
        "C": ["No stock is known: SAP has not been read for 2 days."],
    }
    assert [told["words"] for told in run.caveats] == [
        "2 lines rest on old stock figures: SAP has not been read for 2 days."
    ]
    assert run.requirements.get(product__sku="A").reason["caveats"]


@pytest.mark.parametrize("change", [{"last_success_at": timezone.now}, {"active": False}])
def test_nothing_is_said_of_a_source_that_was_read_or_is_not_in_use(site: Site, change):
    source(site, "SAP", "sap", days=2)
    SourceAccount.objects.update(**{key: v() if callable(v) else v for key, v in change.items()})
    run = plan_run(site=site, by=None)
    assert set(map(len, said().values())) == {0}
    assert run.caveats == []


def test_item_without_stock_is_not_doubted_while_another_source_of_the_site_is_read(site: Site):
    source(site, "SAP", "sap", days=2)
    source(site, "Store", "sap", days=0)
    plan_run(site=site, by=None)
    assert said()["C"] == []


def test_customer_orders_that_may_be_missing_concern_every_line_of_the_site(site: Site):
    source(site, "Salesforce", "salesforce", days=None)
    source(make_site(code="other"), "Elsewhere", "salesforce", days=9)
    run = plan_run(site=site, by=None)
    words = "Customer orders may be missing: Salesforce could never be read."
    assert said() == {"A": [words], "B": [words], "C": [words]}
    assert [told["lines"] for told in run.caveats] == [3]


def test_old_stock_on_offer_is_said_where_the_supplier_was_to_tell_it(site: Site, sandbox_supplier):
    offer = make_quote(sandbox_supplier, make_item(site, "D"), stock_on_offer=500)
    by_hand = SupplierProduct.objects.get(product__sku="A")
    by_hand.supplier.account.delete()  # nobody can ask it
    for told in (offer, by_hand):
        told.stock_on_offer, told.stock_as_of = 500, timezone.now() - timedelta(days=3)
        told.save()
    plan_run(site=site, by=None)
    assert said()["A"] == []
    assert said()["D"][0].startswith("Their stock on offer is of ")
    assert said()["D"][0].endswith(f"{sandbox_supplier.name} has not answered for 3 days.")


def test_pages_of_plan_item_draft_and_line_tell_it(site: Site, client: Client):
    source(site, "SAP", "sap", days=2)
    run: PlanRun = plan_run(site=site, by=None)
    order = PurchaseOrder.objects.get()
    requirement = run.requirements.get(product__sku="A")
    client.force_login(factories.user("Approver"))
    summed = "2 lines rest on old stock figures: SAP has not been read for 2 days."
    assert summed in text(client.get(f"/plan/{run.pk}/"))
    page = text(client.get(f"/orders/{order.number}/"))
    assert page.count(summed) == 2  # beside the lines, and where it is approved
    assert page.count("old figures") == 2
    for address in (f"/plan/{run.pk}/items/{requirement.pk}/", f"/orders/{order.number}/lines/1/"):
        assert "SAP has not been read for 2 days." in text(client.get(address))
