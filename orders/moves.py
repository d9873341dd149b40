"""What the lines of a draft would be at other suppliers: whose offer, how many packs of it, at which price."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.utils import timezone

from orders.models import LineShare, PurchaseOrder, PurchaseOrderLine, Status, TransferJob
from orders.policy import delivery_fee, minimum_surcharge
from orders.selectors import open_on_offer
from suppliers.models import Supplier, SupplierProduct
from suppliers.packing import pack_up, plain, plain_money
from suppliers.prices import unit_price
from suppliers.terms_in_force import PriceList, blocks, price_lists

ZERO = Decimal(0)
NAMED = 3


@dataclass(frozen=True, slots=True)
class MovedLine:
    line: PurchaseOrderLine  # the first, where several are of the same item
    wanted: Decimal
    offer: SupplierProduct
    quantity: Decimal  # in packs of the other supplier, with what its draft has of it already
    unit_price: Decimal
    beside: PurchaseOrderLine | None = None  # that line of its draft

    @property
    def more(self) -> Decimal:
        """What the goods of the draft there rise by."""
        before = self.beside.total if self.beside else ZERO
        return self.quantity * self.unit_price - before


@dataclass(frozen=True, slots=True)
class Move:
    """All lines of a draft to one supplier, in that one's currency."""

    supplier: Supplier
    into: PurchaseOrder | None  # the draft there that takes them along
    lines: tuple[MovedLine, ...]
    refused: str = ""  # why it cannot be, in words; then lines may be missing

    @property
    def goods(self) -> Decimal:
        return sum((line.more for line in self.lines), ZERO)

    @property
    def drafted(self) -> Decimal:
        """Goods of the draft there as it is."""
        return sum((line.total for line in self.into.lines.all()), ZERO) if self.into else ZERO

    @property
    def charges(self) -> Decimal:
        """Delivery and surcharge, on top of what is drafted there already."""
        before = charges_of(self.supplier, self.drafted) if self.into else ZERO
        return charges_of(self.supplier, self.drafted + self.goods) - before


def charges_of(supplier: Supplier, goods: Decimal) -> Decimal:
    """Delivery and surcharge of an order of goods worth so much."""
    fee = delivery_fee(goods, fee=supplier.delivery_fee, free_from=supplier.free_delivery_from)
    surcharge = supplier.below_minimum_surcharge
    return fee + minimum_surcharge(goods, minimum=supplier.minimum_order_value, surcharge=surcharge)


def moves_of(order: PurchaseOrder, *, supplier: Supplier | None = None) -> list[Move]:
    """To every other supplier that sells any of it, or to that one; a fixed number of queries."""
    lines = list(order.lines.select_related("product", "supplier_product"))
    offers = SupplierProduct.objects.filter(product__in={line.product_id for line in lines}, active=True)
    offers = offers.filter(supplier__active=True, supplier__paused_reason="").exclude(supplier=order.supplier)
    if supplier:
        offers = offers.filter(supplier=supplier)
    found = list(offers.select_related("supplier", "product").order_by("supplier", "pk"))
    today = timezone.localdate()
    blocked, told = blocks(found, day=today), price_lists([offer.pk for offer in found], day=today)
    sold: dict[int, dict[int, SupplierProduct]] = defaultdict(dict)
    # Where a supplier has several offers of an item, the first that may be bought and has a price.
    for offer in sorted(found, key=lambda offer: (offer.pk in blocked, offer.pk not in told)):
        sold[offer.supplier_id].setdefault(offer.product_id, offer)
    suppliers = {offer.supplier_id: offer.supplier for offer in found} | (
        {supplier.pk: supplier} if supplier else {}
    )
    drafts, asked = _drafts(order, suppliers), open_on_offer()
    return [
        _move(lines, one, sold.get(pk, {}), drafts.get(pk), blocked, told, asked)
        for pk, one in sorted(suppliers.items())
    ]


