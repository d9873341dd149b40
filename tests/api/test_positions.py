"""Positions over the API: the facts of the page, a page at a time."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from rest_framework.test import APIClient

from orders.models import Site
from procurement.models import CustomerOrder, CustomerOrderLine, SourceAccount
from procurement.services.stock_ledger import Stated, stock_state
from suppliers.models import Product
from tests import factories

pytestmark = pytest.mark.django_db
SignIn = Callable[[str], APIClient]


def told(site: Site, item: Product, by: str, figure: int, *, hours: int = 1) -> None:
    account, _ = SourceAccount.objects.get_or_create(
        code=by, defaults={"name": by.upper(), "kind": "sap", "site": site}
    )
    said = Stated(item.pk, Decimal(figure), timezone.now() - timedelta(hours=hours))
    with transaction.atomic():
        stock_state(site=site, teller=account, source=account.name, stated=[said])


@pytest.fixture
def site() -> Site:
    return factories.site()


@pytest.fixture
def lamp(site: Site) -> Product:
    item = factories.product(sku="LAMP/7", name="Lamp")
    told(site, item, "wms", 40, hours=3)
    order = CustomerOrder.objects.create(
        number="SO-9", site=site, customer="Corner Shop", ordered_on=timezone.localdate(), source="orders.csv"
    )
    CustomerOrderLine.objects.create(order=order, line_number=1, product=item, quantity=7)
    bought = factories.order(lines=0, site=site, number="PO-77")
    factories.line(bought, factories.offer(bought.supplier, item), quantity=Decimal(12))
    return item


def test_each_number_has_its_source_and_time(as_role: SignIn, lamp: Product) -> None:
    found = as_role("Approver").get("/api/positions/?site=main&q=lamp").json()
    assert found["count"] == 1
    (at,) = found["results"]
    assert (at["sku"], at["available"]) == ("LAMP/7", "45.0000")
    assert (at["on_hand"]["quantity"], at["on_hand"]["teller"], at["on_hand"]["conflict"]) == (
        "40.0000",
        "wms",
        [],
    )
    assert at["on_hand"]["as_of"]
    assert at["on_order"]["quantity"] == "12.0000"
    assert at["committed"]["quantity"] == "7.0000"


def test_one_item_tells_what_its_numbers_are_made_of(as_role: SignIn, site: Site, lamp: Product) -> None:
    told(site, lamp, "erp", 44)
    at: Any = as_role("Buyer").get("/api/positions/LAMP/7/?site=main").json()
    assert [(one["order"], one["quantity"], one["status"]) for one in at["receipts"]] == [
        ("PO-77", "12.0000", "draft")
    ]
    assert [(one["order"], one["told_by"]) for one in at["commitments"]] == [("SO-9", "orders.csv")]
    assert [(one["teller"], one["quantity"], one["counts"]) for one in at["statements"]] == [
        ("wms", "40.0000", True),
        ("erp", "44.0000", False),
    ]
    assert [said["teller"] for said in at["on_hand"]["conflict"]] == ["wms", "erp"]
    assert [(one["told_by"], one["counts"], one["order"]) for one in at["changes"]] == [
        ("ERP", False, None),
        ("WMS", True, None),
    ]


def test_conflicts_and_old_figures_are_asked_for(as_role: SignIn, site: Site, lamp: Product) -> None:
    told(site, lamp, "erp", 44)
    other = factories.product()
    told(site, other, "wms", 1, hours=24 * 9)
    client = as_role("Buyer")

    def shown(show: str) -> list[str]:
        return [at["sku"] for at in client.get(f"/api/positions/?show={show}").json()["results"]]

    assert (shown("conflicts"), shown("old"), len(shown("all"))) == (["LAMP/7"], [other.sku], 2)


@pytest.mark.parametrize("asked", ["site=moon", "site=%00", "show=some"])
def test_odd_question_is_refused_in_words(as_role: SignIn, lamp: Product, asked: str) -> None:
    answer = as_role("Buyer").get(f"/api/positions/?{asked}")
    assert answer.status_code == 400
    assert set(answer.json()["fields"]) == {asked.split("=")[0]}


def test_item_or_page_that_is_not_there_is_not_found(as_role: SignIn, lamp: Product) -> None:
    client = as_role("Buyer")
    assert client.get("/api/positions/NOTHING/").status_code == 404
    assert client.get("/api/positions/?page=99").status_code == 404


def test_positions_are_read_by_those_who_may_see_stock_alone(site: Site) -> None:
    client = APIClient()
    assert client.get("/api/positions/").status_code in (401, 403)


def test_number_of_queries_does_not_grow_with_the_items(as_role: SignIn, site: Site) -> None:
    client = as_role("Buyer")
    counted = []
    for number in (2, 20):
        for n in range(number):
            item = factories.product()
            told(site, item, "wms", n, hours=3)
            told(site, item, "erp", n + 1)
        with CaptureQueriesContext(connection) as queries:
            assert client.get("/api/positions/").status_code == 200
        counted.append(len(queries))
    assert counted[0] == counted[1]


def test_it_is_described(as_role: SignIn) -> None:
    body = as_role("Buyer").get("/api/docs/").content.decode()
    assert "GET /api/positions/{sku}/" in body
