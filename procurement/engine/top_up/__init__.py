"""What to do about an order that is short of its supplier's minimum, or of free delivery: three ways, each in money.

*Add* what is needed anyway soon: it lies here earlier, which costs holding. *Wait* until enough is due by itself: what
runs out meanwhile is missed. *Move* the lines to another supplier: goods and delivery cost something else there. All
money is in the supplier's currency, and `net` is what is gained against leaving the order as it is.

    holding cost = sum over the units added: price * holding rate a year * days earlier / 365

A unit would be bought on the day its item is due, `days` from now; with the usual `batch` every so often, the
(k + 1)-th batch `cycle_days` * k later: Silver, Pyke & Thomas, Inventory and Production Management, ch. 10 (coordinated
replenishment). With calendars it would arrive `earlier` days after what is ordered now, which may be another number.
"""

from collections.abc import Sequence
from decimal import Decimal

from procurement.engine.top_up.adding import add
from procurement.engine.top_up.adding import holding_cost as holding_cost
from procurement.engine.top_up.adding import least_worth as least_worth
from procurement.engine.top_up.facts import FARTHEST as FARTHEST
from procurement.engine.top_up.facts import Added as Added
from procurement.engine.top_up.facts import Advice, Elsewhere, OpenLine, SoonDue, Threshold
from procurement.engine.top_up.facts import MovedLine as MovedLine
from procurement.engine.top_up.facts import Way as Way
from procurement.engine.top_up.later import move, wait


def advise(
    *,
    threshold: Threshold,
    currency: str,
    goods: Decimal,
    charges: Decimal,
    soon: Sequence[SoonDue],
    lines: Sequence[OpenLine],
    elsewhere: Sequence[Elsewhere],
    rate: Decimal,
) -> Advice | None:
    """None where the order is not short. goods, charges: of the order as it is; rate: holding cost, a share a year."""
    short = threshold.needed - goods
    if short <= 0:
        return None
    found = (
        add(threshold, short, soon, rate, currency),
        wait(threshold, short, soon, lines, currency),
        move(goods + charges, lines, elsewhere, currency),
    )
    ways = sorted((way for way in found if way), key=lambda way: (-way.net, way.kind))
    return Advice(
        threshold=threshold, short=short, currency=currency, goods=goods, charges=charges, ways=tuple(ways)
    )
