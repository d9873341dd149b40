"""From files on disk to goods on the shelf, as people and machines do it: import, catalogue, plan, edit, approve,
transfer, confirmation, shipping, receipt; everything a person does over HTTP."""

import csv
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from django.core.management import call_command
from django.test import Client
from django.utils import timezone

from orders.models import PurchaseOrder
from procurement.models import PlanRun, StockLevel
from procurement.services.planning import plan_run
from suppliers.models import Product
from suppliers.services.catalogue import catalogue_sync
from tests import factories
from tests.flow.background import work_off
from tests.flow.scenes import effects, post
from tests.orders.factories import make_site

pytestmark = pytest.mark.django_db


def write(path: Path, header: str, rows: list[tuple]) -> str:
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(header.split(","))
        writer.writerows(rows)
    return str(path)


def load_history(folder: Path) -> None:
    """Four to six juices a day for a year, 5 left, 2 promised; plenty of rice."""
    today = timezone.localdate()
    days = [today - timedelta(days=n) for n in range(1, 366)]
    demand = [("APPLE", day, 4 + n % 3) for n, day in enumerate(days)]
    demand += [("RICE", day, 1) for day in days]
    call_command("import_data", "demand", write(folder / "d.csv", "sku,date,quantity", demand))
    stock = [("APPLE", 5), ("RICE", 500)]
    call_command("import_data", "stock", write(folder / "s.csv", "sku,on_hand", stock))
    waiting = [("SO-1", 1, "APPLE", 2, today)]
    header = "number,line,sku,quantity,ordered_on"
    call_command("import_data", "customer_orders", write(folder / "c.csv", header, waiting))


@pytest.fixture
def client_of(db):
    def sign_in(role: str) -> Client:
        client = Client()
        client.force_login(factories.user(role))
        return client

    return sign_in


def test_from_files_to_goods_on_the_shelf(tmp_path, sandbox, sandbox_supplier, client_of):
    site = make_site()
    load_history(tmp_path)
    catalogue_sync(supplier=sandbox_supplier)
    buyer, approver = client_of("Buyer"), client_of("Approver")

    assert buyer.post("/plan/start/").status_code == 302
    work_off()
    run = PlanRun.objects.get()
    assert (run.status, run.orders, run.lines, run.error) == ("done", 1, 1, "")
    order = PurchaseOrder.objects.get()
    line = order.lines.get()
    assert line.product.sku == "APPLE"
    why = line.reason
    assert (why["stock"]["on_hand"], why["stock"]["committed"], why["stock"]["position"]) == ("5", "2", "3")
    assert Decimal(why["order_up_to"]) - 3 == Decimal(why["net_requirement"])
    assert line.quantity % 6 == 0
    assert plan_run(site=site, by=None).lines == 0, "a second plan proposes nothing twice"

    form = {"version": order.version, f"quantity-{line.pk}": "50"}
    page = buyer.post(f"/orders/{order.number}/edit/", form, follow=True)
    assert "50 → 54, pack of 6" in page.content.decode()
    order.refresh_from_db()
    assert buyer.post(f"/orders/{order.number}/approve/", {"version": order.version}).status_code == 403
    answer = approver.post(f"/orders/{order.number}/approve/", {"version": order.version, "comment": ""})
    assert answer.status_code == 302

    work_off()
    for callback in sandbox.callbacks_waiting():
        assert post(callback).status_code == 202
        work_off()
    order.refresh_from_db()
    line.refresh_from_db()
    assert (order.status, line.confirmed_quantity, line.shipped_quantity) == ("shipped", 54, 54)
    assert line.unit_price == line.confirmed_price == Decimal("1.80"), "the price of 30 and more"
    assert effects(sandbox, order) == 1

    received = {"form_token": "form-1", f"quantity-{line.pk}": "54"}
    for _ in range(2):  # the second time the browser's reload
        assert buyer.post(f"/orders/{order.number}/receive/", received).status_code == 302
    assert StockLevel.objects.get(product=Product.objects.get(sku="APPLE")).on_hand == 59
    told = buyer.get(f"/orders/{order.number}/").content.decode()
    for words in ("Drafted", "50", "Approved", "Sent to Greengrocer Ltd", "as asked", "Despatch", "came in"):
        assert words in told
