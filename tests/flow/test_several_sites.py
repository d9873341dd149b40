"""One order over two sites: split, approved, sent over the supplier's socket, confirmed, and booked in at both."""

import json
from decimal import Decimal

from django.test import Client

from orders.models import Site
from orders.selectors import scheduled_receipts
from orders.services.approval import order_approve
from procurement.models import StockLevel
from suppliers.models import ConnectorCall
from tests import factories
from tests.fixtures.sandbox import sandbox_of, supplier_create
from tests.flow.background import work_off
from tests.flow.scenes import draft, effects, post
from tests.orders.factories import approver
from tests.orders.split import divide, north, several_sites


def coming(*sites: Site) -> list[dict[int, Decimal]]:
    return [scheduled_receipts(site=site) for site in sites]


def test_order_over_two_sites_from_approval_to_goods_at_both(db, tmp_path):
    second = north()
    with sandbox_of(tmp_path, protocol="fourws") as server:
        supplier = several_sites(supplier_create(server, timeout_seconds="5"), "main=WRH:1, north=SHOP:2")
        order = draft(supplier)  # 12 apple juice in packs of 6, 5 rice
        juice, rice = order.lines.all()
        divide(order, main=6, north=6)
        divide(order, line_number=2, main=5, north=0)  # all of it, which is no split
        assert coming(order.site, second) == [
            {juice.product_id: 6, rice.product_id: 5},
            {juice.product_id: 6},
        ]
        order.refresh_from_db()
        order_approve(order=order, by=approver(), version=order.version, via="test")
        work_off()
        (callback,) = server.callbacks_waiting()
        assert post(callback).status_code == 202
        work_off()
        assert effects(server, order) == 1

    order.refresh_from_db()
    assert order.status == "confirmed"
    sent = json.loads(bytes(ConnectorCall.objects.get(operation="submit").request_body))
    assert sent["documentHeader"]["reserved"] == [{"type": "WRH", "code": "1"}, {"type": "SHOP", "code": "2"}]
    told = [[row.get(f"quantity{n}") for n in (1, 2)] for row in sent["documentRows"]]
    assert told == [[6, 6], [5, None]]

    client = Client()
    client.force_login(factories.user(), backend="django.contrib.auth.backends.ModelBackend")
    typed = {
        f"site-{juice.pk}-{order.site_id}": "6",
        f"site-{juice.pk}-{second.pk}": "6",
        f"quantity-{rice.pk}": "5",
        "form_token": "van",
    }
    page = client.post(f"/orders/{order.number}/receive/", typed, follow=True).content.decode()
    assert "Booked in." in page
    order.refresh_from_db()
    assert order.status == "shipped"
    assert coming(order.site, second) == [{}, {}]
    assert set(StockLevel.objects.values_list("site__code", "product", "on_hand")) == {
        ("main", juice.product_id, 6),
        ("north", juice.product_id, 6),
        ("main", rice.product_id, 5),
    }
