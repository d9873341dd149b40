"""Service levels that people set for a site's items, by hand or by their class, as a plan of today would find them."""

from collections.abc import Sequence
from decimal import Decimal

import numpy as np
from numpy.typing import NDArray

from orders.models import Site
from procurement.engine.classes import (
    YEAR,
    ClassRules,
    service_levels,
    value_classes,
    value_cuts,
    variation,
    variation_classes,
)
from procurement.engine.data import Floats
from procurement.models import ClassServiceLevel, ItemPolicy, PlanningPolicy

NONE = Decimal("NaN")


def levels_by_hand(
    *,
    site: Site,
    policy: PlanningPolicy,
    products: Sequence[int],
    demand: NDArray[np.floating],
    price: Floats,
) -> Floats:
    """demand (n, T) and price (n,) of `products`; NaN where an item has the site's level. -> (n,)"""
    rules = ClassRules(
        share_a=policy.share_a, share_b=policy.share_b, x_up_to=policy.x_up_to, y_up_to=policy.y_up_to
    )
    value = demand[:, -YEAR:].sum(axis=1, dtype=np.float64) * price
    varies, _ = variation(demand)
    values = value_classes(value, value_cuts(value, rules)).tolist()
    variations = variation_classes(varies, rules).tolist()
    row_of = {pk: row for row, pk in enumerate(products)}
    by_hand = [one for one in ItemPolicy.objects.filter(site=site) if one.product_id in row_of]
    for one in by_hand:
        row = row_of[one.product_id]
        values[row] = one.value_class or values[row]
        variations[row] = one.variation_class or variations[row]
    cells = np.array([first + second for first, second in zip(values, variations, strict=True)], dtype="<U2")
    of_classes = {row.cell: row.service_level for row in ClassServiceLevel.objects.filter(site=site)}
    levels = service_levels(cells, of_classes, NONE)
    for one in by_hand:
        if one.service_level is not None:
            levels[row_of[one.product_id]] = float(one.service_level)
    return levels
