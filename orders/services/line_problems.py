"""Ways on for a line that a supplier cannot take: another code, another product, less, nothing, or another supplier."""

from dataclasses import dataclass
from decimal import Decimal

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from orders.exceptions import InvalidInput
from orders.models import PurchaseOrder, PurchaseOrderLine, Status
from orders.services.drafting import DraftLine, order_draft
from orders.services.editing import SPLIT_ENDED, delivery_refresh, draft_claim, draft_edited
from orders.state import record, transition
from suppliers.models import SupplierProduct
from suppliers.packing import pack_up, plain
from suppliers.selectors import price_in_force
from suppliers.services.codes import CodeRefused, offer_recode
from suppliers.terms_in_force import blocks


@dataclass(frozen=True, slots=True)
class OtherOffer:
    """What another supplier would sell in place of a line."""

    offer: SupplierProduct  # with its supplier
    quantity: Decimal
    unit_price: Decimal


def next_best_offer(line: PurchaseOrderLine) -> OtherOffer | None:
    """The cheapest other supplier that has it and a price for it, in the order's currency, and is not blocked; goods
    alone, no fees.
    """
    order, found = line.order, list[OtherOffer]()
    offers = SupplierProduct.objects.filter(
        Q(stock_on_offer=None) | Q(stock_on_offer__gte=line.quantity),
        product=line.product, active=True, supplier__active=True, supplier__paused_reason="",
        supplier__currency=order.currency,
    ).exclude(supplier=order.supplier)  # fmt: skip
    candidates = list(offers.select_related("supplier", "product"))
    blocked = blocks(candidates, day=timezone.localdate())
    for offer in candidates:
        if offer.pk in blocked:
            continue
        quantity = pack_up(line.quantity, pack_size=offer.pack_size, minimum=offer.minimum_quantity).quantity
        price = price_in_force(offer, quantity, currency=order.currency)
        enough = offer.stock_on_offer is None or offer.stock_on_offer >= quantity
        if price is not None and enough:
            found.append(OtherOffer(offer, quantity, price))
    return min(found, key=lambda other: (other.quantity * other.unit_price, other.offer.pk), default=None)


@transaction.atomic
def line_recode(
    *,
    order: PurchaseOrder,
    line: PurchaseOrderLine,
    supplier_sku: str,
    by: AbstractBaseUser,
    version: int,
    via: str,
) -> None:
    """The supplier knows the same product by another code; remembered, so that nobody has to say it again."""
    draft_claim(order, version=version)
    before = line.supplier_sku
    try:
        line.supplier_product = offer_recode(offer=line.supplier_product, supplier_sku=supplier_sku)
    except CodeRefused as refusal:
        raise InvalidInput(str(refusal), field="supplier_sku") from None
    line.supplier_sku = line.supplier_product.supplier_sku
    where = f"Line {line.line_number}, {line.description}"
    text = f"{where}: ordered as {line.supplier_sku} instead of {before}, from now on."
    _mended(order, line, text, by=by, via=via)


@transaction.atomic
def line_swap(
    *, order: PurchaseOrder, line: PurchaseOrderLine, code: str, by: AbstractBaseUser, version: int, via: str
) -> str:
    """Another product of the same supplier, named by our code or theirs. What became of a split, if there was one."""
    draft_claim(order, version=version)
    offers = SupplierProduct.objects.filter(supplier=order.supplier, active=True).select_related("product")
    offer = offers.filter(Q(supplier_sku__iexact=code) | Q(product__sku__iexact=code)).first()
    if offer is None:
        raise InvalidInput(f"{order.supplier.name} offers nothing under {code!r}.", field="code")
    if order.lines.filter(supplier_product=offer).exists():
        raise InvalidInput(
            f"{offer.product.name} is in this order already; raise its quantity.", field="code"
        )
    before = line.description
    packed = pack_up(line.quantity, pack_size=offer.pack_size, minimum=offer.minimum_quantity)
    price = price_in_force(offer, packed.quantity, currency=order.currency)
    if price is None:
        raise InvalidInput(f"There is no price of {offer.product.name} yet.", field="code")
    line.supplier_product, line.product, line.supplier_sku = offer, offer.product, offer.supplier_sku
    line.description, line.unit = offer.product.name, offer.product.unit
    line.quantity, line.unit_price = packed.quantity, price
    text = f"Line {line.line_number}: {plain(line.quantity)} {line.description} instead of {before}."
    split, _ = line.shares.all().delete()
    note = SPLIT_ENDED if split else ""
    _mended(order, line, f"{text} {note}".strip(), by=by, via=via)
    return note


@transaction.atomic
def line_move(
    *, order: PurchaseOrder, line: PurchaseOrderLine, by: AbstractBaseUser, version: int, via: str
) -> PurchaseOrder:
    """The line becomes a new draft with the next best supplier. An order that loses its only line is cancelled."""
    draft_claim(order, version=version)
    other = next_best_offer(line)
    if other is None:
        raise InvalidInput(f"No other supplier has {line.description} and a price for it.", field="line")
    moved = DraftLine(
        supplier_product=other.offer, quantity=other.quantity, unit_price=other.unit_price,
        requested_date=line.requested_date, suggested_quantity=line.suggested_quantity, reason=line.reason,
    )  # fmt: skip
    draft = order_draft(
        supplier=other.offer.supplier, site=order.site, lines=[moved], by=by, origin="moved", via=via,
        requested_date=order.requested_date,
    )  # fmt: skip
    text = (
        f"Line {line.line_number}, {line.description}: moved to {other.offer.supplier.name}, {draft.number}."
    )
    if line.shares.exists():
        text = f"{text} All of it goes to {order.site.name} now."
    if order.lines.count() == 1:
        draft_edited(order, by=by, via=via, reason="Its only line was moved.")
        transition(order, Status.CANCELLED, by=by, via=via, text=f"{text} Nothing was left to order.")
        return draft
    line.delete()
    draft_edited(order, by=by, via=via, reason="A line was moved to another supplier.")
    delivery_refresh(order)
    record(order, "line_removed", by=by, via=via, text=text)
    return draft


def _mended(
    order: PurchaseOrder, line: PurchaseOrderLine, text: str, *, by: AbstractBaseUser, via: str
) -> None:
    line.problem = line.problem_text = ""
    line.save()
    draft_edited(order, by=by, via=via, reason="A line was changed.")
    delivery_refresh(order)
    record(order, "line_edited", by=by, via=via, text=text)
