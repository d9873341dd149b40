"""One item at one site: where each number comes from, who says otherwise, and choosing whom to believe."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from orders.models import Site, Status
from procurement.models import (
    CustomerOrder,
    CustomerOrderLine,
    PlanRun,
    Requirement,
    SourceAccount,
    StockChoice,
    StockLevel,
    StockReservation,
)
from procurement.services.receiving import goods_receive
from procurement.services.stock_ledger import Stated, stock_state
from suppliers.models import Product
from tests import factories
from tests.pages.reading import html, text

pytestmark = pytest.mark.django_db


def told(site: Site, item: Product, by: str, figure: int, *, hours: int = 1) -> SourceAccount:
    account, _ = SourceAccount.objects.get_or_create(
        code=by, defaults={"name": by.upper(), "kind": "sap", "site": site, "last_success_at": timezone.now()}
    )
    at = timezone.now() - timedelta(hours=hours)
    with transaction.atomic():
        stock_state(
            site=site, teller=account, source=account.name, stated=[Stated(item.pk, Decimal(figure), at)]
        )
    return account


@pytest.fixture
def site() -> Site:
    return factories.site()


@pytest.fixture
def item() -> Product:
    return factories.product(sku="LAMP/7", name="Lamp")


@pytest.fixture
def disputed(site: Site, item: Product) -> None:
    told(site, item, "wms", 5, hours=3)
    told(site, item, "erp", 8)


ADDRESS = "/stock/items/LAMP/7/"


def test_each_number_has_its_source_and_what_it_is_made_of(buyer: Client, site: Site, item: Product) -> None:
    told(site, item, "wms", 40)
    crm = SourceAccount.objects.create(
        code="crm", name="Acme CRM", kind="salesforce", site=site, last_success_at=timezone.now()
    )
    order = CustomerOrder.objects.create(
        number="SO-9", site=site, customer="Corner Shop", ordered_on=timezone.localdate(),
        due_date=timezone.localdate() - timedelta(days=1), source="Acme CRM", kept_by=crm, external_id="801",
    )  # fmt: skip
    CustomerOrderLine.objects.create(order=order, line_number=1, product=item, quantity=9, shipped_quantity=2)
    bought = factories.order(lines=0, site=site, status=Status.CONFIRMED, number="PO-77")
    offer = factories.offer(bought.supplier, item)
    factories.line(
        bought, offer, quantity=Decimal(12), confirmed_quantity=Decimal(10), shipped_quantity=Decimal(4)
    )
    page = text(buyer.get(ADDRESS))
    for words in ("WMS", "Acme CRM, read just now", "SO-9", "Corner Shop", "2 of 9 delivered", "overdue",
                  "PO-77", "4 of it shipped", "our own orders"):  # fmt: skip
        assert words in page
    facts = page[page.index("On hand") : page.index("Stock, known and expected")]
    assert [number for number in facts.split() if number in ("40", "10", "7", "43")] == [
        "40",
        "10",
        "7",
        "43",
    ]


def test_both_figures_are_shown_until_somebody_chooses(
    buyer: Client, site: Site, item: Product, disputed: None
) -> None:
    page = text(buyer.get(ADDRESS))
    assert "WMS says 5" in page
    assert "ERP says 8" in page
    assert "disputed: ERP says 8" in text(buyer.get("/stock/?show=conflicts"))
    data = {"site": site.code, "item": item.sku, "teller": "erp", "scope": "item"}
    answer = buyer.post("/stock/believe/", data, follow=True)
    assert "LAMP/7 at Main warehouse: ERP counts from now on." in text(answer)
    assert "Who is right?" not in text(answer)
    level = StockLevel.objects.get()
    assert (level.on_hand, level.teller.code) == (8, "erp")
    assert "Nobody disagrees" in text(buyer.get("/stock/?show=conflicts"))


def test_choice_for_the_whole_site_holds_for_its_other_items(
    buyer: Client, site: Site, item: Product, disputed: None
) -> None:
    other = factories.product()
    told(site, other, "wms", 1, hours=3)
    told(site, other, "erp", 2)
    buyer.post("/stock/believe/", {"site": site.code, "item": item.sku, "teller": "erp", "scope": "site"})
    assert set(StockLevel.objects.values_list("on_hand", "teller__code")) == {(8, "erp"), (2, "erp")}
    assert "here, ERP is believed, as buyer" in text(buyer.get("/stock/"))
    answer = buyer.post(
        "/stock/believe/", {"site": site.code, "item": item.sku, "teller": "", "scope": "site"}, follow=True
    )
    assert "who counted before goes on counting" in text(answer)
    assert not StockChoice.objects.exists()
    assert StockLevel.objects.get(product=other).on_hand == 2


def test_goods_received_since_are_on_top_of_a_chosen_figure(
    site: Site, item: Product, buyer: Client, disputed: None
) -> None:
    order = factories.order(lines=0, site=site, status=Status.CONFIRMED)
    line = factories.line(order, factories.offer(order.supplier, item), confirmed_quantity=Decimal(12))
    goods_receive(order=order, by=factories.user(), quantities={line.pk: Decimal(10)}, form_token="t")
    assert StockLevel.objects.get().on_hand == 15
    page = text(buyer.get(ADDRESS))
    assert f"Goods received for {order.number}" in page
    buyer.post("/stock/believe/", {"site": site.code, "item": item.sku, "teller": "erp", "scope": "item"})
    assert StockLevel.objects.get().on_hand == 18


def test_approvers_see_it_and_do_not_choose(
    approver: Client, site: Site, item: Product, disputed: None
) -> None:
    assert "A buyer or an administrator decides." in text(approver.get(ADDRESS))
    data = {"site": site.code, "item": item.sku, "teller": "erp", "scope": "item"}
    assert approver.post("/stock/believe/", data).status_code == 403
    assert not StockChoice.objects.exists()


@pytest.mark.parametrize(
    "odd",
    [
        {"site": "moon"},
        {"item": "a\x00b"},
        {"teller": "nobody"},
        {"scope": "world"},
        {"site": ""},
        {"teller": "x" * 99},
    ],
)
def test_odd_choice_is_refused_in_words(
    buyer: Client, site: Site, item: Product, disputed: None, odd: dict[str, str]
) -> None:
    data = {"site": site.code, "item": item.sku, "teller": "erp", "scope": "item"} | odd
    assert "Nothing was chosen." in text(buyer.post("/stock/believe/", data, follow=True))
    assert not StockChoice.objects.exists()


def test_plans_that_looked_at_it_stand_newest_first(buyer: Client, site: Site, item: Product) -> None:
    now = timezone.now()
    for needed in (1111, 2222):
        run = PlanRun.objects.create(site=site, as_of=timezone.localdate(), lease_until=now, status="done")
        Requirement.objects.create(
            run=run, product=item, on_hand=0, on_order=0, committed=0, daily_demand=1, horizon_days=9, buffer=0,
            order_up_to=needed, net_requirement=needed,
        )  # fmt: skip
    plans = text(buyer.get(ADDRESS)).split("Plans that looked at it")[1].split("History")[0]
    assert plans.index("2,222") < plans.index("1,111")


def test_unknown_item_or_site_is_not_found(buyer: Client, site: Site, item: Product) -> None:
    assert buyer.get("/stock/items/NOTHING/").status_code == 404
    assert buyer.get("/stock/items/a%00b/").status_code in (400, 404)
    assert buyer.get(f"{ADDRESS}?site=moon").status_code == 404


def test_item_nobody_told_anything_of_has_a_page(buyer: Client, site: Site, item: Product) -> None:
    page = text(buyer.get(ADDRESS))
    assert "nobody has told any" in page
    assert "Nothing was told of it yet." in page


def test_number_of_queries_does_not_grow_with_what_is_listed(
    buyer: Client, site: Site, item: Product
) -> None:
    supplier = factories.supplier()
    offer = factories.offer(supplier, item)
    counted = []
    for number in (1, 7):
        for n in range(number):
            told(site, item, "wms", number * 10 + n, hours=20 - number - n)
            order = factories.order(supplier, lines=0, site=site)
            factories.line(order, offer)
            known = CustomerOrder.objects.create(
                number=f"SO-{number}-{n}", site=site, ordered_on=timezone.localdate(), source="x"
            )
            CustomerOrderLine.objects.create(order=known, line_number=1, product=item, quantity=1)
        with CaptureQueriesContext(connection) as queries:
            assert "<svg" in html(buyer.get(ADDRESS))
        counted.append(len(queries))
    assert counted[0] == counted[1]


def test_numbers_add_up_with_stock_put_aside_and_say_what_a_plan_takes_for_expected(
    buyer: Client, site: Site, item: Product
):
    StockLevel.objects.create(site=site, product=item, on_hand=30, as_of=timezone.now(), source="test")
    StockReservation.objects.create(site=site, product=item, quantity=12, purpose="the fair")
    today = timezone.localdate()
    for number, due, quantity in (("S1", today + timedelta(days=3), 9), ("S2", today - timedelta(days=1), 4)):
        order = CustomerOrder.objects.create(
            number=number, site=site, ordered_on=today, due_date=due, source="test"
        )
        CustomerOrderLine.objects.create(order=order, line_number=1, product=item, quantity=quantity)
    page = text(buyer.get(ADDRESS))
    assert "4 wanted now, 9 due later" in page
    assert "− Put aside 12 for the fair = Available 5" in page
    assert "9 of it are due from today on. A plan takes them for a part of the demand it expects" in page
    told = buyer.get("/api/positions/LAMP/7/").json()
    assert [Decimal(told[name]) for name in ("put_aside", "available")] == [12, 5]
    assert "5 after 12 put aside" in text(buyer.get("/stock/"))
