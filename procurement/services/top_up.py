"""What could be done about a draft that is short of its supplier's limits: the facts for `engine.top_up`.

How soon items are due and how much of them there may be is found as a plan finds it, by the figures of now
(`needs_now`), and everything arrives by both calendars and the lead times learned (`arrivals`).
"""

from collections.abc import Mapping, Sequence
from decimal import ROUND_FLOOR, Decimal

from orders.models import PurchaseOrder, PurchaseOrderLine, Status
from orders.moves import charges_of, moves_of
from procurement.engine.items import ItemRequirement
from procurement.engine.top_up import FARTHEST, Advice, OpenLine, Threshold, advise
from procurement.models import PlanningPolicy
from procurement.selectors import newest_plan
from procurement.services.arrivals import Arrivals, arrivals_of
from procurement.services.needs_now import needs_now
from procurement.services.top_up_elsewhere import elsewhere_for
from procurement.services.top_up_soon import near_products, soon_due
from suppliers.models import Supplier, SupplierProduct

WHY = "Added to reach the supplier's limit; it was due soon anyway."
ZERO = Decimal(0)


def top_up_advice(order: PurchaseOrder) -> list[Advice]:
    """One a limit that the draft is short of: the minimum, free delivery. Empty: nothing to do."""
    if order.status != Status.DRAFT or order.currency != order.supplier.currency:
        return []
    lines = list(order.lines.select_related("product", "supplier_product__supplier"))
    goods = sum((line.total for line in lines), ZERO)
    limits = [limit for limit in _thresholds(order.supplier, goods) if goods < limit.needed]
    if not limits:
        return []
    policy = PlanningPolicy.objects.filter(site=order.site).first() or PlanningPolicy(site=order.site)
    run = newest_plan(site=order.site)
    ordered = {line.product_id for line in lines}
    near = near_products(order, run, ordered) if run else []
    needs = needs_now(run=run, products={*near, *ordered}) if run else {}
    moves = [move for move in moves_of(order) if not move.refused]
    offers = list(
        SupplierProduct.objects.filter(supplier=order.supplier, active=True, product__in=near).select_related(
            "product", "supplier"
        )
    )
    moved = [one.offer for move in moves for one in move.lines]
    known = {offer.pk: offer for offer in (*offers, *moved, *(line.supplier_product for line in lines))}
    arrivals = arrivals_of(site=order.site, offers=list(known.values()), run=run)
    soon = soon_due(order, offers, needs, arrivals)
    open_lines = [_open_line(line, needs, arrivals) for line in lines]
    others = elsewhere_for(order, moves, lines, arrivals)
    found = [
        advise(
            threshold=limit,
            currency=order.currency,
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


def _open_line(line: PurchaseOrderLine, needs: Mapping[int, ItemRequirement], arrivals: Arrivals) -> OpenLine:
    need, lasts, daily = needs.get(line.product_id), FARTHEST, ZERO
    if need and need.daily_demand:
        daily = need.daily_demand
        without = need.position - line.quantity  # the draft counts as on order
        lasts = max(0, int((without / daily).to_integral_value(ROUND_FLOOR)))
    waits: Sequence[int] = range(FARTHEST + 1)
    return OpenLine(
        name=line.description,
        unit_price=line.unit_price,
        daily=daily,
        lasts_days=lasts,
        arrives=[arrivals.days(line.supplier_product, waited=days) for days in waits],
    )
