"""From who delivers to the lines to order, and to what is told of the items they are for."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal

import numpy as np

from procurement.engine.items import ItemRequirement
from procurement.engine.line_exceptions import line_exceptions
from procurement.engine.line_reasons import LineExplainer
from procurement.engine.needs import Needs, OffersNow, Reason, limits_of_levels, needs_of
from procurement.engine.params import PlanningParams
from procurement.engine.sourcing import Choice, Sourced


@dataclass(frozen=True, slots=True)
class PlannedLine:
    item: int  # as in its requirement
    offer_key: int
    supplier: int  # row in the suppliers that were given
    quantity: Decimal
    unit_price: Decimal
    requested_date: date
    reason: Reason


def due_needs(due: Sequence[ItemRequirement], now: OffersNow, params: PlanningParams) -> Needs:
    """What the second step looks at. `now.offers` are those of these items, and only such as have a level."""
    level_of = {level.offer_key: level for found in due for level in found.levels}
    levels = [level_of[key] for key in now.offers.key.tolist()]
    return needs_of(
        skus=[found.reason["sku"] for found in due],
        position=np.array([float(found.position) for found in due], dtype=np.float64),
        order_up_to=np.array([float(found.order_up_to) for found in due], dtype=np.float64),
        level=np.array([float(level.order_up_to) for level in levels], dtype=np.float64),
        limits=limits_of_levels([level.told for level in levels], range(len(levels))),
        arrival_days=np.array([arrival_days(level.told) for level in levels], dtype=np.int64),
        need_by_days=np.array([need_by_days(found.reason) for found in due], dtype=np.float64),
        steady_daily=np.array([steady_daily(level.told) for level in levels], dtype=np.float64),
        now=now,
        params=params,
    )


def arrival_days(level: Reason) -> int:
    """Of what was told of an offer's level."""
    return int(level["demand"]["lead_time_days"])


def steady_daily(level: Reason) -> float:
    """Of what was told of an offer's level: demand a day that may be bought ahead for; 0 where nothing may."""
    told = level["demand"]
    return min(float(told["daily"]), float(told.get("daily_ahead", 0)))


def need_by_days(reason: Reason) -> float:
    """From the day of the plan; inf where stock never runs out."""
    told = reason.get("need_by")
    return (
        (date.fromisoformat(told["date"]) - date.fromisoformat(reason["as_of"])).days
        if told
        else float("inf")
    )


class Settled:
    """What became of due items, in rows and in words, once it is known who delivers."""

    def __init__(self, needs: Needs, params: PlanningParams) -> None:
        self._needs, self._params = needs, params
        self._explain = LineExplainer(needs, params)

    def requirement(self, row: int, found: ItemRequirement, sourced: Sourced) -> ItemRequirement:
        """`row`: of the item in the needs. By the offer that it is planned by at the prices of now."""
        reference = int(self._needs.reference[row])
        key = int(self._needs.offers.key[reference]) if reference >= 0 else None
        told = next((level.told for level in found.levels if level.offer_key == key), None)
        found = found.at(told) if told else found
        shortfall = Decimal(0) if sourced.withheld else sourced.shortfall
        reason = {**found.reason, "shortfall": str(shortfall)}
        if sourced.withheld and sourced.shortfall:
            reason["withheld"] = {"quantity": str(sourced.shortfall), "words": sourced.withheld}
        if sourced.shortfall:
            reason["quotes"] = self._explain.quotes(sourced.quotes)
        odd = line_exceptions(self._needs, self._params, row, found, sourced)
        return replace(found, shortfall=shortfall, reason=reason, exceptions=(*found.exceptions, *odd))

    def line(self, reason: Reason, levels: Mapping[int, Reason], choice: Choice) -> Reason:
        """Why it is bought there. `reason`: the item's; `levels`: by the offer's key, what was told of its level."""
        return self._explain.line(reason, levels, choice)

    def lines(
        self, item: int, reason: Reason, levels: Mapping[int, Reason], choices: Sequence[Choice]
    ) -> Iterator[PlannedLine]:
        """As `line`, of one item."""
        offers = self._needs.offers
        as_of = date.fromisoformat(reason["as_of"])
        for choice in choices:
            k = choice.chosen.offer
            if choice.chosen.unit_price is None:
                raise AssertionError("a quote without a price was chosen")
            yield PlannedLine(
                item=item,
                offer_key=int(offers.key[k]),
                supplier=int(offers.supplier[k]),
                quantity=choice.chosen.quantity,
                unit_price=choice.chosen.unit_price,
                requested_date=as_of + timedelta(days=int(self._needs.arrival_days[k])),
                reason=self.line(reason, levels, choice),
            )
