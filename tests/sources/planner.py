"""A planner that proposes orders, our account with it, and what its proposals have become."""

import re
from typing import Any
from uuid import UUID

from orders.models import PurchaseOrder
from procurement.models import JournalLine, Proposal, SourceAccount, SourceRun
from procurement.services.syncing import source_sync
from procurement.sources.sandbox.server import SourceSandbox
from suppliers.models import Product, Supplier
from tests import factories
from tests.sources.accounts import source_create


def uuid(n: int) -> str:
    return str(UUID(int=n))


def propose(sandbox: SourceSandbox, n: int, *lines: tuple[str, str, Any], **fields: Any) -> str:
    """Their order number n with lines (supplier, item, quantity)."""
    told = [{"vendor": supplier, "product": sku, "quantity": quantity} for supplier, sku, quantity in lines]
    order = {"uuid": uuid(n), "number": f"V-{n % 1000}", "delivery_date": "2026-12-24", "lines": told}
    sandbox.system.put(order | fields)
    return uuid(n)


MAPPING = (
    '{"token": "access_token", "ids": "uuid", "id": "uuid", "number": "number", "requested_date": "delivery_date",'
    ' "status": "status.name", "lines": "lines", "line.supplier": "vendor", "line.sku": "product",'
    ' "line.quantity": "quantity", "line.unit_price": "price"}'
)


def planner(sandbox: SourceSandbox, **values: Any) -> SourceAccount:
    """Suppliers stand at the lines, as not everywhere; the status is a word of an object."""
    settings = {"mapping": MAPPING.replace(' "status": "status.name",', "")} | values.pop("settings", {})
    defaults = {"kind": "valerdat", "code": "planner", "name": "Acme planning"}
    return source_create(sandbox, settings=settings, **(defaults | values))


def offers(*pairs: tuple[str, str], **values: Any) -> None:
    """(supplier, item): each offered at 2.50."""
    for code, sku in pairs:
        supplier = Supplier.objects.filter(code=code).first() or factories.supplier(
            code=code, name=code.upper()
        )
        product = Product.objects.filter(sku=sku).first() or factories.product(sku=sku)
        factories.offer(supplier, product, **values)


def read(source: SourceAccount) -> SourceRun:
    run = source_sync(source=source, by=None)
    assert run.status == "done", run.error
    return run


def draft(n: int, supplier: str = "") -> PurchaseOrder:
    orders = PurchaseOrder.objects.filter(proposal_draft__proposal__external_id=uuid(n))
    return orders.get(supplier__code=supplier) if supplier else orders.get()


def told(order: PurchaseOrder) -> list[tuple[str, int]]:
    return [(line.product.sku, int(line.quantity)) for line in order.lines.order_by("product__sku")]


def journal(source: SourceAccount) -> list[str]:
    """Oldest first, without the numbers of our orders."""
    words = JournalLine.objects.filter(run__account=source).order_by("pk").values_list("words", flat=True)
    return [re.sub(r"PO-\d+", "PO", line) for line in words]


def outcome(source: SourceAccount) -> dict[str, Any]:
    """All that its proposals have left behind, without keys: equal where nothing is twice and nothing missing."""
    return {
        "proposals": [
            (
                proposal.number,
                proposal.changes,
                [
                    (
                        one.order.supplier.code,
                        one.order.status,
                        one.dropped,
                        told(one.order),
                        list(one.order.events.order_by("pk").values_list("kind", flat=True)),
                        list(one.order.exceptions.values_list("text", "resolution")),
                    )
                    for one in proposal.drafts.all()
                ],
            )
            for proposal in Proposal.objects.filter(account=source).order_by("number")
        ],
        "problems": sorted(source.problems.values_list("words", flat=True)),
        "journal": sorted(line for line in journal(source) if line != "No new orders."),
    }
