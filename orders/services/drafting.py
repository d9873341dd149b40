"""Making draft orders, and drafts from orders that came to nothing."""

import secrets
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any, NamedTuple

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.utils import timezone

from orders.exceptions import InvalidInput, InvalidTransition
from orders.models import LineShare, PurchaseOrder, PurchaseOrderLine, Site, Status
from orders.policy import delivery_fee, minimum_surcharge
from orders.selectors import order_successor
from orders.state import record, revise
from suppliers.bulk_rows import rows_add
from suppliers.models import Supplier, SupplierProduct
from suppliers.packing import plain_money
from suppliers.rates import Rate
from suppliers.selectors import price_in_force, rates_in_force

FIRST_NUMBER = 100_000


class ProductDrafted(NamedTuple):
    sku: str
    name: str
    unit: str


class OfferDrafted(NamedTuple):
    """What a line takes from a `SupplierProduct`, for drafts of thousands of lines."""

    pk: int
    product_id: int
    supplier_sku: str
    product: ProductDrafted


@dataclass(frozen=True, slots=True)
class DraftLine:
    supplier_product: SupplierProduct | OfferDrafted  # the former with its product loaded
    quantity: Decimal
    unit_price: Decimal
    requested_date: date | None = None
    suggested_quantity: Decimal | None = None
    reason: dict[str, Any] = field(default_factory=dict)
    shares: tuple[tuple[Site, Decimal], ...] = ()  # adding up to the quantity; empty: all to the order's site


@transaction.atomic
def order_draft(
    *,
    supplier: Supplier,
    site: Site,
    lines: Sequence[DraftLine],
    by: AbstractBaseUser | None,
    origin: str,
    via: str,
    requested_date: date | None = None,
    replaces: PurchaseOrder | None = None,
    rate: Rate | None = None,
    approve_before: datetime | None = None,
    reasons: Iterable[dict[str, Any]] | None = None,
) -> PurchaseOrder:
    """A new draft. `by` is who entered it; None where the plan made it, so that any approver may approve it.

    `rate`: what its currency is counted with for as long as it lives; None: the one in force now. `reasons`: of the
    lines, where they are told one by one while lines are written; else each line has its own.
    """
    if not lines:
        raise InvalidInput("An order needs at least one line.", field="lines")
    goods = sum((line.quantity * line.unit_price for line in lines), Decimal(0))
    rate = rate or rates_in_force(currencies=[supplier.currency]).usable.get(supplier.currency)
    order = PurchaseOrder.objects.create(
        number=uuid.uuid4().hex[:20],  # until the row has its own number
        buyer_reference=uuid.uuid4().hex,
        supplier=supplier,
        site=site,
        origin=origin,
        currency=supplier.currency,
        base_currency=rate.base if rate else "",
        exchange_rate=rate.value if rate else None,
        rate_date=rate.date if rate else None,
        rate_source=rate.source if rate else "",
        requested_date=requested_date,
        approve_before=approve_before,
        delivery_fee=delivery_fee(goods, fee=supplier.delivery_fee, free_from=supplier.free_delivery_from),
        surcharge=minimum_surcharge(
            goods, minimum=supplier.minimum_order_value, surcharge=supplier.below_minimum_surcharge
        ),
        replaces=replaces,
        created_by_id=by.pk if by else None,
        last_edited_by_id=by.pk if by else None,
    )
    order.number = f"PO-{FIRST_NUMBER + order.pk}"
    # A restored or second database may count to the same number again; the supplier must still tell them apart.
    order.buyer_reference = f"{order.number}-{secrets.token_hex(3).upper()}"
    order.save(update_fields=["number", "buyer_reference"])
    lines_write(order, lines, reasons)
    text = f"Drafted with {len(lines)} line{'s' if len(lines) != 1 else ''} worth {plain_money(goods, order.currency)}."
    if replaces:
        text = f"{text} Replaces {replaces.number}."
    record(order, "drafted", by=by, via=via, text=text, data={"origin": origin})
    return order


def lines_write(
    order: PurchaseOrder, lines: Sequence[DraftLine], reasons: Iterable[dict[str, Any]] | None = None
) -> None:
    """The lines of a draft that has none."""
    offers = [line.supplier_product for line in lines]
    keys = rows_add(
        PurchaseOrderLine,
        {
            "line_number": range(1, len(lines) + 1),
            "product_id": [offer.product_id for offer in offers],
            "supplier_product_id": [offer.pk for offer in offers],
            "supplier_sku": [offer.supplier_sku for offer in offers],
            "description": [offer.product.name for offer in offers],
            "unit": [offer.product.unit for offer in offers],
            "suggested_quantity": [line.suggested_quantity for line in lines],
            "quantity": [line.quantity for line in lines],
            "unit_price": [line.unit_price for line in lines],
            "requested_date": [line.requested_date or order.requested_date for line in lines],
            "reason": (line.reason for line in lines) if reasons is None else reasons,
        },
        same={"order_id": order.pk},
    )
    LineShare.objects.bulk_create(
        LineShare(line_id=key, site=site, quantity=quantity)
        for key, line in zip(keys, lines, strict=True)
        for site, quantity in line.shares
    )


@transaction.atomic
def order_replace(*, order: PurchaseOrder, by: AbstractBaseUser, via: str) -> PurchaseOrder:
    """A new draft with the lines of a rejected or cancelled order, so that a refusal never loses work."""
    if order.status not in (Status.REJECTED, Status.CANCELLED):
        raise InvalidTransition(
            f"{order.number} is {order.get_status_display().lower()}; only a dead order is replaced."
        )
    revise(order)  # of two people who replace it at the same moment, one does
    if newer := order_successor(order):
        if newer.replaces_id == order.pk:
            raise InvalidTransition(f"{order.number} has been replaced already, by {newer.number}.")
        raise InvalidTransition(f"The lines of {order.number} were moved to {newer.number}.")
    lines = [
        DraftLine(
            supplier_product=line.supplier_product.replaced_by or line.supplier_product,
            quantity=line.quantity,
            unit_price=_price_again(order, line),
            requested_date=line.requested_date,
            suggested_quantity=line.suggested_quantity,
            reason=line.reason,
            shares=tuple((share.site, share.quantity) for share in line.shares.all()),
        )
        for line in order.lines.select_related(
            "supplier_product__product", "supplier_product__replaced_by__product"
        ).prefetch_related("shares__site")
    ]
    draft = order_draft(
        supplier=order.supplier, site=order.site, lines=lines, by=by, origin="replacement", via=via,
        requested_date=order.requested_date, replaces=order,
    )  # fmt: skip
    order.exceptions.filter(resolved_at=None).update(
        resolved_at=timezone.now(), resolved_by_id=by.pk, resolution="replaced"
    )
    record(order, "replaced", by=by, via=via, text=f"Replaced by the new draft {draft.number}.")
    return draft


def _price_again(order: PurchaseOrder, line: PurchaseOrderLine) -> Decimal:
    """What it was ordered at; in another currency than the supplier is ordered in today that would be no price."""
    now_in = order.supplier.currency
    if now_in == order.currency:
        return line.unit_price
    price = price_in_force(
        line.supplier_product.replaced_by or line.supplier_product, line.quantity, currency=now_in
    )
    if price is None:
        raise InvalidInput(
            f"{order.supplier.name} is ordered from in {now_in} now, {order.number} is in {order.currency}, and no"
            f" price of {line.description} in {now_in} is known. Load one, then replace the order.",
            field="lines",
        )
    return price
