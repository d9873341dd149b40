"""Reading what was decided about suppliers and agreed with them, as of a day."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from django.db.models import Q

from suppliers.models import ContractItem, PriceQuote, SourcingDecision, SupplierProduct
from suppliers.prices import Tiers

Kind = SourcingDecision.Kind


@dataclass(frozen=True, slots=True)
class Decisions:
    """The newest in force of each kind, by supplier, and by supplier and product: it counts for all offers of it."""

    of_suppliers: dict[tuple[int, str], SourcingDecision] = field(default_factory=dict)
    of_products: dict[tuple[tuple[int, int], str], SourcingDecision] = field(default_factory=dict)

    def block_on(self, *, supplier: int, product: int) -> SourcingDecision | None:
        own = self.of_products.get(((supplier, product), Kind.BLOCKED))
        return own or self.of_suppliers.get((supplier, Kind.BLOCKED))


def decisions_in_force(*, day: date, within: Q) -> Decisions:
    """`within` limits the decisions about single products."""
    found = Decisions()
    rows = SourcingDecision.objects.in_force(day).filter(Q(supplier_product=None) | within)
    rows = rows.select_related("supplier_product")
    for row in rows.order_by("since", "pk"):  # a later one replaces an earlier one
        if row.supplier_product is None:
            found.of_suppliers[row.supplier_id, row.kind] = row
        else:
            found.of_products[(row.supplier_id, row.supplier_product.product_id), row.kind] = row
    return found


def contracts_in_force(*, day: date, within: Q) -> dict[int, ContractItem]:
    """By offer; of several that hold, the newest."""
    newest: dict[int, ContractItem] = {}
    for item in (
        ContractItem.objects.in_force(day).filter(within).select_related("supplier_product__supplier")
    ):
        newest.setdefault(item.supplier_product_id, item)
    return newest


@dataclass(frozen=True, slots=True)
class PriceList:
    """What an offer costs now: by contract, or else by its list in force."""

    currency: str
    tiers: Tiers  # never empty
    incremental: bool = False
    contract: str = ""  # in words


def contract_prices(item: ContractItem) -> PriceList | None:
    """None: it leaves the price to price lists."""
    if item.unit_price is None:
        return None
    currency = item.currency or item.supplier_product.supplier.currency
    return PriceList(currency, ((Decimal(1), item.unit_price),), contract=item.words)


def price_lists(offers: Collection[int], *, day: date) -> dict[int, PriceList]:
    """By offer; what has no price is not among them."""
    found: dict[int, PriceList] = {}
    quotes = PriceQuote.objects.filter(supplier_product__in=offers, superseded_at=None)
    for quote in quotes.prefetch_related("tiers"):
        tiers = sorted((tier.from_quantity, tier.unit_price) for tier in quote.tiers.all())
        if tiers:
            found[quote.supplier_product_id] = PriceList(quote.currency, tuple(tiers), quote.incremental)
    for offer, item in contracts_in_force(day=day, within=Q(supplier_product__in=offers)).items():
        if agreed := contract_prices(item):
            found[offer] = agreed
    return found


def blocks(offers: Sequence[SupplierProduct], *, day: date) -> dict[int, str]:
    """By offer, why it is not bought; those that may be bought are not among them."""
    products = {offer.product_id for offer in offers}
    decisions = decisions_in_force(day=day, within=Q(supplier_product__product__in=products))
    found = {}
    for offer in offers:
        if block := decisions.block_on(supplier=offer.supplier_id, product=offer.product_id):
            found[offer.pk] = block.words
    return found
