"""What could be done about a draft that is short of its supplier's limits: the facts for `engine.top_up`.

How soon items are due comes from the newest plan of the site: its levels and demand, and the stock of now.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from decimal import ROUND_FLOOR, Decimal

from django.db.models import F, Q, Sum
from django.utils import timezone

from orders.models import PurchaseOrder, PurchaseOrderLine, Status
from orders.policy import delivery_fee, minimum_surcharge
from orders.selectors import open_on_offer
from procurement.engine.top_up import FARTHEST, Advice, OpenLine, SoonDue, Threshold, advise
from procurement.models import ItemPolicy, PlanningPolicy, PlanRun, Requirement, StockReservation
from procurement.selectors import InventoryPosition, inventory_position, newest_plan
from procurement.services.firm_orders import orders_ahead
from procurement.services.top_up_elsewhere import cheapest_elsewhere, elsewhere_for
from suppliers.models import Supplier, SupplierProduct
from suppliers.packing import pack_down, pack_up
from suppliers.prices import unit_price
from suppliers.terms_in_force import PriceList, blocks, price_lists

CANDIDATES = 20
WHY = "Added to reach the supplier's limit; it was due soon anyway."
LOOKED_AT = 200
READ = 2_000
ZERO = Decimal(0)


def charges_of(supplier: Supplier, goods: Decimal) -> Decimal:
    """Delivery and surcharge of an order of goods worth so much."""
    fee = delivery_fee(goods, fee=supplier.delivery_fee, free_from=supplier.free_delivery_from)
    surcharge = supplier.below_minimum_surcharge
    return fee + minimum_surcharge(goods, minimum=supplier.minimum_order_value, surcharge=surcharge)


def top_up_advice(order: PurchaseOrder) -> list[Advice]:
    """One a limit that the draft is short of: the minimum, free delivery. Empty: nothing to do."""
    if order.status != Status.DRAFT or order.currency != order.supplier.currency:
        return []
    lines = list(order.lines.select_related("product", "supplier_product"))
    goods = sum((line.total for line in lines), ZERO)
    limits = [limit for limit in _thresholds(order.supplier, goods) if goods < limit.needed]
    if not limits:
        return []
    policy = PlanningPolicy.objects.filter(site=order.site).first() or PlanningPolicy(site=order.site)
    run = newest_plan(site=order.site)
    soon = _soon(order, run, policy, {line.product_id for line in lines}) if run else []
    open_lines = _open_lines(order, run, lines) if run else []
    others = elsewhere_for(order, lines, charges_of)
    found = [
        advise(
            threshold=limit,
            goods=goods,
            charges=charges_of(order.supplier, goods),
            soon=soon,
            lines=open_lines,
            elsewhere=others,
            rate=policy.holding_cost_percent / 100,
        )
        for limit in limits
    ]
    return [advice for advice in found if advice]


def _thresholds(supplier: Supplier, goods: Decimal) -> list[Threshold]:
    minimum, free = supplier.minimum_order_value, supplier.free_delivery_from
    refused = supplier.below_minimum_surcharge is None
    now = charges_of(supplier, goods)
    found = []
    if minimum:
        saves = now - charges_of(supplier, minimum)
        found.append(Threshold(words="the minimum order", needed=minimum, saves=saves, refused=refused))
    if free and supplier.delivery_fee and free > minimum:
        saves = now - charges_of(supplier, free)
        found.append(Threshold(words="free delivery", needed=free, saves=saves))
    return found


def _available(order: PurchaseOrder, products: Collection[int]) -> dict[int, Decimal]:
    """The position as a plan counts it: on hand and on order, less what should have left already or is put aside.

    Customers' orders with days to come are a part of the demand expected: they are not taken off a second time.
    """
    position = inventory_position(site=order.site, products=products)
    ahead = orders_ahead(site=order.site, products=products, day=timezone.localdate())
    valid = Q(until=None) | Q(until__gte=timezone.localdate())
    kept = StockReservation.objects.filter(valid, site=order.site, product__in=products).order_by()
    aside = dict(kept.values("product").annotate(sum=Sum("quantity")).values_list("product", "sum"))
    nowhere = InventoryPosition(ZERO, ZERO, ZERO)
    return {
        product: position.get(product, nowhere).available
        + ahead.get(product, ZERO)
        - aside.get(product, ZERO)
        for product in products
    }


def days_until_due(need: Requirement, position: Decimal) -> int:
    """At the demand of the plan; 0: it is due."""
    above = position - need.order_up_to
    return max(0, int(above / need.daily_demand)) if above > 0 else 0


def _soon(order: PurchaseOrder, run: PlanRun, policy: PlanningPolicy, ordered: set[int]) -> Sequence[SoonDue]:
    """What the supplier offers, is cheapest for, and is due within a month, nearest first."""
    above = F("position") - F("order_up_to")  # as it was at the plan
    needs = (
        Requirement.objects.alias(above=above)
        .filter(
            run=run,
            daily_demand__gt=0,
            above__lte=F("daily_demand") * 2 * FARTHEST,
            product__active=True,
            product__offers__supplier=order.supplier,
            product__offers__active=True,
        )
        .exclude(product__in=ordered)
    )
    by_product = {
        need.product_id: need
        for need in needs.order_by(F("above") / F("daily_demand"), "pk").defer("reason")[:READ]
    }
    available = _available(order, by_product)
    days = {product: days_until_due(need, available[product]) for product, need in by_product.items()}
    near = sorted((product for product in days if days[product] <= FARTHEST), key=days.__getitem__)
    by_product = {product: by_product[product] for product in near[:LOOKED_AT]}
    batch_days = int(run.parameters.get("review_period_days") or policy.review_period_days)
    found = list(_offered(order, by_product, available, days, policy, batch_days))
    elsewhere = cheapest_elsewhere({offer.product_id: _usual(soon) for offer, soon in found}, order)
    own = [soon for offer, soon in found if not _dearer(soon, elsewhere.get(offer.product_id))]
    return own[:CANDIDATES]


def _offered(
    order: PurchaseOrder,
    needs: Mapping[int, Requirement],
    available: Mapping[int, Decimal],
    days: Mapping[int, int],
    policy: PlanningPolicy,
    batch_days: int,
) -> Iterator[tuple[SupplierProduct, SoonDue]]:
    """What can be had of it at all, nearest first."""
    rows = SupplierProduct.objects.filter(supplier=order.supplier, active=True, product__in=needs)
    offers = sorted(rows.select_related("product"), key=lambda o: (days[o.product_id], o.product.name))
    today = timezone.localdate()
    blocked = blocks(offers, day=today)
    prices = price_lists([offer.pk for offer in offers], day=today)
    rules = {rule.product_id: rule for rule in ItemPolicy.objects.filter(site=order.site, product__in=needs)}
    asked = open_on_offer()
    for offer in offers:
        told, product = prices.get(offer.pk), offer.product_id
        if offer.pk in blocked or told is None or told.currency != order.currency:
            continue
        room = _room(offer, needs[product], available[product], policy, rules.get(product))
        if offer.stock_on_offer is not None:
            room = min(room, offer.stock_on_offer - asked.get(offer.pk, ZERO))
        soon = _soon_due(offer, needs[product], told, days[product], batch_days, room)
        if soon.most > 0:
            yield offer, soon


def _soon_due(
    offer: SupplierProduct, need: Requirement, told: PriceList, days: int, batch_days: int, room: Decimal
) -> SoonDue:
    return SoonDue(
        key=offer.pk,
        name=offer.product.name,
        days=days,
        batch=need.daily_demand * batch_days,
        cycle_days=batch_days,
        tiers=told.tiers,
        incremental=told.incremental,
        pack_size=offer.pack_size,
        minimum=offer.minimum_quantity,
        most=pack_down(max(ZERO, room), pack_size=offer.pack_size, minimum=offer.minimum_quantity),
    )


def _room(
    offer: SupplierProduct,
    need: Requirement,
    available: Decimal,
    policy: PlanningPolicy,
    rule: ItemPolicy | None,
) -> Decimal:
    """How much more of it may lie here: a month's demand, and what cover, shelf life and its place allow."""
    stock = max(ZERO, available)
    cover = (rule.maximum_cover_days if rule else None) or policy.maximum_cover_days
    life = offer.shelf_life_days or offer.product.shelf_life_days
    rooms = [need.daily_demand * FARTHEST]
    rooms += [need.daily_demand * days - stock for days in (cover, life) if days]
    if rule and rule.maximum_stock is not None:
        rooms.append(rule.maximum_stock - stock)
    return min(rooms)


