"""Plain functions that make rows. Each has defaults for everything, so that a test names only what it is about."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import count
from typing import Any

from django.contrib.auth.models import Group, User
from django.utils import timezone

from orders.models import (
    InboundMessage,
    OrderEvent,
    OrderException,
    PurchaseOrder,
    PurchaseOrderLine,
    Site,
    Status,
    TransferJob,
)
from procurement.services.roles import roles_ensure
from suppliers.models import (
    ConnectorCall,
    PriceQuote,
    PriceTier,
    Product,
    Supplier,
    SupplierAccount,
    SupplierProduct,
)

PASSWORD = "correct horse battery"
_next = count(1)


def user(role: str = "Buyer", *, username: str = "", **extra: Any) -> User:
    made = User.objects.create_user(
        username or f"{role.lower()}-{next(_next)}",
        password=PASSWORD,
        is_staff=role == "Administrator",
        **extra,
    )
    if not Group.objects.exists():  # the suite's own database has them from the start
        roles_ensure()
    made.groups.add(Group.objects.get(name=role))
    return made


def site(**values: Any) -> Site:
    code = values.pop("code", "main")
    defaults = {"name": "Main warehouse", "city": "Leeds", "country": "GB"}
    return Site.objects.get_or_create(code=code, defaults=defaults | values)[0]


def supplier(*, protocol: str = "cerve", **values: Any) -> Supplier:
    n = next(_next)
    defaults = {"code": f"supplier-{n}", "name": f"Supplier {n}", "currency": "GBP"}
    made = Supplier.objects.create(**(defaults | values))
    SupplierAccount.objects.create(
        supplier=made,
        protocol=protocol,
        settings={"base_url": "http://127.0.0.1:9"},
        allow_private_network=True,
    )
    return made


def product(**values: Any) -> Product:
    n = next(_next)
    return Product.objects.create(**({"sku": f"P{n:05d}", "name": f"Product {n}"} | values))


def offer(
    of: Supplier,
    what: Product | None = None,
    *,
    tiers: Sequence[tuple[Any, Any]] = ((1, "2.50"),),
    **values: Any,
) -> SupplierProduct:
    """A product in a supplier's range, with a price list in force."""
    what = what or product()
    values.setdefault("supplier_sku", f"{of.code[:3].upper()}-{what.sku}")
    made = SupplierProduct.objects.create(supplier=of, product=what, **values)
    quote = PriceQuote.objects.create(supplier_product=made, currency=of.currency, fetched_at=timezone.now())
    for from_quantity, unit_price in tiers:
        PriceTier.objects.create(
            quote=quote, from_quantity=Decimal(str(from_quantity)), unit_price=Decimal(str(unit_price))
        )
    return made


def line(order: PurchaseOrder, what: SupplierProduct | None = None, **values: Any) -> PurchaseOrderLine:
    what = what or offer(order.supplier)
    values.setdefault("quantity", Decimal(12))
    values.setdefault("suggested_quantity", values["quantity"])
    values.setdefault("unit_price", Decimal("2.50"))
    values.setdefault("requested_date", order.requested_date)
    values.setdefault("line_number", order.lines.count() + 1)
    return PurchaseOrderLine.objects.create(
        order=order,
        product=what.product,
        supplier_product=what,
        supplier_sku=what.supplier_sku,
        description=what.product.name,
        unit=what.product.unit,
        **values,
    )


def order(of: Supplier | None = None, *, lines: int = 1, **values: Any) -> PurchaseOrder:
    """An order with that many lines of 12 at 2.50. Later states get the times and answers they must have."""
    of = of or supplier()
    n = next(_next)
    now = timezone.now()
    values.setdefault("number", f"PO-{n:06d}")
    values.setdefault("buyer_reference", f"REF-{n:06d}")
    values.setdefault("requested_date", timezone.localdate() + timedelta(days=5))
    status = values.get("status", Status.DRAFT)
    if status in (Status.TRANSFERRED, Status.CONFIRMED, Status.SHIPPED, Status.REJECTED):
        values.setdefault("transferred_at", now - timedelta(minutes=5))
    if status in (Status.CONFIRMED, Status.SHIPPED, Status.REJECTED):
        values.setdefault("answered_at", now - timedelta(minutes=4))
    if status == Status.SHIPPED:
        values.setdefault("shipped_at", now - timedelta(minutes=3))
    made = PurchaseOrder.objects.create(
        supplier=of, site=values.pop("site", None) or site(), currency=of.currency, **values
    )
    for _ in range(lines):
        line(made, **(_answer(made) if status in (Status.CONFIRMED, Status.SHIPPED) else {}))
    return made


