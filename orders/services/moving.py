"""Having another supplier deliver what is on a draft: its lines go to a draft there, and it is thrown away."""

from collections.abc import Callable
from datetime import date, datetime

from django.contrib.auth.models import User
from django.db import transaction

from orders.exceptions import InvalidInput
from orders.models import LineShare, PurchaseOrder
from orders.moves import Move, MovedLine, moves_of
from orders.services.adding import MOST_LINES, order_lines_add
from orders.services.approval import order_cancel
from orders.services.drafting import DraftLine, order_draft
from orders.services.editing import draft_claim, order_edit
from orders.state import record
from suppliers.models import Supplier, SupplierProduct
from suppliers.packing import plain, plain_price


@transaction.atomic
def order_move(
    *,
    order: PurchaseOrder,
    supplier: Supplier,
    by: User,
    version: int,
    via: str,
    arrives: Callable[[SupplierProduct], date],
    approve_before: datetime | None = None,
) -> PurchaseOrder:
    """All lines, in packs and at prices of the other supplier's offers; returns the draft that has them.

    They go along with a draft that waits there for the same site, else to a new one that replaces this one. `arrives`:
    when goods of an offer can be here, ordered now. Raises `OrderError` where anything keeps a line from being moved.
    """
    (move,) = moves_of(order, supplier=supplier)
    _lock(order, move.into)
    draft_claim(order, version=version)
    if supplier.pk == order.supplier_id:
        raise InvalidInput(f"{order.number} is at {supplier.name} already.", field="supplier")
    if LineShare.objects.filter(line__order=order).exists():
        raise InvalidInput(
            f"{order.number} is split over several sites; join its lines before they are moved.",
            field="lines",
        )
    if move.refused:
        raise InvalidInput(move.refused, field="supplier")
    why = f"Moved here from {order.number} at {order.supplier.name}."
    if move.into:
        target = _go_along(move, move.into, by=by, via=via, why=why)
        target.refresh_from_db()
        record(target, "lines_moved", by=by, via=via, text=f"{why} {_listed(move)}"[:500])
    else:
        target = order_draft(
            supplier=supplier, site=order.site, by=by, via=via, origin="replacement", replaces=order,
            lines=[_line(one, arrives(one.offer), why) for one in move.lines],
            requested_date=max(arrives(one.offer) for one in move.lines), approve_before=approve_before,
        )  # fmt: skip
    order_cancel(
        order=order,
        by=by,
        version=order.version,
        via=via,
        reason=f"Moved to {target.number} at {supplier.name}.",
        moved_to=target,
    )
    return target


def _lock(*orders: PurchaseOrder | None) -> None:
    """Both in the order of their numbers, so that of two opposite moves at once neither waits for the other for ever.

    What they were read as is checked by version afterwards.
    """
    rows = PurchaseOrder.objects.filter(pk__in=[one.pk for one in orders if one]).order_by("pk")
    list(rows.select_for_update(no_key=True).values("pk"))


def _go_along(move: Move, target: PurchaseOrder, *, by: User, via: str, why: str) -> PurchaseOrder:
    more = {one.beside.pk: one.quantity for one in move.lines if one.beside}
    if more:
        order_edit(order=target, by=by, version=target.version, quantities=more, via=via)
    new = [one for one in move.lines if not one.beside]
    for start in range(0, len(new), MOST_LINES):
        wanted = {one.offer.pk: one.quantity for one in new[start : start + MOST_LINES]}
        order_lines_add(order=target, wanted=wanted, by=by, version=target.version, via=via, why=why)
    return target


def _line(one: MovedLine, arrives: date, why: str) -> DraftLine:
    asked = one.line.requested_date or arrives
    before = (
        f"It was {plain(one.wanted)} at {plain_price(one.line.unit_price, one.line.order.currency)} there."
    )
    return DraftLine(
        supplier_product=one.offer,
        quantity=one.quantity,
        unit_price=one.unit_price,
        requested_date=max(asked, arrives),
        suggested_quantity=one.quantity,
        reason={"sentence": f"{why} {before}"},
    )


def _listed(move: Move) -> str:
    return ", ".join(f"{plain(one.wanted)} x {one.line.description}" for one in move.lines) + "."
