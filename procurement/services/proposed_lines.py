"""From what another system proposes to lines of drafts: whose offer, how much of it, at which price, and why."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from orders.services.drafting import DraftLine
from procurement.services.codes.resolving import Found, Item, Trouble, Unmatched, items_of_supplier
from procurement.sources.base import ProposalRecord, ProposedLine
from suppliers.models import Supplier, SupplierProduct
from suppliers.packing import pack_up, plain, plain_price
from suppliers.selectors import price_in_force

NAMED = 3  # of what is wrong with a proposal


class ProposalRefused(Exception):
    """It cannot become drafts yet; the message says what is to be done."""

    def __init__(self, words: str, codes: tuple[tuple[Unmatched, str], ...] = ()) -> None:
        super().__init__(words)
        self.codes = codes  # that are not understood, each with its words


@dataclass(frozen=True, slots=True)
class _Wanted:
    """A line in our words: which item of which supplier, in our unit."""

    line: ProposedLine
    item: Item
    offer: int | None  # where the line names it by the supplier's own code


def draft_lines(
    record: ProposalRecord, *, label: str, items: Mapping[str, Found]
) -> dict[Supplier, list[DraftLine]]:
    """By supplier. All of it or nothing: half an order is worse than one that waits. Raises `ProposalRefused`.

    `items`: what its codes mean. What was said to be none of ours is left out.
    """
    found, troubles = defaultdict[Supplier, list[_Wanted]](list), list[ProposalRefused]()
    for line in record.lines:
        try:
            supplier = _supplier(line.supplier)
            if wanted := _wanted(supplier, line, items[line.sku]):
                found[supplier].append(wanted)
        except ProposalRefused as refusal:
            troubles.append(refusal)
    drafted = defaultdict[Supplier, list[DraftLine]](list)
    for supplier, wanted_there in found.items():
        for wanted in _together(wanted_there):
            try:
                drafted[supplier].append(_draft_line(supplier, wanted, record.number, label))
            except ProposalRefused as refusal:
                troubles.append(refusal)
    if troubles:
        said = list(dict.fromkeys(str(trouble) for trouble in troubles))
        more = f" And {len(said) - NAMED} more." if len(said) > NAMED else ""
        codes = tuple(code for trouble in troubles for code in trouble.codes)
        raise ProposalRefused(f"Order {record.number}: {' '.join(said[:NAMED])}{more}", codes)
    return drafted


def _wanted(supplier: Supplier, line: ProposedLine, found: Found) -> _Wanted | None:
    """Our code, one that was mapped, a GTIN; else the supplier's own. None for what is none of ours."""
    offer = None
    if isinstance(found, Unmatched) and not found.ignored and found.trouble == Trouble.UNKNOWN:
        found, offer = items_of_supplier(supplier.pk, [line.sku]).get(line.sku, (found, None))
    if isinstance(found, Item):
        quantity = found.quantity(line.quantity, line.unit)
        if not isinstance(quantity, Unmatched):
            price = None if line.unit_price is None else found.price(line.unit_price, line.unit)
            return _Wanted(replace(line, quantity=quantity, unit_price=price), found, offer)
        found = quantity
    if found.ignored:
        return None
    words = f"Item {line.sku!r} {found.words}."
    if found.trouble == Trouble.UNKNOWN:
        where = "Demand & stock, Unmatched codes"
        words = f"Item {line.sku!r} is not in the catalogue: load it, or map the code ({where})."
    raise ProposalRefused(words, ((found, words),))


def _together(wanted: list[_Wanted]) -> Iterator[_Wanted]:
    """One line an item of a supplier: the sum, for the earliest day."""
    same = defaultdict[tuple[int, int | None], list[_Wanted]](list)
    for one in wanted:
        named = {other.offer for other in wanted if other.item.product == one.item.product} - {None}
        offer = one.offer if one.offer or len(named) != 1 else named.pop()
        same[one.item.product, offer].append(replace(one, offer=offer))
    for group in same.values():
        lines = [one.line for one in group]
        days = [line.requested_date for line in lines if line.requested_date]
        summed = replace(
            lines[0],
            quantity=sum((line.quantity for line in lines[1:]), lines[0].quantity),
            requested_date=min(days, default=None),
        )
        yield replace(group[0], line=summed)


def _supplier(code: str) -> Supplier:
    found = Supplier.objects.filter(code__iexact=code).order_by("pk").first()
    if found is None:
        raise ProposalRefused(
            f"There is no supplier {code!r}: add it, or name ours for it in the source's settings (Suppliers)."
        )
    if not found.active:
        raise ProposalRefused(f"{found.name} is inactive: make it active, or have another one proposed.")
    return found


def _draft_line(supplier: Supplier, wanted: _Wanted, number: str, label: str) -> DraftLine:
    line, sku = wanted.line, wanted.item.sku
    offers = SupplierProduct.objects.filter(supplier=supplier, product=wanted.item.product, active=True)
    if wanted.offer is not None:
        offers = offers.filter(pk=wanted.offer)
    offer = offers.select_related("product", "supplier").order_by("pk").first()
    if offer is None:
        raise ProposalRefused(f"{supplier.name} does not offer {sku}: load its price list or enter it.")
    packed = pack_up(line.quantity, pack_size=offer.pack_size, minimum=offer.minimum_quantity)
    ours = price_in_force(offer, packed.quantity, currency=supplier.currency)
    price = line.unit_price if ours is None else ours
    if price is None:
        raise ProposalRefused(f"There is no price of {sku} at {supplier.name}: load its price list.")
    there = f" ({wanted.item.code} there)" if wanted.item.code else ""
    reason: dict[str, Any] = {
        "proposed_by": label,
        "sku": sku,
        "unit": wanted.item.unit,
        "rounding": [{"from": plain(line.quantity), "to": plain(packed.quantity), "why": packed.note}]
        if packed.note
        else [],
        "quantity": plain(packed.quantity),
        "sentence": f"Proposed by {label} in its order {number}: {plain(line.quantity)} of {sku}{there}.",
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
