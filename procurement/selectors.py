"""Reading what a plan needs. Each function is one or two queries, whatever the number of items."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import NamedTuple

import numpy as np
from django.db.models import Exists, F, FloatField, OuterRef, Q, QuerySet, Sum
from django.db.models.functions import Cast
from django.utils import timezone
from numpy.typing import NDArray

from orders.models import PurchaseOrderLine, Site, Status
from orders.selectors import scheduled_receipts
from procurement.models import CustomerOrderLine, DailyDemand, PlanRun, Requirement, StockLevel
from suppliers.models import PriceTier, Product, Supplier, SupplierProduct

READ_AT_ONCE = 20_000
ZERO = Decimal(0)


def plans_running() -> QuerySet[PlanRun]:
    """Those that still give signs of life; a dead one is taken over by the next."""
    return PlanRun.objects.filter(status=PlanRun.Status.RUNNING, lease_until__gt=timezone.now())


class ItemRow(NamedTuple):
    pk: int
    sku: str
    unit: str


def items_planned(*, site: Site) -> list[ItemRow]:
    """Active products that the site has stock of, demand for or open customer orders on; ordered by id."""
    stock = StockLevel.objects.filter(site=site, product=OuterRef("pk"))
    demand = DailyDemand.objects.filter(site=site, product=OuterRef("pk"))
    waiting = CustomerOrderLine.objects.filter(order__site=site, order__open=True, product=OuterRef("pk"))
    products = Product.objects.filter(Exists(stock) | Exists(demand) | Exists(waiting), active=True)
    rows = products.order_by("pk").values_list("pk", "sku", "unit")
    return [ItemRow(*row) for row in rows.iterator(READ_AT_ONCE)]


@dataclass(frozen=True, slots=True)
class InventoryPosition:
    on_hand: Decimal
    on_order: Decimal
    committed: Decimal

    @property
    def available(self) -> Decimal:
        return self.on_hand + self.on_order - self.committed


def inventory_position(
    *, site: Site, products: range | None = None, on_order: Mapping[int, Decimal] | None = None
) -> dict[int, InventoryPosition]:
    """By product id, of every product with stock, open orders or scheduled receipts; `products` limits the ids.

    `on_order`: the scheduled receipts, where the caller has read them already.
    """
    within = Q() if products is None else Q(product__gte=products.start, product__lt=products.stop)
    stock = StockLevel.objects.filter(within, site=site).values_list("product", "on_hand")
    on_hand: dict[int, Decimal] = dict(stock.order_by().iterator(READ_AT_ONCE))
    lines = CustomerOrderLine.objects.filter(within, order__site=site, order__open=True)
    waiting = lines.order_by().values("product").annotate(left=Sum(F("quantity") - F("shipped_quantity")))
    committed: dict[int, Decimal] = dict(waiting.values_list("product", "left"))
    expected = {
        product: quantity
        for product, quantity in (scheduled_receipts(site=site) if on_order is None else on_order).items()
        if products is None or product in products
    }
    return {
        product: InventoryPosition(
            on_hand.get(product, ZERO), expected.get(product, ZERO), max(ZERO, committed.get(product, ZERO))
        )
        for product in on_hand.keys() | committed.keys() | expected.keys()
    }


def demand_matrix(*, site: Site, products: Sequence[int], as_of: date, days: int) -> NDArray[np.float32]:
    """Demand a day, one row a product in the order given (ascending), the last column the day before `as_of`."""
    matrix = np.zeros((len(products), days), dtype=np.float32)
    if not products:
        return matrix
    first = as_of - timedelta(days=days)
    row_of = {product: row for row, product in enumerate(products)}
    column_of = {first + timedelta(days=column): column for column in range(days)}
    demand = DailyDemand.objects.filter(
        site=site,
        product__gte=products[0],
        product__lte=products[-1],
        date__gte=first,
        date__lt=as_of,
    ).annotate(amount=Cast("quantity", FloatField()))  # no Decimal a row: the engine computes in floats
    for product, day, amount in (
        demand.order_by().values_list("product", "date", "amount").iterator(READ_AT_ONCE)
    ):
        row = row_of.get(product)
        if row is not None:
            matrix[row, column_of[day]] = amount
    return matrix


class OfferInForce(NamedTuple):
    pk: int
    product: int
    supplier: int
    supplier_sku: str
    lead_time_days: int
    pack_size: Decimal
    minimum_quantity: Decimal
    stock: Decimal | None
    currency: str
    tiers: list[tuple[Decimal, Decimal]]


def offers_in_force(*, products: range) -> list[OfferInForce]:
    """What active suppliers offer of these products (by id), with the price list in force; no tiers: no price known."""
    prices: dict[int, list[tuple[Decimal, Decimal]]] = defaultdict(list)
    currencies: dict[int, str] = {}
    within = {
        "quote__supplier_product__product__gte": products.start,
        "quote__supplier_product__product__lt": products.stop,
    }
    tiers = PriceTier.objects.filter(quote__superseded_at=None, **within).order_by()
    for offer, currency, start, price in tiers.values_list(
        "quote__supplier_product", "quote__currency", "from_quantity", "unit_price"
    ).iterator(READ_AT_ONCE):
        prices[offer].append((start, price))
        currencies[offer] = currency
    rows = SupplierProduct.objects.filter(
        product__gte=products.start, product__lt=products.stop, active=True, supplier__active=True
    ).order_by()
    return [
        OfferInForce(
            pk, product, supplier, code, usual if lead is None else lead, pack, minimum, stock,
            currencies.get(pk, currency), prices.get(pk, []),
        )
        for pk, product, supplier, code, lead, usual, pack, minimum, stock, currency in rows.values_list(
            "pk", "product", "supplier", "supplier_sku", "lead_time_days", "supplier__lead_time_days",
            "pack_size", "minimum_quantity", "stock_on_offer", "supplier__currency",
        ).iterator(READ_AT_ONCE)
    ]  # fmt: skip


def offers_hot(*, supplier: Supplier, most: int) -> list[SupplierProduct]:
    """What is about to be ordered there: on a draft, or short in the newest plan of a site. Oldest figures first."""
    drafted = PurchaseOrderLine.objects.filter(order__status=Status.DRAFT, supplier_product=OuterRef("pk"))
    newer = PlanRun.objects.filter(
        site=OuterRef("run__site"), status=PlanRun.Status.DONE, pk__gt=OuterRef("run")
    )
    short = Requirement.objects.filter(
        ~Exists(newer), run__status=PlanRun.Status.DONE, net_requirement__gt=0, product=OuterRef("product")
    )
    offers = SupplierProduct.objects.filter(Exists(drafted) | Exists(short), supplier=supplier, active=True)
    return list(offers.order_by(F("stock_as_of").asc(nulls_first=True), "pk")[:most])
