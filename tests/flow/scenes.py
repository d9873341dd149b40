"""Orders with the sandbox supplier, ready to be sent, and its callbacks brought to our door."""

from decimal import Decimal
from typing import Any
from urllib.parse import urlsplit

from django.http import HttpResponse
from django.test import Client

from orders.models import PurchaseOrder, TransferJob
from orders.services.approval import order_approve
from orders.services.drafting import DraftLine, order_draft
from suppliers.models import Supplier
from suppliers.sandbox.protocol import SignedCallback
from suppliers.sandbox.server import SandboxServer
from tests.flow.background import work_off
from tests.orders.factories import approver, make_site

PRICES = {"APLJ-1L": "2.00", "RICE-5": "3.70", "OILS-1": "7.25"}


def draft(supplier: Supplier, **quantities: int) -> PurchaseOrder:
    """By supplier code: `APLJ_1L=12`. Without any: 12 apple juice and 5 rice."""
    wanted = {sku.replace("_", "-"): n for sku, n in quantities.items()} or {"APLJ-1L": 12, "RICE-5": 5}
    offers = {p.supplier_sku: p for p in supplier.products.select_related("product")}
    lines = [DraftLine(offers[sku], Decimal(n), Decimal(PRICES[sku])) for sku, n in wanted.items()]
    return order_draft(supplier=supplier, site=make_site(), lines=lines, by=None, origin="test", via="test")


def approved(supplier: Supplier, **quantities: int) -> TransferJob:
    order = draft(supplier, **quantities)
    return order_approve(order=order, by=approver(), version=order.version, via="test")


def sent_order(supplier: Supplier, **quantities: int) -> PurchaseOrder:
    """An approved order after all that was to be done at once."""
    order = approved(supplier, **quantities).order
    work_off()
    order.refresh_from_db()
    return order


def post(callback: SignedCallback, **changes: Any) -> HttpResponse:
    """Deliver a callback to our address; `body=`, `headers=` or `code=` replace what the supplier sent."""
    headers = callback.headers | changes.get("headers", {})
    address = urlsplit(callback.address).path or f"/callbacks/{callback.supplier}/"
    return Client().post(
        f"/callbacks/{changes['code']}/" if "code" in changes else address,
        data=changes.get("body", callback.body),
        content_type="application/json",
        headers=headers,
    )


def effects(sandbox: SandboxServer, order: PurchaseOrder) -> int:
    """How often the order took effect at the supplier, by its own ledger."""
    rows = sandbox.ledger.summary()["orders"]
    return sum(row["effects"] for row in rows if row["reference"] == order.buyer_reference)


def kinds(order: PurchaseOrder) -> list[str]:
    return list(order.events.values_list("kind", flat=True))
