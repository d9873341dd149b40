"""The same file twice changes nothing; another one changes what it names."""

from datetime import date
from decimal import Decimal

import pytest

from procurement.models import CustomerOrder, CustomerOrderLine, DailyDemand, StockLevel
from suppliers.models import PriceQuote, Product, SupplierProduct
from tests.orders.factories import make_supplier
from tests.procurement.imports import command, counts, load, make_products, make_site, write

pytestmark = pytest.mark.django_db

FILES = {
    "demand": "sku,date,quantity\nA,2026-05-01,3\nB,2026-05-01,1.25\nA,2026-05-01,2\n",
    "customer_orders": (
        "number,sku,quantity,customer,due_date\n"
        "SO-1,A,3,Shop,2026-07-01\nSO-2,B,4,,\nSO-1,B,1,Shop,2026-07-01\n"
    ),
    "stock": "sku,on_hand,as_of\nA,3,2026-06-09\nB,0,2026-06-09 07:30\n",
    "catalogue": (
        "sku,description,supplier,supplier_sku,pack_size,stock,from_quantity,unit_price\n"
        "A,Tray,acme,S1,6,60,1,2.00\nA,Tray,acme,S1,6,60,24,1.80\nB,Bowl,acme,,1,,,0.50\nC,Cup,,,,,,\n"
    ),
}
EXPECTED = {"demand": 2, "customer_orders": 3, "stock": 2, "catalogue": 5}


@pytest.mark.parametrize("kind", FILES)
def test_same_file_twice_changes_nothing(tmp_path, kind):
    make_supplier(code="acme", name="Acme")
    if kind != "catalogue":
        make_products("A", "B")
    path = write(tmp_path, FILES[kind])
    assert counts(load(path, kind)) == (EXPECTED[kind], 0, 0, 0)
    before = list(PriceQuote.objects.values_list("pk", "superseded_at"))
    assert counts(load(path, kind)) == (0, 0, EXPECTED[kind], 0)
    assert list(PriceQuote.objects.values_list("pk", "superseded_at")) == before


@pytest.mark.parametrize("kind", FILES)
def test_dry_run_counts_and_changes_nothing(tmp_path, kind):
    make_supplier(code="acme", name="Acme")
    if kind != "catalogue":
        make_products("A", "B")
    result = load(write(tmp_path, FILES[kind]), kind, dry_run=True)
    assert counts(result) == (EXPECTED[kind], 0, 0, 0)
    for model in (DailyDemand, CustomerOrder, StockLevel, SupplierProduct):
        assert not model.objects.exists()
    assert Product.objects.count() == (0 if kind == "catalogue" else 2)


def test_demand_of_a_day_is_added_up_in_the_file_and_replaced_in_the_database(tmp_path):
    make_products("A", "B")
    load(write(tmp_path, FILES["demand"]), "demand")
    assert DailyDemand.objects.get(product__sku="A").quantity == 5
    result = load(write(tmp_path, "sku,date,quantity\nA,2026-05-01,4\nA,2026-05-02,1\n"), "demand")
    assert counts(result) == (1, 1, 0, 0)
    assert list(
        DailyDemand.objects.filter(product__sku="A").order_by("date").values_list("quantity", flat=True)
    ) == [
        4,
        1,
    ]
    assert DailyDemand.objects.get(product__sku="B").quantity == Decimal("1.25")  # not named, not touched


def test_demand_rows_need_not_be_sorted_when_there_are_more_than_a_batch(tmp_path):
    make_products("A", "B", "C")
    days = [date.fromordinal(date(2022, 1, 1).toordinal() + n).isoformat() for n in range(1_200)]
    rows = [f"{sku},{day},1" for day in days for sku in "CAB"] * 2
    result = load(write(tmp_path, "\n".join(["sku,date,quantity", *rows]), "big.csv.gz"), "demand")
    assert (result.rows, *counts(result)) == (7_200, 3_600, 0, 0, 0)
    assert set(DailyDemand.objects.values_list("quantity", flat=True)) == {2}


def test_customer_order_takes_over_what_changed(tmp_path):
    make_products("A", "B")
    load(write(tmp_path, FILES["customer_orders"]), "customer_orders")
    head = "number,line,sku,quantity,shipped,customer,due date,open\n"
    text = f"{head}SO-1,1,A,3,2,Shop,2026-07-03,yes\nSO-2,1,B,4,4,,,no\n"
    assert counts(load(write(tmp_path, text), "customer_orders")) == (0, 2, 0, 0)
    order = CustomerOrder.objects.get(number="SO-1")
    assert order.due_date == date(2026, 7, 3)
    assert order.ordered_on == date(2026, 6, 10)
    assert list(order.lines.order_by("line_number").values_list("quantity", "shipped_quantity")) == [
        (3, 2),
        (1, 0),
    ]
    assert not CustomerOrder.objects.get(number="SO-2").open
    assert CustomerOrderLine.objects.count() == 3


def test_new_prices_end_the_list_in_force_and_keep_it(tmp_path):
    make_supplier(code="acme", name="Acme")
    load(write(tmp_path, FILES["catalogue"]), "catalogue")
    text = "sku,description,supplier,supplier_sku,unit_price\nA,Tray,acme,S1,1.95\n"
    assert counts(load(write(tmp_path, text), "catalogue")) == (0, 1, 1, 0)
    offer = SupplierProduct.objects.get(supplier_sku="S1")
    assert (offer.pack_size, offer.stock_on_offer) == (6, 60)  # the file does not say: not touched
    assert offer.quotes.count() == 2
    tiers = offer.quotes.get(superseded_at=None).tiers.values_list("from_quantity", "unit_price")
    assert list(tiers) == [(1, Decimal("1.95"))]


def test_catalogue_of_one_supplier_needs_no_supplier_column(tmp_path):
    acme = make_supplier(code="acme", name="Acme")
    load(write(tmp_path, "sku,description,price\nA,Tray,2\n"), "catalogue", supplier=acme)
    assert SupplierProduct.objects.get().supplier == acme


def test_command_reports_counts_as_json(tmp_path):
    make_site()
    make_products("A", "B")
    code, told = command("demand", write(tmp_path, FILES["demand"], "may.csv"))
    assert code == 0
    assert {name: told[name] for name in ("kind", "source", "rows", "added", "changed", "unchanged", "refused")} == {
        "kind": "demand", "source": "may.csv", "rows": 3, "added": 2, "changed": 0, "unchanged": 0, "refused": 0,
    }  # fmt: skip
