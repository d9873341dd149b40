"""From what another system proposes to lines of drafts: whose offer, how much of it, at which price, and why."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Any

from orders.services.drafting import DraftLine
from procurement.sources.base import ProposalRecord, ProposedLine
from suppliers.models import Product, Supplier, SupplierProduct
from suppliers.packing import pack_up, plain, plain_price
from suppliers.selectors import price_in_force

NAMED = 3  # of what is wrong with a proposal


class ProposalRefused(Exception):
    """It cannot become drafts yet; the message says what is to be done."""


def draft_lines(record: ProposalRecord, *, label: str) -> dict[Supplier, list[DraftLine]]:
    """By supplier. All of it or nothing: half an order is worse than one that waits. Raises `ProposalRefused`."""
    found, troubles = defaultdict[Supplier, list[DraftLine]](list), list[str]()
    for line in _together(record.lines):
        try:
            supplier = _supplier(line.supplier)
            found[supplier].append(_draft_line(supplier, line, record.number, label))
        except ProposalRefused as refusal:
            troubles.append(str(refusal))
    if troubles:
        said = list(dict.fromkeys(troubles))
        more = f" And {len(said) - NAMED} more." if len(said) > NAMED else ""
        raise ProposalRefused(f"Order {record.number}: {' '.join(said[:NAMED])}{more}")
    return found


def _together(lines: Sequence[ProposedLine]) -> Iterator[ProposedLine]:
    """One line an item of a supplier: the sum, for the earliest day."""
    same = defaultdict[tuple[str, str], list[ProposedLine]](list)
    for line in lines:
        same[line.supplier.lower(), line.sku].append(line)
    for (_, sku), group in same.items():
        days = [line.requested_date for line in group if line.requested_date]
        yield ProposedLine(
            supplier=group[0].supplier,
            sku=sku,
            quantity=sum((line.quantity for line in group[1:]), group[0].quantity),
            unit_price=group[0].unit_price,
            requested_date=min(days, default=None),
        )


def _supplier(code: str) -> Supplier:
    found = Supplier.objects.filter(code__iexact=code).order_by("pk").first()
    if found is None:
        raise ProposalRefused(
            f"There is no supplier {code!r}: add it, or name ours for it in the source's settings (Suppliers)."
        )
    if not found.active:
        raise ProposalRefused(f"{found.name} is inactive: make it active, or have another one proposed.")
    return found


def _draft_line(supplier: Supplier, line: ProposedLine, number: str, label: str) -> DraftLine:
    product = Product.objects.filter(sku=line.sku).first()
    if product is None:
        raise ProposalRefused(f"Item {line.sku!r} is not in the catalogue: load it, or mend its code there.")
    offer = (
        SupplierProduct.objects.filter(supplier=supplier, product=product, active=True)
        .select_related("product", "supplier")
        .order_by("pk")
        .first()
    )
    if offer is None:
        raise ProposalRefused(f"{supplier.name} does not offer {line.sku}: load its price list or enter it.")
    packed = pack_up(line.quantity, pack_size=offer.pack_size, minimum=offer.minimum_quantity)
    ours = price_in_force(offer, packed.quantity)
    price = line.unit_price if ours is None else ours
    if price is None:
        raise ProposalRefused(f"There is no price of {line.sku} at {supplier.name}: load its price list.")
    reason: dict[str, Any] = {
        "proposed_by": label,
        "sku": line.sku,
        "unit": product.unit,
        "rounding": [{"from": plain(line.quantity), "to": plain(packed.quantity), "why": packed.note}]
        if packed.note
        else [],
        "quantity": plain(packed.quantity),
        "sentence": f"Proposed by {label} in its order {number}: {plain(line.quantity)} of {line.sku}.",
    }
    if ours is None:
        reason["sentence"] += f" The price, {plain_price(price)}, is theirs, as we have none."
    return DraftLine(
        supplier_product=offer,
        quantity=packed.quantity,
        unit_price=price,
        requested_date=line.requested_date,
        suggested_quantity=packed.quantity,
        reason=reason,
    )