def _usual(soon: SoonDue) -> Decimal:
    packed = pack_up(soon.batch, pack_size=soon.pack_size, minimum=soon.minimum).quantity
    return min(packed, soon.most)


def _dearer(soon: SoonDue, elsewhere: Decimal | None) -> bool:
    """Whether somebody else asks less for the usual batch: then topping up with it would cost that, too."""
    here = unit_price(soon.tiers, _usual(soon), incremental=soon.incremental)
    return elsewhere is not None and elsewhere < here


def _open_lines(order: PurchaseOrder, run: PlanRun, lines: Sequence[PurchaseOrderLine]) -> Sequence[OpenLine]:
    products = {line.product_id for line in lines}
    demand: Mapping[int, Decimal] = dict(
        Requirement.objects.filter(run=run, product__in=products).values_list("product", "daily_demand")
    )
    available = _available(order, products)
    found = []
    for line in lines:
        daily = demand.get(line.product_id, ZERO)
        without = available[line.product_id] - line.quantity
        lead = line.supplier_product.lead_time_days
        found.append(
            OpenLine(
                name=line.description,
                unit_price=line.unit_price,
                daily=daily,
                lasts_days=max(0, int((without / daily).to_integral_value(ROUND_FLOOR)))
                if daily
                else FARTHEST,
                lead_days=order.supplier.lead_time_days if lead is None else lead,
            )
        )
    return found
