"""What a plan reads of people's decisions about items: classes and their service levels, limits, what is put aside."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import numpy as np
from django.db.models import Q, Sum
from numpy.typing import NDArray

from procurement.engine.classes import (
    YEAR,
    ClassRules,
    ValueCuts,
    service_levels,
    value_classes,
    variation,
    variation_classes,
)
from procurement.engine.data import Floats, Offers
from procurement.engine.item_policies import ItemPolicies
from procurement.models import ClassServiceLevel, ItemPolicy, PlanningPolicy, PlanRun, StockReservation
from procurement.selectors import ItemRow, reservations
from procurement.services.class_values import price_known
from suppliers.models import Product, SupplierProduct
from suppliers.selectors import RatesKnown

WITHOUT_LIMIT = float("inf")


@dataclass(frozen=True, slots=True)
class SiteRules:
    """As they were when the run began; they stand in its parameters."""

    service_level: Decimal
    classes: ClassRules
    levels: dict[str, Decimal]  # by class
    cuts: ValueCuts
    maximum_cover_days: int | None


def rules_told(policy: PlanningPolicy) -> dict[str, Any]:
    levels = ClassServiceLevel.objects.filter(site=policy.site_id)
    return {
        "class_limits": [
            str(one) for one in (policy.share_a, policy.share_b, policy.x_up_to, policy.y_up_to)
        ],
        "class_levels": {row.cell: str(row.service_level) for row in levels},
        "maximum_cover_days": policy.maximum_cover_days,
        "buffer_spread": policy.buffer_spread,
        "shelf_life_certainty": str(policy.shelf_life_certainty),
        "order_line_cost": None if policy.order_line_cost is None else str(policy.order_line_cost),
        "holding_cost_percent": str(policy.holding_cost_percent),
    }


def class_rules(parameters: dict[str, Any]) -> ClassRules:
    if not (told := parameters.get("class_limits")):
        return ClassRules()
    share_a, share_b, x_up_to, y_up_to = map(Decimal, told)
    return ClassRules(share_a=share_a, share_b=share_b, x_up_to=x_up_to, y_up_to=y_up_to)


def rules_of(run: PlanRun) -> SiteRules:
    known = run.parameters
    cuts = known.get("class_cuts") or [None, None]
    a_from, b_from = (WITHOUT_LIMIT if cut is None else float(cut) for cut in cuts)
    return SiteRules(
        service_level=Decimal(known["service_level"]),
        classes=class_rules(known),
        levels={cell: Decimal(level) for cell, level in known.get("class_levels", {}).items()},
        cuts=ValueCuts(a_from, b_from),
        maximum_cover_days=known.get("maximum_cover_days"),
    )


def item_policies(
    run: PlanRun,
    items: Sequence[ItemRow],
    within: Q,
    demand: NDArray[np.floating],
    offers: Offers,
    rates: RatesKnown,
) -> ItemPolicies:
    """Of these items, in this order. `within`: the same ones, by product."""
    rules = rules_of(run)
    value = demand[:, -YEAR:].sum(axis=1, dtype=np.float64) * price_known(offers, len(items), rates)
    varies, _ = variation(demand)
    letters = [value_classes(value, rules.cuts).tolist(), variation_classes(varies, rules.classes).tolist()]
    by_hand = {
        row.product_id: row for row in ItemPolicy.objects.filter(within, site=run.site).select_related("by")
    }
    set_words = [""] * len(items)
    for at, item in enumerate(items):
        if row := by_hand.get(item.pk):
            letters[0][at] = row.value_class or letters[0][at]
            letters[1][at] = row.variation_class or letters[1][at]
            set_words[at] = row.value_class + row.variation_class
    cells = np.array([first + second for first, second in zip(*letters, strict=True)], dtype="<U2")
    level = service_levels(cells, rules.levels, rules.service_level)
    why = [f"class {cell}" if cell in rules.levels else "" for cell in cells.tolist()]
    for at, item in enumerate(items):
        if (row := by_hand.get(item.pk)) and row.service_level is not None:
            level[at], why[at] = float(row.service_level), _by_hand(row)
    return ItemPolicies(
        service_level=level,
        cell=tuple(cells.tolist()),
        why=tuple(why),
        class_by_hand=tuple(set_words),
        value=np.round(value, 2),
        variation=varies,
        reserved=_reserved(run, items, within),
        presentation=_of(by_hand, items, "presentation_stock", 0.0),
        shelf_life_days=_shelf_life(items, within),
        maximum_stock=_of(by_hand, items, "maximum_stock", WITHOUT_LIMIT),
        maximum_cover_days=_of(
            by_hand, items, "maximum_cover_days", rules.maximum_cover_days or WITHOUT_LIMIT
        ),
        offered_shelf_life={
            key: days
            for key, days in SupplierProduct.objects.filter(
                within, shelf_life_days__isnull=False
            ).values_list("pk", "shelf_life_days")
            if days is not None
        },
    )


def _by_hand(row: ItemPolicy) -> str:
    who = row.by.get_username() if row.by else "somebody"
    return f"set by {who}{f': {row.why}' if row.why else ''}"


def _of(rows: dict[int, ItemPolicy], items: Sequence[ItemRow], name: str, otherwise: float) -> Floats:
    found = np.full(len(items), otherwise)
    for at, item in enumerate(items):
        value = getattr(rows[item.pk], name) if item.pk in rows else None
        if value is not None:
            found[at] = float(value)
    return found


def _spread(values: dict[int, Any], items: Sequence[ItemRow], otherwise: float) -> Floats:
    return np.array([float(values.get(item.pk, otherwise)) for item in items], dtype=np.float64)


def _reserved(run: PlanRun, items: Sequence[ItemRow], within: Q) -> Floats:
    held = StockReservation.objects.filter(reservations(site=run.site), within).order_by().values("product")
    return _spread(dict(held.annotate(all=Sum("quantity")).values_list("product", "all")), items, 0.0)


def _shelf_life(items: Sequence[ItemRow], within: Q) -> Floats:
    ids: Collection[int] = [item.pk for item in items]
    spoils = Product.objects.filter(shelf_life_days__isnull=False, pk__gte=min(ids), pk__lte=max(ids))
    return _spread(dict(spoils.values_list("pk", "shelf_life_days")), items, WITHOUT_LIMIT)
