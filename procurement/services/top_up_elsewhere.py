"""What the lines of a draft would cost at other suppliers, in the draft's currency."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import Decimal

from django.db.models import F, Sum
from django.utils import timezone

from orders.models import PurchaseOrder, PurchaseOrderLine, Status
from procurement.engine.top_up import Elsewhere
from suppliers.models import Supplier, SupplierProduct
from suppliers.packing import pack_up
from suppliers.prices import unit_price
from suppliers.selectors import RatesKnown, rates_in_force
from suppliers.terms_in_force import PriceList, blocks, price_lists

ZERO = Decimal(0)
CENT = Decimal("0.01")


def elsewhere_for(
    order: PurchaseOrder,
    lines: Sequence[PurchaseOrderLine],
    charges_of: Callable[[Supplier, Decimal], Decimal],
) -> list[Elsewhere]:
    """Of every other supplier that sells all of it, has it, and takes the order."""
    offers = _offers_of({line.product_id for line in lines}, order)
    told = price_lists([offer.pk for offer in offers], day=timezone.localdate())
    rates = rates_in_force()
    by_supplier: dict[int, dict[int, SupplierProduct]] = {}
    for offer in offers:
        if offer.pk in told and told[offer.pk].currency == offer.supplier.currency:
            by_supplier.setdefault(offer.supplier_id, {}).setdefault(offer.product_id, offer)
    found = []
    for sold in by_supplier.values():
        if any(line.product_id not in sold for line in lines):
            continue
        supplier = next(iter(sold.values())).supplier
        worth = _worth(supplier.currency, order.currency, rates)
        goods = _goods(sold, lines, told)
        if worth is None or goods is None:
            continue
        drafted = _drafted(supplier, order)
        together = drafted + goods
        if together < supplier.minimum_order_value and supplier.below_minimum_surcharge is None:
            continue
        more = charges_of(supplier, together) - (charges_of(supplier, drafted) if drafted else ZERO)
        found.append(
            Elsewhere(
                supplier=supplier.name,
                code=supplier.code,
                goods=(goods * worth).quantize(CENT),
                charges=(more * worth).quantize(CENT),
            )
        )
    return found


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


def _goods(
    sold: dict[int, SupplierProduct], lines: Sequence[PurchaseOrderLine], told: dict[int, PriceList]
) -> Decimal | None:
    """In the supplier's currency; None where it has not enough of something."""
    total = ZERO
    for line in lines:
        offer = sold[line.product_id]
        packed = pack_up(line.quantity, pack_size=offer.pack_size, minimum=offer.minimum_quantity).quantity
        if offer.stock_on_offer is not None and offer.stock_on_offer < packed:
            return None
        prices = told[offer.pk]
        total += (packed * unit_price(prices.tiers, packed, incremental=prices.incremental)).quantize(CENT)
    return total


def _drafted(supplier: Supplier, order: PurchaseOrder) -> Decimal:
    """Goods on a draft that goes to the same site, and would take these lines along."""
    draft = PurchaseOrder.objects.filter(supplier=supplier, site=order.site, status=Status.DRAFT).first()
    if draft is None:
        return ZERO
    worth: Decimal | None = draft.lines.aggregate(worth=Sum(F("quantity") * F("unit_price")))["worth"]
    return worth or ZERO


def _worth(currency: str, wanted: str, rates: RatesKnown) -> Decimal | None:
    """A unit of the one in the other, by the rates of today; None where one is not known."""
    if currency == wanted:
        return Decimal(1)
    known = [
        Decimal(1) if code == rates.base else rate.value if (rate := rates.usable.get(code)) else None
        for code in (currency, wanted)
    ]
    return None if known[0] is None or known[1] is None else known[0] / known[1]
