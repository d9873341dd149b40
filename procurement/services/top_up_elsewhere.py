"""What the lines of a draft would cost at other suppliers, in the draft's currency."""

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal

from django.utils import timezone

from orders.models import PurchaseOrder, PurchaseOrderLine
from orders.moves import Move, MovedLine
from procurement.engine.top_up import Elsewhere
from procurement.engine.top_up import MovedLine as Moved
from procurement.services.arrivals import Arrivals
from suppliers.models import SupplierProduct
from suppliers.packing import pack_up
from suppliers.prices import unit_price
from suppliers.selectors import RatesKnown, rates_in_force
from suppliers.terms_in_force import blocks, price_lists

ZERO = Decimal(0)
CENT = Decimal("0.01")


def elsewhere_for(
    order: PurchaseOrder,
    moves: Sequence[Move],
    lines: Sequence[PurchaseOrderLine],
    arrivals: Arrivals,
) -> list[Elsewhere]:
    """Of every other supplier to which all of it can be moved."""
    rates = rates_in_force()
    found = []
    for move in moves:
        worth = _worth(move.supplier.currency, order.currency, rates)
        if worth is None:
            continue
        by_product = {one.line.product_id: one for one in move.lines}
        found.append(
            Elsewhere(
                supplier=move.supplier.name,
                code=move.supplier.code,
                currency=move.supplier.currency,
                goods=(move.goods * worth).quantize(CENT),
                charges=(move.charges * worth).quantize(CENT),
                into=move.into.number if move.into else "",
                lines=tuple(_moved(line, by_product[line.product_id], arrivals) for line in lines),
            )
        )
    return found


def _moved(line: PurchaseOrderLine, one: MovedLine, arrivals: Arrivals) -> Moved:
    return Moved(
        name=line.description,
        before=line.quantity,
        price_before=line.unit_price,
        quantity=one.quantity - (one.beside.quantity if one.beside else ZERO),
        unit_price=one.unit_price,
        arrives=arrivals.days(one.offer),
    )


def cheapest_elsewhere(wanted: Mapping[int, Decimal], order: PurchaseOrder) -> dict[int, Decimal]:
    """By product, the lowest unit price that another supplier asks for so many: in the order's currency, without
    delivery.
    """
    offers = _offers_of(wanted, order)
    told = price_lists([offer.pk for offer in offers], day=timezone.localdate())
    rates = rates_in_force()
    lowest: dict[int, Decimal] = {}
    for offer in offers:
        worth = _worth(told[offer.pk].currency, order.currency, rates) if offer.pk in told else None
        quantity = wanted[offer.product_id]
        sold = pack_up(quantity, pack_size=offer.pack_size, minimum=offer.minimum_quantity).quantity
        if worth is not None and (offer.stock_on_offer is None or offer.stock_on_offer >= sold):
            prices = told[offer.pk]
            price = unit_price(prices.tiers, sold, incremental=prices.incremental) * worth
            lowest[offer.product_id] = min(price, lowest.get(offer.product_id, price))
    return lowest


def _offers_of(products: Iterable[int], order: PurchaseOrder) -> list[SupplierProduct]:
    offers = list(
        SupplierProduct.objects.filter(
            product__in=products, active=True, supplier__active=True, supplier__paused_reason=""
        )
        .exclude(supplier=order.supplier)
        .select_related("supplier")
        .order_by("supplier", "pk")
    )
    blocked = blocks(offers, day=timezone.localdate())
    return [offer for offer in offers if offer.pk not in blocked]


def _worth(currency: str, wanted: str, rates: RatesKnown) -> Decimal | None:
    """A unit of the one in the other, by the rates of today; None where one is not known."""
    if currency == wanted:
        return Decimal(1)
    known = [
        Decimal(1) if code == rates.base else rate.value if (rate := rates.usable.get(code)) else None
        for code in (currency, wanted)
    ]
    return None if known[0] is None or known[1] is None else known[0] / known[1]
