"""Asking the supplier what the draft would cost and whether it can be had, before anybody approves it."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction

from orders.exceptions import InvalidTransition
from orders.models import PurchaseOrder, PurchaseOrderLine, Status
from orders.services.documents import order_message
from orders.services.editing import delivery_refresh, draft_claim, draft_edited
from orders.state import record
from suppliers.messages import LineProblemKind, OrderPreview, PreviewLine, UnavailableLine
from suppliers.models import Purpose
from suppliers.packing import plain, plain_price
from suppliers.services.connections import connector_for
from suppliers.services.pace import AT_ONCE


@dataclass(frozen=True, slots=True)
class LiveLine:
    line: PurchaseOrderLine
    current_price: Decimal | None  # None: the supplier did not say
    price_change: Decimal | None  # per unit, positive is dearer
    available: bool
    reason: str


@dataclass(frozen=True, slots=True)
class LiveCheck:
    lines: list[LiveLine]
    goods: Decimal  # of the lines that can be had, at current prices
    goods_change: Decimal
    supplier_total: Decimal | None  # their own figure; with fees or tax it need not equal `goods`
    currency: str
    delivery_fee: Decimal | None
    expected_delivery: date | None

    @property
    def unavailable(self) -> list[LiveLine]:
        return [line for line in self.lines if not line.available]

    @property
    def repriced(self) -> list[LiveLine]:
        return [line for line in self.lines if line.price_change]


def order_preview(*, order: PurchaseOrder) -> LiveCheck:
    """Live prices and availability; orders nothing. Raises `ConnectorError`. Call outside any transaction."""
    with connector_for(
        order.supplier, reference=order.buyer_reference, patience=AT_ONCE, purpose=Purpose.PEOPLE
    ) as connector:
        preview = connector.preview_order(order_message(order))
    lines = [
        _live_line(line, preview) for line in order.lines.select_related("product").order_by("line_number")
    ]
    goods = sum(
        ((live.line.unit_price if live.current_price is None else live.current_price) * live.line.quantity
         for live in lines if live.available), Decimal(0)
    )  # fmt: skip
    asked = sum((line.line.quantity * line.line.unit_price for line in lines), Decimal(0))
    return LiveCheck(
        lines=lines,
        goods=goods,
        goods_change=goods - asked,
        supplier_total=preview.total,
        currency=preview.currency,
        delivery_fee=preview.delivery_fee,
        expected_delivery=preview.expected_delivery,
    )


def _live_line(line: PurchaseOrderLine, preview: OrderPreview) -> LiveLine:
    def concerns(said: PreviewLine | UnavailableLine) -> bool:
        if said.line_number is not None and said.line_number == line.line_number:
            return True
        return said.supplier_sku == line.supplier_sku

    missing = next((u for u in preview.unavailable if concerns(u)), None)
    priced = next((p for p in preview.lines if concerns(p)), None)
    price = priced.unit_price if priced else None
    return LiveLine(
        line=line,
        current_price=price,
        price_change=None if price is None else price - line.unit_price,
        available=missing is None,
        reason=missing.reason if missing else "",
    )


@transaction.atomic
def problems_note(*, order: PurchaseOrder, check: LiveCheck) -> None:
    """Keep on the lines of a draft what the supplier cannot deliver now, for as long as it says so.

    No edit: it changes nothing that anybody has approved.
    """
    if PurchaseOrder.objects.filter(pk=order.pk, status=Status.DRAFT, version=order.version).exists():
        for live in check.lines:
            problem = "" if live.available else LineProblemKind.UNAVAILABLE.value
            PurchaseOrderLine.objects.filter(pk=live.line.pk).exclude(
                problem=problem, problem_text=live.reason[:300]
            ).update(problem=problem, problem_text=live.reason[:300])


def prices_take_over(*, order: PurchaseOrder, by: AbstractBaseUser, version: int, via: str) -> int:
    """Ask the supplier again and put its prices of now into the draft. Returns how many lines changed.

    Asked again rather than taken from the page: a price never comes from the browser. Raises `ConnectorError`.
    """
    seen = order_preview(order=order)
    if seen.currency != order.currency:
        raise InvalidTransition(
            f"{order.supplier.name} quotes in {seen.currency}; {order.number} is in {order.currency}."
        )
    repriced = seen.repriced
    with transaction.atomic():
        draft_claim(order, version=version)
        for live in repriced:
            asked, live.line.unit_price = live.line.unit_price, live.current_price or live.line.unit_price
            text = f"Line {live.line.line_number}, {live.line.description}: price {plain(asked)}"
            record(
                order,
                "line_edited",
                by=by,
                via=via,
                text=f"{text} → {plain_price(live.line.unit_price)}, today's.",
            )
        PurchaseOrderLine.objects.bulk_update([live.line for live in repriced], ["unit_price"])
        delivery_refresh(order)
        if repriced:
            draft_edited(order, by=by, via=via, reason="Prices were changed.")
    return len(repriced)
