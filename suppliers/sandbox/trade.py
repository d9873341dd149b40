"""How a sandbox supplier trades, whatever the protocol: prices, stock, orders, later answers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal

from suppliers.sandbox.faults import Fault, Kind
from suppliers.sandbox.ledger import Ledger, PlacedLine, PlacedOrder
from suppliers.sandbox.world import Behaviour, SandboxProduct, SandboxSupplier

CENT = Decimal("0.01")
DEARER = Decimal("1.03")  # what a confirmation at another price adds to the first line
LATER = timedelta(days=2)
Struck = Mapping[Kind, Fault]


class Refused(Exception):
    """The supplier does not take this order as it stands; the message says why."""


@dataclass(frozen=True, slots=True)
class Item:
    supplier_product_id: str
    unit_of_measure: str
    quantity: Decimal


@dataclass(frozen=True, slots=True)
class Assessment:
    """What an order would be now: lines at today's prices, and what cannot be had."""

    lines: tuple[PlacedLine, ...]
    unavailable: tuple[tuple[str, str], ...]  # (supplier_product_id, reason)
    subtotal: Decimal
    delivery_fee: Decimal

    @property
    def total(self) -> Decimal:
        return self.subtotal + self.delivery_fee


@dataclass(frozen=True, slots=True)
class AnswerLine:
    supplier_product_id: str
    quantity: Decimal
    unit_price: Decimal | None = None
    expected_delivery: date | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    kind: str  # confirmed, rejected, shipped
    lines: tuple[AnswerLine, ...] = ()
    note: str = ""
    part: int = 1  # which despatch


def current_price(product: SandboxProduct, quantity: Decimal, struck: Struck) -> Decimal:
    price = product.price_at(quantity)
    if fault := struck.get(Kind.PRICE_CHANGED):
        price = (price * (100 + fault.percent) / 100).quantize(CENT, rounding=ROUND_HALF_UP)
    return price


def current_stock(supplier: SandboxSupplier, product: SandboxProduct, ledger: Ledger) -> Decimal:
    return max(product.stock - ledger.quantity_taken(supplier.code, product.supplier_product_id), Decimal(0))


def assess(supplier: SandboxSupplier, items: Sequence[Item], ledger: Ledger, struck: Struck) -> Assessment:
    lines: list[PlacedLine] = []
    unavailable: list[tuple[str, str]] = []
    fault = struck.get(Kind.UNAVAILABLE)
    gone = set(fault.skus or [items[0].supplier_product_id]) if fault else set()
    for item in items:
        product = supplier.product(item.supplier_product_id)
        if product is None:
            unavailable.append((item.supplier_product_id, "not offered to you"))
            continue
        _refuse_odd_quantity(item, product)
        stock = Decimal(0) if item.supplier_product_id in gone else current_stock(supplier, product, ledger)
        if item.quantity > stock:
            unavailable.append(
                (item.supplier_product_id, f"only {stock:f} left" if stock else "out of stock")
            )
            continue
        price = current_price(product, item.quantity, struck)
        lines.append(PlacedLine(item.supplier_product_id, item.unit_of_measure, item.quantity, price))
    subtotal = sum((line_total(line) for line in lines), Decimal(0))
    free = supplier.free_delivery_from is not None and subtotal >= supplier.free_delivery_from
    fee = Decimal(0) if free or not lines else supplier.delivery_fee
    return Assessment(tuple(lines), tuple(unavailable), subtotal, fee)


def place(
    supplier: SandboxSupplier, reference: str, items: Sequence[Item], ledger: Ledger, struck: Struck
) -> PlacedOrder:
    """Takes the order. Call inside the ledger's transaction, so that nothing is sold twice."""
    seen = assess(supplier, items, ledger, struck)
    if not seen.lines:
        raise Refused("none of the lines can be delivered")
    if seen.subtotal < supplier.minimum_order_value:
        raise Refused(f"the order is worth {seen.subtotal}, our minimum is {supplier.minimum_order_value}")
    again = len(ledger.orders_find(supplier.code, reference))
    return ledger.order_add(
        supplier=supplier.code,
        reference=reference,
        number=f"SO-{reference}" + (f"-{again + 1}" if again else ""),
        currency=supplier.currency,
        total=seen.total,
        delivery_fee=seen.delivery_fee,
        lines=seen.lines,
        unavailable=tuple(sku for sku, _ in seen.unavailable),
    )


def line_total(line: PlacedLine) -> Decimal:
    return (line.quantity * line.unit_price).quantize(CENT, rounding=ROUND_HALF_UP)


def _refuse_odd_quantity(item: Item, product: SandboxProduct) -> None:
    sku, quantity = item.supplier_product_id, item.quantity
    if quantity < product.minimum_quantity:
        raise Refused(f"{sku}: {quantity:f} is below the minimum of {product.minimum_quantity:f}")
    if quantity % product.pack_size:
        raise Refused(f"{sku}: {quantity:f} is no multiple of the pack of {product.pack_size:f}")


# -- what it says later -------------------------------------------------------------------------------
def answers(supplier: SandboxSupplier, order: PlacedOrder) -> list[Answer]:
    """In the order in which they are true: the decision, then the despatches."""
    if supplier.confirm is Behaviour.REJECT:
        return [Answer("rejected", note="We cannot deliver this order.")]
    lines = [AnswerLine(line.supplier_product_id, line.quantity, line.unit_price) for line in order.lines]
    if supplier.confirm is Behaviour.PRICE:
        dearer = (order.lines[0].unit_price * DEARER).quantize(CENT, rounding=ROUND_HALF_UP)
        lines[0] = replace(lines[0], unit_price=dearer, note="Our price has changed.")
    if supplier.confirm is Behaviour.QUANTITY_AND_DATE:
        day = datetime.now(UTC).date() + timedelta(days=supplier.lead_time_days) + LATER
        lines = [replace(line, expected_delivery=day) for line in lines]
        lines[0] = replace(lines[0], quantity=_half(supplier, lines[0]), note="The rest is sold out.")
    despatched = [line for line in lines if line.quantity]
    lines += [AnswerLine(sku, Decimal(0), note="Not available.") for sku in order.unavailable]
    return [Answer("confirmed", tuple(lines)), *_despatches(supplier, despatched)]


def _despatches(supplier: SandboxSupplier, lines: Sequence[AnswerLine]) -> list[Answer]:
    if supplier.confirm is not Behaviour.IN_TWO_PARTS:
        return [Answer("shipped", tuple(lines))] if lines else []
    first = [replace(line, quantity=_half(supplier, line)) for line in lines]
    second = [
        replace(line, quantity=line.quantity - sent.quantity) for line, sent in zip(lines, first, strict=True)
    ]
    parts = [[line for line in part if line.quantity] for part in (first, second)]
    return [Answer("shipped", tuple(part), part=number) for number, part in enumerate(parts, 1) if part]


def _half(supplier: SandboxSupplier, line: AnswerLine) -> Decimal:
    """Half of it in whole packs; 0 where it was a single pack."""
    product = supplier.product(line.supplier_product_id)
    pack = product.pack_size if product else Decimal(1)
    return (line.quantity / 2 // pack) * pack