def _answer(made: PurchaseOrder) -> dict[str, Any]:
    return {
        "confirmed_quantity": Decimal(12),
        "confirmed_price": Decimal("2.50"),
        "promised_date": made.requested_date,
        "shipped_quantity": Decimal(12) if made.status == Status.SHIPPED else Decimal(0),
    }


def event(
    of: PurchaseOrder, kind: str = "edited", text: str = "Something happened.", **values: Any
) -> OrderEvent:
    return OrderEvent.objects.create(order=of, kind=kind, text=text, **({"via": "page"} | values))


def transfer(of: PurchaseOrder, status: str = TransferJob.Status.QUEUED, **values: Any) -> TransferJob:
    now = timezone.now()
    if status == TransferJob.Status.QUEUED:
        values.setdefault("next_run_at", now)
    if status == TransferJob.Status.RUNNING:
        values.setdefault("lease_until", now + timedelta(seconds=90))
    return TransferJob.objects.create(order=of, status=status, **values)


def exception(of: PurchaseOrder, kind: str = OrderException.Kind.PRICE, **values: Any) -> OrderException:
    defaults = {"text": "Line 1: price 2.50 became 2.75.", "fingerprint": f"f{next(_next)}"}
    return OrderException.objects.create(order=of, kind=kind, **(defaults | values))


def inbound(of: Supplier | None = None, body: bytes = b'{"hello": "there"}', **values: Any) -> InboundMessage:
    n = next(_next)
    defaults = {
        "message_id": f"msg-{n}",
        "channel": "callback",
        "content_type": "application/json",
        "body_sha256": "0" * 64,
        "status": InboundMessage.Status.PARKED,
        "error": "No order with this reference.",
    }
    return InboundMessage.objects.create(supplier=of or supplier(), body=body, **(defaults | values))


def yesterday() -> date:
    return timezone.localdate() - timedelta(days=1)


def minutes_ago(minutes: int) -> datetime:
    return timezone.now() - timedelta(minutes=minutes)


def call(of: PurchaseOrder, operation: str = "submit", **values: Any) -> ConnectorCall:
    defaults = {
        "method": "POST",
        "url": "https://supplier.example/orders",
        "started_at": timezone.now(),
        "duration_ms": 12,
        "status": 201,
        "request_body": b"{}",
        "response_body": b"{}",
    }
    values = defaults | values
    return ConnectorCall.objects.create(
        supplier=of.supplier,
        operation=operation,
        reference=of.buyer_reference,
        request_size=len(values["request_body"]),
        response_size=len(values["response_body"]),
        **values,
    )


def reason(**changes: Any) -> dict[str, Any]:
    """Why the plan proposed a line, as procurement.engine.explain describes it; the numbers add up."""
    return {
        "as_of": "2026-11-22",
        "demand": {
            "daily": "3.2", "weeks": [str(n % 9) for n in range(26)], "horizon_days": 9, "lead_time_days": 2,
            "review_period_days": 7, "covers": "alderbrook",
        },
        "forecast": "28.8",
        "buffer": {"quantity": "15.1", "service_level": "0.95", "past_errors": 104, "rule": "own errors"},
        "stock": {"on_hand": "4", "on_order": "0", "committed": "12", "position": "-8"},
        "order_up_to": "43.9",
        "ordered_before": "0",
        "net_requirement": "51.9",
        "rounding": [{"from": "51.9", "to": "60", "why": "pack of 12"}],
        "quantity": "60",
        "quotes": [
            {
                "supplier": "alderbrook", "supplier_name": "Alderbrook Supply", "supplier_sku": "AL-1",
                "needed": "51.9", "quantity": "60", "tier_from": "48", "unit_price": "1.1", "currency": "GBP",
                "landed_price": "1.1275",
                "lead_time_days": 2, "stock_on_offer": "600", "chosen": True, "why": "cheapest delivered",
            },
            {
                "supplier": "corran", "supplier_name": "Corran & Sons", "supplier_sku": "CO-1", "needed": "51.9",
                "quantity": "54", "tier_from": None, "unit_price": "1.25", "currency": "GBP", "landed_price": "1.31",
                "lead_time_days": 6, "stock_on_offer": None, "chosen": False, "why": "16.2% dearer delivered",
            },
        ],
    } | changes  # fmt: skip
