"""Reading what a plan needs. Each function is one or two queries, whatever the number of items."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from typing import Any, NamedTuple, TypeAlias

import numpy as np
from django.db.models import Exists, F, OuterRef, Q, QuerySet, Sum, TextField
from django.db.models.functions import Cast
from django.utils import timezone
from numpy.typing import NDArray

from orders.models import PurchaseOrderLine, Site, Status
from orders.selectors import scheduled_receipts
from procurement.demand_cells import demand_fill
from procurement.models import (
    CustomerOrderLine,
    DailyDemand,
    PlanRun,
    Requirement,
    StockLevel,
    StockReservation,
)
from suppliers.models import PriceTier, Product, Supplier, SupplierProduct
from suppliers.terms_in_force import contract_prices, contracts_in_force

READ_AT_ONCE = 20_000
NEAR_DAYS = 3  # of demand above the level at which an item is ordered
ZERO = Decimal(0)
UNKNOWN: tuple[Decimal, datetime | None, str, int | None] = (ZERO, None, "", None)


def plans_running() -> QuerySet[PlanRun]:
    """Those that still give signs of life; a dead one is taken over by the next."""
    return PlanRun.objects.filter(status=PlanRun.Status.RUNNING, lease_until__gt=timezone.now())


def newest_plan(*, site: Site) -> PlanRun | None:
    """Of all items, that has ended well."""
    done = PlanRun.objects.filter(site=site, kind=PlanRun.Kind.FULL, status=PlanRun.Status.DONE)
    return done.first()


class ItemRow(NamedTuple):
    pk: int
    sku: str
    unit: str


def items_planned(*, site: Site, products: range | Collection[int] | None = None) -> list[ItemRow]:
    """Active products that the site has stock of, demand for or open customer orders on; ordered by id.

    `products` limits the ids.
    """
    stock = StockLevel.objects.filter(site=site, product=OuterRef("pk"))
    demand = DailyDemand.objects.filter(site=site, product=OuterRef("pk"))
    waiting = CustomerOrderLine.objects.filter(order__site=site, order__open=True, product=OuterRef("pk"))
    within = within_products(products, "pk")
    found = Product.objects.filter(within, Exists(stock) | Exists(demand) | Exists(waiting), active=True)
    rows = found.order_by("pk").values_list("pk", "sku", "unit")
    return [ItemRow(*row) for row in rows.iterator(READ_AT_ONCE)]


@dataclass(frozen=True, slots=True)
class InventoryPosition:
    on_hand: Decimal
    on_order: Decimal
    committed: Decimal
    put_aside: Decimal = ZERO
    # Of the stock on hand; where none is known, there is no source either.
    as_of: datetime | None = None
    source: str = ""
    teller: int | None = None

    @property
    def available(self) -> Decimal:
        return self.on_hand + self.on_order - self.committed - self.put_aside


def inventory_position(
    *,
    site: Site,
    products: range | Collection[int] | None = None,
    on_order: Mapping[int, Decimal] | None = None,
) -> dict[int, InventoryPosition]:
    """By product id, of every product with stock, open orders, scheduled receipts or stock put aside; `products` limits
    the ids.

    `on_order`: the scheduled receipts, where the caller has read them already.
    """
    within = within_products(products)
    stock = StockLevel.objects.filter(within, site=site).order_by()
    known = {
        product: (on_hand, as_of, source, teller)
        for product, on_hand, as_of, source, teller in stock.values_list(
            "product", "on_hand", "as_of", "source", "teller"
        ).iterator(READ_AT_ONCE)
    }
    lines = CustomerOrderLine.objects.filter(within, order__site=site, order__open=True)
    waiting = lines.order_by().values("product").annotate(left=Sum(F("quantity") - F("shipped_quantity")))
    committed: dict[int, Decimal] = dict(waiting.values_list("product", "left"))
    expected = {
        product: quantity
        for product, quantity in (scheduled_receipts(site=site) if on_order is None else on_order).items()
        if products is None or product in products
    }
    held = StockReservation.objects.filter(reservations(site=site), within).order_by().values("product")
    aside: dict[int, Decimal] = dict(held.annotate(held=Sum("quantity")).values_list("product", "held"))
    found = {}
    for product in known.keys() | committed.keys() | expected.keys() | aside.keys():
        on_hand, as_of, source, teller = known.get(product, UNKNOWN)
        promised = max(ZERO, committed.get(product, ZERO))
        found[product] = InventoryPosition(
            on_hand, expected.get(product, ZERO), promised, aside.get(product, ZERO), as_of, source, teller
        )
    return found


def reservations(*, site: Site) -> Q:
    """Those that hold today."""
    return Q(site=site) & (Q(until=None) | Q(until__gte=timezone.localdate()))


Products: TypeAlias = range | Collection[int] | QuerySet[Any]  # ids; a query that gives them


def within_products(products: Products | None, field: str = "product") -> Q:
    if products is None:
        return Q()
    if isinstance(products, range):
        return Q((f"{field}__gte", products.start), (f"{field}__lt", products.stop))
    return Q((f"{field}__in", products))


def items_at(*, site: Site) -> QuerySet[Product]:
    """Active products that the site has stock of, open customer orders on, or goods on order of; ordered by id."""
    here = Q(order__site=site) | Q(shares__site=site)
    asked = PurchaseOrderLine.objects.filter(here, product=OuterRef("pk"))
    stock = StockLevel.objects.filter(site=site, product=OuterRef("pk"))
    waiting = CustomerOrderLine.objects.filter(order__site=site, order__open=True, product=OuterRef("pk"))
    open_orders = asked.exclude(order__status__in=(Status.REJECTED, Status.CANCELLED))
    found = Product.objects.filter(Exists(stock) | Exists(waiting) | Exists(open_orders), active=True)
    return found.order_by("pk")


def demand_matrix(*, site: Site, products: Sequence[int], as_of: date, days: int) -> NDArray[np.float32]:
    """Demand a day, one row a product in the order given (ascending), the last column the day before `as_of`."""
    matrix = np.zeros((len(products), days), dtype=np.float32)
    if not products:
        return matrix
    first = as_of - timedelta(days=days)
    demand_fill(matrix, site=site, products=products, first=first, end=as_of)
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
    stock_as_of: datetime | None
    currency: str
    tiers: list[tuple[Decimal, Decimal]]
    price_as_of: datetime | None = None  # when the supplier, or a file, last told it
    incremental: bool = False  # tiers
    contract: str = ""  # whose price it is, in words; empty: of the price list


def offers_in_force(*, products: Products) -> list[OfferInForce]:
    """What active suppliers offer of these products (by id), at the price agreed by contract, else with the price list
    in force; no tiers: no price known.
    """
    prices: dict[int, list[tuple[Decimal, Decimal]]] = defaultdict(list)
    currencies: dict[int, str] = {}
    within = within_products(products, "quote__supplier_product__product")
    tiers = PriceTier.objects.filter(within, quote__superseded_at=None).order_by()
    told: dict[int, datetime] = {}
    incremental: set[int] = set()
    for offer, currency, start, price, at, by_steps in tiers.values_list(
        "quote__supplier_product", "quote__currency", "from_quantity", "unit_price", _told("quote__fetched_at"),
        "quote__incremental",
    ).iterator(READ_AT_ONCE):  # fmt: skip
        prices[offer].append((start, price))
        currencies[offer], told[offer] = currency, _moment(at)
        if by_steps:
            incremental.add(offer)
    agreed = contracts_in_force(
        day=timezone.localdate(), within=within_products(products, "supplier_product__product")
    )
    contracts: dict[int, str] = {}
    for offer, item in agreed.items():
        if (by_contract := contract_prices(item)) is not None:
            prices[offer], currencies[offer] = list(by_contract.tiers), by_contract.currency
            told[offer] = item.entered_at
            contracts[offer] = by_contract.contract
            incremental.discard(offer)
    rows = SupplierProduct.objects.filter(
        within_products(products), active=True, supplier__active=True
    ).order_by()
    return [
        OfferInForce(
            pk, product, supplier, code, usual if lead is None else lead, pack, minimum, stock,
            _moment(stock_as_of) if stock_as_of else None,
            currencies.get(pk, currency), prices.get(pk, []),
            max(filter(None, (checked and _moment(checked), told.get(pk))), default=None),
            pk in incremental, contracts.get(pk, ""),
        )
        for pk, product, supplier, code, lead, usual, pack, minimum, stock, stock_as_of, currency, checked
        in rows.values_list(
            "pk", "product", "supplier", "supplier_sku", "lead_time_days", "supplier__lead_time_days",
            "pack_size", "minimum_quantity", "stock_on_offer", _told("stock_as_of"), "supplier__currency",
            _told("prices_checked_at"),
        ).iterator(READ_AT_ONCE)
    ]  # fmt: skip


def _told(name: str) -> Cast:
    """A time as text: many offers are told at the same moment, which need be read but once."""
    return Cast(name, TextField())


@lru_cache(maxsize=4_096)
def _moment(told: str) -> datetime:
    at = datetime.fromisoformat(told)
    return at if at.tzinfo else at.replace(tzinfo=UTC)  # SQLite keeps UTC and does not say so


def offers_hot(*, supplier: Supplier, most: int) -> list[SupplierProduct]:
    """What is about to be ordered there: on a draft, or in the newest plan of a site short, or so near its reorder
    point that it may be within `NEAR_DAYS`. Oldest figures first.
    """
    drafted = PurchaseOrderLine.objects.filter(order__status=Status.DRAFT, supplier_product=OuterRef("pk"))
    newer = PlanRun.objects.filter(
        site=OuterRef("run__site"),
        status=PlanRun.Status.DONE,
        kind=PlanRun.Kind.FULL,
        pk__gt=OuterRef("run"),
    )
    lasts_until_then = F("order_up_to") + NEAR_DAYS * F("daily_demand")
    near = Requirement.objects.filter(
        ~Exists(newer), run__status=PlanRun.Status.DONE, product=OuterRef("product")
    ).filter(Q(net_requirement__gt=0) | Q(position__lt=lasts_until_then, daily_demand__gt=0))
    offers = SupplierProduct.objects.filter(Exists(drafted) | Exists(near), supplier=supplier, active=True)
    return list(offers.order_by(F("stock_as_of").asc(nulls_first=True), "pk")[:most])
