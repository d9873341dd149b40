"""The first step of a plan: what each item needs, whoever delivers it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

import numpy as np

from procurement.engine.data import PlanningData, exact
from procurement.engine.demand import weekly_totals
from procurement.engine.exceptions import PlanException
from procurement.engine.explain import Explainer, at_level
from procurement.engine.forecast import Experience
from procurement.engine.forecast.plugged import Forecaster, forecaster_exceptions, plugged
from procurement.engine.history_exceptions import history_exceptions
from procurement.engine.limits import limits_of
from procurement.engine.lot_sizing import AHEAD_DAYS
from procurement.engine.needs import OfferLevel, Reason
from procurement.engine.params import PlanningParams
from procurement.engine.reference import reference_offers
from procurement.engine.requirements import cases_of, horizons_of
from procurement.engine.service_spread import expected_of, spread
from procurement.engine.stock import inventory_position


@dataclass(frozen=True, slots=True)
class ItemRequirement:
    """What was found for one item, whether or not it led to a line; by the level of its reference offer."""

    item: int  # row in PlanningData
    on_hand: Decimal
    on_order: Decimal
    committed: Decimal
    daily_demand: Decimal
    horizon_days: int
    buffer: Decimal
    order_up_to: Decimal
    net_requirement: Decimal  # above 0: it is due
    shortfall: Decimal  # 0 until it is known who delivers
    reason: Reason
    levels: tuple[OfferLevel, ...] = ()  # of all its offers; only where it is due, or all were asked for
    cell: str = ""  # its class, AX to CZ
    yearly_value: Decimal = Decimal(0)  # of its demand, in the plan's currency
    exceptions: tuple[PlanException, ...] = ()

    @property
    def need_by(self) -> date | None:
        """When it is expected to run out; None where it is not due."""
        told = self.reason.get("need_by")
        return date.fromisoformat(told["date"]) if told else None

    @property
    def position(self) -> Decimal:
        return Decimal(self.reason["stock"]["position"])

    def at(self, level: Reason) -> "ItemRequirement":
        """By another offer's level."""
        reason = at_level(self.reason, level)
        return replace(
            self,
            daily_demand=Decimal(reason["demand"]["daily"]),
            horizon_days=int(reason["demand"]["horizon_days"]),
            buffer=Decimal(reason["buffer"]["quantity"]),
            order_up_to=Decimal(reason["order_up_to"]),
            net_requirement=Decimal(reason["net_requirement"]),
            reason=reason,
        )


def requirements_of(
    data: PlanningData,
    params: PlanningParams,
    experience: Experience,
    forecaster: Forecaster | None = None,
    *,
    every_level: bool = False,
) -> Iterator[ItemRequirement]:
    """First step: what each item needs. Items are independent, so they are computed `chunk_items` at a time.

    `forecaster`: another one than ours; ours is used where it fails. `every_level`: tell the levels of offers also of
    items that are not due.
    """
    for start in range(0, len(data), params.chunk_items):
        stop = min(start + params.chunk_items, len(data))
        yield from _requirements(data.part(start, stop), params, experience, forecaster, start, every_level)


def _requirements(
    data: PlanningData,
    params: PlanningParams,
    experience: Experience,
    forecaster: Forecaster | None,
    first_item: int,
    every_level: bool,
) -> Iterator[ItemRequirement]:
    expected = expected_of(data, experience)
    if params.service_price:
        data = replace(data, policies=spread(data, expected, params, params.service_price))
    if forecaster:
        expected = plugged(
            expected, data.demand, forecaster, horizons_of(data, params), params.forecaster_seconds
        )
    cases = cases_of(data, expected, params)
    level = cases.need.level
    arrival = cases.arrival_days[: len(data.offers)]
    case = reference_offers(data, level[: len(data.offers)], arrival, len(data), params)
    # An item nobody offers has one case, after those of the offers.
    case[cases.item[len(data.offers) :]] = np.arange(len(data.offers), len(cases.item))
    policies, firm = data.policies_or(params), data.firm_orders()
    position = inventory_position(data.on_hand, data.on_order, firm.overdue, policies.reserved)
    due = position < level[case]
    begins = np.searchsorted(data.offers.item, np.arange(len(data) + 1)).tolist()
    beyond = cases.need.beyond[: len(data.offers)]
    limits = limits_of(data, expected, policies, params, beyond, firm.overdue, arrival)
    ahead = expected.total(AHEAD_DAYS) / AHEAD_DAYS if params.order_line_cost else None
    weeks = weekly_totals(data.demand)
    explainer = Explainer(data, cases, params, position, weeks, expected, policies, firm, limits, ahead)
    refused = forecaster_exceptions(expected)
    told = history_exceptions(data.demand, data.planned, data.days.like)
    for item in range(len(data)):
        own = range(begins[item], begins[item + 1]) if due[item] or every_level else ()
        odd = (*data.exceptions.get(data.skus[item], ()), *told.get(item, ()), *refused.get(item, ()))
        yield _requirement(explainer, item, int(case[item]), own, first_item, odd)


def _requirement(
    explainer: Explainer,
    item: int,
    case: int,
    own: Sequence[int],
    first_item: int,
    odd: tuple[PlanException, ...],
) -> ItemRequirement:
    reason = explainer.item(item, case)
    stock = reason["stock"]
    return ItemRequirement(
        item=first_item + item,
        on_hand=Decimal(stock["on_hand"]),
        on_order=Decimal(stock["on_order"]),
        committed=exact(explainer.data.committed[item]),
        daily_demand=Decimal(reason["demand"]["daily"]),
        horizon_days=reason["demand"]["horizon_days"],
        buffer=Decimal(reason["buffer"]["quantity"]),
        order_up_to=Decimal(reason["order_up_to"]),
        net_requirement=Decimal(reason["net_requirement"]),
        shortfall=Decimal(0),
        reason=reason,
        levels=tuple(_level(explainer, k) for k in own),
        cell=explainer.policies.cell[item],
        yearly_value=exact(round(float(explainer.policies.value[item]), 2)),
        exceptions=odd,
    )


def _level(explainer: Explainer, k: int) -> OfferLevel:
    told = explainer.level(k)
    return OfferLevel(int(explainer.data.offers.key[k]), Decimal(told["order_up_to"]), told)
