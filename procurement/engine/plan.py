"""plan(data, params) -> Plan: the one place that wires the parts."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal

import numpy as np

from procurement.engine.data import Offers, PlanningData, exact
from procurement.engine.demand import weekly_totals
from procurement.engine.explain import Explainer, Reason
from procurement.engine.forecast import Experience, Weeks, experience_of, forecast
from procurement.engine.params import PlanningParams
from procurement.engine.requirements import cases_of
from procurement.engine.sourcing import Sourced, Sourcing, reference_offers
from procurement.engine.stock import inventory_position


@dataclass(frozen=True, slots=True)
class PlannedLine:
    item: int  # row in PlanningData
    offer_key: int
    supplier: int  # row in PlanningData.suppliers
    quantity: Decimal
    unit_price: Decimal
    requested_date: date
    reason: Reason


@dataclass(frozen=True, slots=True)
class ItemRequirement:
    """What was found for one item, whether or not it led to a line; by the level of its reference offer."""

    item: int
    on_hand: Decimal
    on_order: Decimal
    committed: Decimal
    daily_demand: Decimal
    horizon_days: int
    buffer: Decimal
    order_up_to: Decimal
    net_requirement: Decimal
    shortfall: Decimal
    reason: Reason


@dataclass(frozen=True, slots=True)
class Plan:
    requirements: tuple[ItemRequirement, ...]  # one an item, in the data's order
    lines: tuple[PlannedLine, ...]


def plan(
    data: PlanningData,
    params: PlanningParams,
    *,
    experience: Experience | None = None,
    progress: Callable[[int], None] = lambda done: None,
) -> Plan:
    """What to order now. Items are independent of each other, so they are computed `chunk_items` at a time.

    `experience`: what was learned from all items, where `data` is only a part of them; else it is learned from them.
    `progress` is called with the number of items done.
    """
    experience = experience or experience_of(data.demand)
    requirements: list[ItemRequirement] = []
    lines: list[PlannedLine] = []
    for start in range(0, len(data), params.chunk_items):
        stop = min(start + params.chunk_items, len(data))
        _plan_chunk(_rows(data, start, stop), params, experience, start, requirements, lines)
        progress(stop)
    return Plan(tuple(requirements), tuple(lines))


def _plan_chunk(
    data: PlanningData,
    params: PlanningParams,
    experience: Experience,
    first_item: int,
    requirements: list[ItemRequirement],
    lines: list[PlannedLine],
) -> None:
    expected = forecast(Weeks.of(data.demand, closed=experience.closed), experience)
    cases = cases_of(data, expected, params)
    reference = reference_offers(data, cases, params)
    position = inventory_position(data.on_hand, data.on_order, data.committed)
    # An item nobody offers has one case, after those of the offers.
    case = reference.copy()
    case[cases.item[len(data.offers) :]] = np.arange(len(data.offers), len(cases.item))
    due = position < cases.need.level[case]
    begins = np.searchsorted(data.offers.item, np.arange(len(data) + 1))
    sourcing = Sourcing(data, cases, params)
    explainer = Explainer(data, cases, params, position, weekly_totals(data.demand), expected)

    for item in range(len(data)):
        own = range(int(begins[item]), int(begins[item + 1]))
        sourced = None
        if due[item]:
            sourced = sourcing.source(own, int(case[item]), exact(position[item]))
            for choice in sourced.choices:
                k = choice.chosen.offer
                if choice.chosen.unit_price is None:
                    raise AssertionError("a quote without a price was chosen")
                lines.append(
                    PlannedLine(
                        item=first_item + item,
                        offer_key=int(data.offers.key[k]),
                        supplier=int(data.offers.supplier[k]),
                        quantity=choice.chosen.quantity,
                        unit_price=choice.chosen.unit_price,
                        requested_date=data.as_of + timedelta(days=int(data.offers.lead_time_days[k])),
                        reason=explainer.line(item, choice),
                    )
                )
        requirements.append(_requirement(explainer, item, int(case[item]), first_item, sourced))


def _requirement(
    explainer: Explainer, item: int, case: int, first_item: int, sourced: Sourced | None
) -> ItemRequirement:
    data, need = explainer.data, explainer.cases.need
    reason = explainer.item(item, case)
    if sourced:
        reason["shortfall"] = str(sourced.shortfall)
        if sourced.shortfall:
            reason["quotes"] = explainer.quotes(sourced.quotes)
    return ItemRequirement(
        item=first_item + item,
        on_hand=exact(data.on_hand[item]),
        on_order=exact(data.on_order[item]),
        committed=exact(data.committed[item]),
        daily_demand=exact(need.daily[case]),
        horizon_days=int(explainer.cases.horizon_days[case]),
        buffer=exact(need.buffer[case]),
        order_up_to=exact(need.level[case]),
        net_requirement=Decimal(reason["net_requirement"]),
        shortfall=sourced.shortfall if sourced else Decimal(0),
        reason=reason,
    )


def _rows(data: PlanningData, start: int, stop: int) -> PlanningData:
    """The items start..stop-1 with their offers, numbered from 0."""
    a, b = np.searchsorted(data.offers.item, [start, stop])
    own = data.offers
    offers = Offers(
        item=own.item[a:b] - start,
        key=own.key[a:b],
        supplier=own.supplier[a:b],
        supplier_sku=own.supplier_sku[a:b],
        lead_time_days=own.lead_time_days[a:b],
        pack_size=own.pack_size[a:b],
        minimum_quantity=own.minimum_quantity[a:b],
        stock=own.stock[a:b],
        asked=own.asked[a:b],
        currency=own.currency[a:b],
        tier_from=own.tier_from[a:b],
        tier_price=own.tier_price[a:b],
    )
    rows = slice(start, stop)
    return replace(
        data,
        skus=data.skus[rows],
        units=data.units[rows],
        demand=data.demand[rows],
        on_hand=data.on_hand[rows],
        on_order=data.on_order[rows],
        committed=data.committed[rows],
        offers=offers,
    )