def _drafts(order: PurchaseOrder, suppliers: Iterable[int]) -> dict[int, PurchaseOrder]:
    """By supplier, the newest draft of the site that may still be changed.

    None that is split over sites: another quantity ends the split, and the other sites would lose their goods.
    """
    rows = PurchaseOrder.objects.filter(supplier__in=suppliers, site=order.site, status=Status.DRAFT)
    rows = rows.exclude(transfers__status__in=TransferJob.LIVE)
    rows = rows.exclude(pk__in=LineShare.objects.values("line__order"))
    found = {}
    for draft in rows.select_related("supplier").prefetch_related("lines").order_by("pk"):
        if draft.currency == draft.supplier.currency:
            found[draft.supplier_id] = draft
    return found


def _move(
    lines: Sequence[PurchaseOrderLine],
    supplier: Supplier,
    sold: dict[int, SupplierProduct],
    into: PurchaseOrder | None,
    blocked: dict[int, str],
    told: dict[int, PriceList],
    asked: Mapping[int, Decimal],
) -> Move:
    missing = [line.description for line in lines if line.product_id not in sold]
    if not supplier.active or supplier.paused_reason:
        return Move(supplier, into, (), f"Nothing is ordered from {supplier.name} now.")
    if missing:
        return Move(supplier, into, (), f"{supplier.name} does not offer {_listed(missing)}.")
    there = {line.supplier_product_id: line for line in into.lines.all()} if into else {}
    wanted: dict[int, list[PurchaseOrderLine]] = defaultdict(list)
    for line in lines:
        wanted[line.product_id].append(line)
    moved, refused = [], ""
    for product, same in wanted.items():
        offer = sold[product]
        refused = refused or _obstacle(offer, blocked, told)
        if not refused:
            moved.append(_moved(same, offer, told[offer.pk], there.get(offer.pk)))
    short = [words for one in moved if (words := _short(one, asked))]
    move = Move(supplier, into, tuple(moved), refused)
    goods = move.drafted + move.goods
    if not refused and short:
        refused = f"{supplier.name} has only {_listed(short)} on offer."
    elif not refused and goods < supplier.minimum_order_value and supplier.below_minimum_surcharge is None:
        minimum, comes_to = (
            plain_money(amount, supplier.currency) for amount in (supplier.minimum_order_value, goods)
        )
        refused = f"{supplier.name} takes no order below {minimum}; with these lines it comes to {comes_to}."
    return Move(supplier, into, tuple(moved), refused)


def _obstacle(offer: SupplierProduct, blocked: dict[int, str], told: dict[int, PriceList]) -> str:
    name, supplier = offer.product.name, offer.supplier
    if offer.pk in blocked:
        return f"{name} of {supplier.name} is {blocked[offer.pk]}."
    if offer.pk not in told:
        return f"There is no price of {name} at {supplier.name} yet."
    if told[offer.pk].currency != supplier.currency:
        return (
            f"{name} is priced in {told[offer.pk].currency}, while {supplier.name} is ordered from in"
            f" {supplier.currency}."
        )
    return ""


def _moved(
    same: Sequence[PurchaseOrderLine],
    offer: SupplierProduct,
    prices: PriceList,
    beside: PurchaseOrderLine | None,
) -> MovedLine:
    wanted = sum((line.quantity for line in same), ZERO)
    together = wanted + (beside.quantity if beside else ZERO)
    packed = pack_up(together, pack_size=offer.pack_size, minimum=offer.minimum_quantity).quantity
    price = unit_price(prices.tiers, packed, incremental=prices.incremental)
    return MovedLine(same[0], wanted, offer, packed, price, beside)


def _short(one: MovedLine, asked: Mapping[int, Decimal]) -> str:
    """What there is of it where that is too little; what its draft has of it was counted as asked for already."""
    if one.offer.stock_on_offer is None:
        return ""
    drafted = one.beside.quantity if one.beside else ZERO
    left = max(ZERO, one.offer.stock_on_offer - asked.get(one.offer.pk, ZERO) + drafted)
    return f"{plain(left)} of {one.line.description}" if left < one.quantity else ""


def _listed(names: Sequence[str]) -> str:
    more = f" and {len(names) - NAMED} more" if len(names) > NAMED else ""
    return ", ".join(names[:NAMED]) + more
