"""Why a line is proposed, as data a page can show and a person can check. Every number is a string, so that
nothing is lost in JSON; the numbers add up:

    position        = on_hand + on_order - committed - reserved (where there is any)
    forecast        = daily * horizon_days             horizon_days = lead_time_days + review_period_days
    order_up_to     = forecast + firm.beyond (where there is any) + buffer
    net_requirement = max(0, order_up_to - position - ordered_before)
    quantity        = the end of the last rounding step, or net_requirement where there is none

Shape of a line's reason:

    {"as_of": "2026-11-22", "sku": "20725", "unit": "C62",
     "demand": {"daily": "3.2", "weeks": ["21", ...], "horizon_days": 9, "lead_time_days": 2,
                "review_period_days": 7, "covers": "alderbrook", "method": "levels",
                "error_against_naive": "0.82"},
     "forecast": "28.8",
     "buffer": {"quantity": "15.1", "service_level": "0.95", "past_errors": 104, "rule": "own errors"},
     "stock": {"on_hand": "4", "on_order": "0", "committed": "12", "position": "-8",
               "as_of": "2026-11-22T09:05:00+00:00", "source": "ERP"},
     "order_up_to": "43.9", "ordered_before": "0", "net_requirement": "51.9",
     "rounding": [{"from": "51.9", "to": "60", "why": "pack of 12"}],
     "quantity": "60",
     "quotes": [{"supplier": "alderbrook", "supplier_name": "Alderbrook Supply", "supplier_sku": "AL-20725",
                 "needed": "51.9", "quantity": "60", "tier_from": "48", "unit_price": "1.1",
                 "currency": "GBP", "landed_price": "1.1275", "lead_time_days": 2, "stock_on_offer": "600",
                 "chosen": true, "why": "cheapest delivered",
                 "contract": "contract C-12 until 31 Dec 2026", "tiers": "incremental",  # only where it is so
                 "reliability": {"cost_percent": "1.2", "words": "2 of 40 orders rejected"},  # only where it costs
                 "compared_price": "1.1410",  # only where it is another than the landed price
                 "landed_currency": "GBP", "rate": {"value": "0.8412", "date": "2026-11-20", "source": "a bank",
                 "words": "1 EUR = 0.8412 GBP of 20 Nov 2026, a bank"}  # both only where it is in another currency
                 }, ...],
     "delivery": {"date": "2026-11-25", "order_by": "2026-11-23T10:30:00+00:00", "next_order_by": ...,
                  "next_date": "2026-11-27", "lead_time": "3 working days, learned from 14 deliveries; stated 2"},
                  only where calendars or deliveries so far say more than the stated lead time
     "need_by": {"date": "2026-11-24", "below_buffer": "2026-11-22"},  only of what is due
     "caveats": [...], only where a figure is in doubt: procurement.engine.caveats
     "sentence": "Expected demand is 3.2 a day, ..."}

`stock.committed` is what customers should have had already. `firm`, only where their orders have days to come: `due`
within the horizon, `unusual` of it that no forecast holds, `beyond` that exceeds the forecast, `later` after it.
`class` is the item's, with the figures it comes from (procurement.engine.classes). `limits`, only where there are
any, say up to which position may be ordered: [{"kind": "shelf_life", "most": "96", "words": "shelf life ..."}].

`buffer.service_from` says in words where a level that is not the site's comes from; `buffer.spread_around` is the
site's, only where items are spread around it (`service_spread`).

What depends on whose lead time is covered (`horizon_days`, `lead_time_days`, `covers`, `daily`, `forecast`, `buffer`,
`order_up_to`) is found for every offer and kept apart (`Explainer.level`), so that a line's reason can be written when
it is known who delivers: `at_level`.

`demand.lead_time_days` is until the next delivery, `review_period_days` from then until the one after it. A quote has
`arrival_days` where that is not its lead time, and `late_by_days` where it comes after the need-by date, with the
`late_costs_percent` of its goods that this counts as when all lines are decided;
`buffer.for_late_deliveries` is the part of the buffer that lateness learned from deliveries asks for.

`demand.daily_ahead` is of the half-year to come, only where order lines cost something (procurement.engine.lot_sizing).

`demand.weeks` are the last 26 whole weeks, oldest first. `demand.covers` names the supplier whose lead time
is covered; what `demand` says of the forecast is in `forecast_reason`; `buffer.rule` is "own errors", "its forecaster"
or "short history". `ordered_before` is what another supplier gets of the same item in the same plan. An item's
reason (of a Requirement) has the same keys up to net_requirement, without quotes where nothing is needed, and
`shortfall` where nobody delivers all of it, and `withheld` where a limit keeps some of it from being ordered.
Unknown values are null. `stock.as_of` and `stock.source` are of the stock on hand. Beside them stand, only where it is
so, `stock.old`, in words why it is old, and `stock.told`, what each said where several differ: [source, figure, as of].
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from math import isfinite
from typing import Any

import numpy as np

from procurement.engine.caveats import Caveat, Dispute
from procurement.engine.data import Floats, PlanningData, exact, exact_texts
from procurement.engine.deliveries import need_by
from procurement.engine.delivery_words import delivery_sentences, interval_words
from procurement.engine.forecast import Forecast
from procurement.engine.forecast_reason import forecast_facts, forecast_sentences, horizon_facts
from procurement.engine.item_policies import ItemPolicies
from procurement.engine.limits import Limits
from procurement.engine.needs import Reason
from procurement.engine.params import PlanningParams
from procurement.engine.requirements import Cases
from procurement.engine.stock import FirmOrders
from suppliers.packing import plain, plain_price

CHEAPEST = "cheapest delivered"


def doubted(reason: Reason, caveats: Iterable[Caveat | Dispute]) -> Reason:
    """With more caveats; without the key where there are none, as it is written for every item of every plan."""
    if told := [caveat.as_reason() for caveat in caveats]:
        reason["caveats"] = [*reason.get("caveats", []), *told]
    return reason


def at_level(reason: Reason, level: Reason, ordered_before: Decimal = Decimal(0)) -> Reason:
    """An item's reason for another order-up-to level; `ordered_before` is bought of it already."""
    position = Decimal(reason["stock"]["position"])
    missing = Decimal(level["order_up_to"]) - position - ordered_before
    told: Reason = {
        **{key: value for key, value in reason.items() if key not in ("delivery", "need_by")},
        **level,
        "demand": {**reason["demand"], **level["demand"]},
        "ordered_before": plain(ordered_before),
        "net_requirement": plain(max(Decimal(0), missing)),
    }
    if missing > 0:
        daily, buffer = Decimal(level["demand"]["daily"]), Decimal(level["buffer"]["quantity"])
        as_of = date.fromisoformat(reason["as_of"])
        if runs_out := need_by(as_of, position=position, daily=daily, buffer=buffer):
            told["need_by"] = runs_out
    return told


@dataclass(frozen=True, slots=True, eq=False)
class Explainer:
    """Why items need what they need, as it is decided."""

    data: PlanningData
    cases: Cases
    params: PlanningParams
    position: Floats
    weeks: Floats  # (n, weeks)
    expected: Forecast
    policies: ItemPolicies
    firm: FirmOrders
    limits: Limits
    ahead: Floats | None = None  # (n,) demand a day of the half-year ahead, where more than is needed may pay
    _farthest: int = field(init=False)  # horizon
    _of_horizon: Mapping[int, Reason] = field(init=False)
    _texts: Mapping[str, Sequence[str]] = field(init=False)  # all numbers at once, as each is told
    # As lists: an array gives single values away slowly
    _case: Mapping[str, Sequence[Any]] = field(init=False)

    def __post_init__(self) -> None:
        data, need = self.data, self.cases.need
        told = {
            "on_hand": data.on_hand, "on_order": data.on_order, "committed": self.firm.overdue,
            "position": self.position, "weeks": self.weeks.ravel(),
            "service_level": self.policies.service_level,
            "daily": need.daily, "forecast": need.forecast, "buffer": need.buffer, "order_up_to": need.level,
            "low": need.low, "high": need.high,
        }  # fmt: skip
        texts = {name: exact_texts(values) for name, values in told.items()}
        horizons = np.unique(self.cases.horizon_days).tolist()
        object.__setattr__(self, "_texts", texts)
        cases, suppliers = self.cases, [terms.code for terms in data.suppliers]
        of_cases = {
            "item": cases.item.tolist(), "horizon": cases.horizon_days.tolist(), "arrival": cases.arrival_days.tolist(),
            "covers": [*(suppliers[row] for row in data.offers.supplier.tolist()), *[None] * len(data)],
            "late": cases.lateness.tolist(), "shelf": need.shelf.tolist(), "short": need.short_history.tolist(),
            "errors": need.errors.tolist(), "firm": ((need.due != 0) | (need.later != 0)).tolist(),
        }  # fmt: skip
        object.__setattr__(self, "_case", of_cases)
        object.__setattr__(self, "_farthest", max(horizons, default=0))
        object.__setattr__(self, "_of_horizon", {days: horizon_facts(data, days) for days in horizons})

    def item(self, item: int, case: int) -> Reason:
        """Why an item needs what it needs, when the order-up-to level of `case` is to be filled."""
        data, texts, weeks = self.data, self._texts, self.weeks.shape[1]
        reason: Reason = {
            "as_of": data.as_of.isoformat(),
            "sku": data.skus[item],
            "unit": data.units[item],
            "demand": {
                "weeks": texts["weeks"][item * weeks : (item + 1) * weeks],
                **forecast_facts(data, self.expected, item, self._farthest),
            },
            "stock": {
                "on_hand": texts["on_hand"][item],
                "on_order": texts["on_order"][item],
                "committed": texts["committed"][item],
                **self._reserved(item),
                "position": texts["position"][item],
                **data.stock_known.get(data.skus[item], {}),
            },
        }
        if self.policies.cell[item]:
            reason["class"] = self._class(item)
        return doubted(at_level(reason, self.level(case)), data.item_caveats.get(data.skus[item], ()))

    def level(self, case: int) -> Reason:
        """The parts of a reason that depend on whose lead time is covered."""
        texts, known = self._texts, self._case
        horizon, item, arrival = known["horizon"][case], known["item"][case], known["arrival"][case]
        return {
            "demand": {
                "daily": texts["daily"][case],
                "horizon_days": horizon,
                "lead_time_days": arrival,
                "review_period_days": horizon - arrival,
                "covers": known["covers"][case],
                "range": [texts["low"][case], texts["high"][case]],
                **self._ahead(item),
                **self._of_horizon[horizon],
            },
            "forecast": texts["forecast"][case],
            "buffer": {
                "quantity": texts["buffer"][case],
                "service_level": texts["service_level"][item],
                **self._service_from(item),
                "past_errors": 0 if self.expected.elsewhere(item) else known["errors"][case],
                "rule": self._rule(case),
                **self._lateness(case),
            },
            **self._firm(case),
            "order_up_to": texts["order_up_to"][case],
            **self._limits(case),
            **self._delivery(case),
        }

    def _service_from(self, item: int) -> Reason:
        known = self.policies
        spread = known.spread is not None and bool(known.spread[item])
        told = {"service_from": known.why[item]} if known.why[item] else {}
        return told | ({"spread_around": plain(self.params.service_level)} if spread else {})

    def _ahead(self, item: int) -> Reason:
        return {} if self.ahead is None else {"daily_ahead": plain(exact(round(float(self.ahead[item]), 4)))}

    def _lateness(self, case: int) -> Reason:
        late = self._case["late"][case]
        return {"for_late_deliveries": plain(exact(late))} if late else {}

    def _delivery(self, case: int) -> Reason:
        """Only where calendars or learned lead times say more than the lead time does."""
        data = self.data
        if case >= len(data.offers):
            return {}
        window = data.suppliers[data.offers.supplier[case]].window
        learned = data.lead_times.get(int(data.offers.key[case]))
        if window is None and learned is None:
            return {}
        days = int(self.cases.arrival_days[case])
        told: Reason = {"date": (data.as_of + timedelta(days=days)).isoformat()}
        if window:
            told |= window.told(int(data.offers.lead_time_days[case]))
        if learned:
            told["lead_time"] = learned.words
        return {"delivery": told}

    def _rule(self, case: int) -> str:
        known = self._case
        if known["shelf"][case]:
            return "always on the shelf"
        if self.expected.elsewhere(known["item"][case]):
            return "its forecaster"
        return "short history" if known["short"][case] else "own errors"

    def _firm(self, case: int) -> Reason:
        """Only where customers' orders have days to come."""
        if not self._case["firm"][case]:
            return {}
        need = self.cases.need
        told = {
            name: plain(exact(getattr(need, name)[case])) for name in ("due", "unusual", "beyond", "later")
        }
        return {"firm": told}

    def _limits(self, case: int) -> Reason:
        told = self.limits.told(case)
        return {"limits": told} if told else {}

    def _reserved(self, item: int) -> Reason:
        put_aside = exact(self.policies.reserved[item])
        return {"reserved": plain(put_aside)} if put_aside else {}

    def _class(self, item: int) -> Reason:
        known, varies = self.policies, float(self.policies.variation[item])
        return {
            "cell": known.cell[item],
            "value": plain(exact(round(float(known.value[item]), 2))) if known.value[item] else None,
            "variation": f"{varies:.2f}" if isfinite(varies) else None,
            **({"by_hand": known.class_by_hand[item]} if known.class_by_hand[item] else {}),
        }


def sentence(reason: Reason) -> str:
    """The reason of a line or item in one paragraph."""
    demand, buffer, stock = reason["demand"], reason["buffer"], reason["stock"]
    said = [
        f"Expected demand is {demand['daily']} a day, {reason['forecast']} over {_days(demand['horizon_days'])}"
        f" ({interval_words(reason)}).",
        *forecast_sentences(reason),
        *_firm_words(reason),
        f"With a buffer of {buffer['quantity']} for a service level of"
        f" {Decimal(buffer['service_level']):.1%}{_spread_words(buffer)} the stock should reach"
        f" {reason['order_up_to']}.",
        f"There are {stock['on_hand']} on hand and {stock['on_order']} on order,"
        f" {stock['committed']} {'wanted by customers now' if reason.get('firm') else 'promised to customers'}"
        f"{_put_aside(stock)}: {stock['position']}.",
    ]
    if Decimal(reason["ordered_before"]):
        said.append(f"Another supplier gets {reason['ordered_before']} of it.")
    said.append(f"Needed: {reason['net_requirement']}.")
    said += [f"{step['from']} → {step['to']}, {step['why']}." for step in reason.get("rounding", [])]
    for quote in reason.get("quotes", []):
        if quote["chosen"]:
            rate = quote.get("rate", {}).get("words", "")
            agreed = f" by {quote['contract']}" if quote.get("contract") else ""
            merit = f"chosen: {quote['why']}"
            if quote["why"] == CHEAPEST:
                merit = "the cheapest of the others" if Decimal(reason["ordered_before"]) else "the cheapest"
            price = plain_price(Decimal(quote["unit_price"]), quote["currency"])
            landed = plain_price(Decimal(quote["landed_price"]), quote.get("landed_currency", ""))
            said.append(
                f"{quote['supplier_name']} at {price}{agreed}"
                f" ({landed} with delivery{f'; {rate}' if rate else ''}) is {merit}."
                if len(reason["quotes"]) > 1
                else f"{quote['supplier_name']} is the only one to offer it, at {price}{agreed}"
                f"{f' ({rate})' if rate else ''}."
            )
    said += delivery_sentences(reason)
    if Decimal(reason.get("shortfall") or 0):
        said.append(f"Nobody delivers {reason['shortfall']} of it.")
    if withheld := reason.get("withheld"):
        said.append(f"{withheld['quantity']} of it are left out: {withheld['words']}.")
    return " ".join(said)


def _spread_words(buffer: Reason) -> str:
    """Why an item's level is another one than the site's, where the buffer is spread."""
    differs = buffer.get("spread_around") and buffer.get("service_from")
    return (
        f" ({buffer['service_from']}; the site's items have {Decimal(buffer['spread_around']):.1%} on average)"
        if differs
        else ""
    )


def _days(count: int) -> str:
    return "1 day" if count == 1 else f"{count} days"


def _put_aside(stock: Reason) -> str:
    return f", {stock['reserved']} put aside" if stock.get("reserved") else ""


def _firm_words(reason: Reason) -> list[str]:
    """None where no customer's order has a day to come within the horizon."""
    firm = reason.get("firm")
    if not firm or not Decimal(firm["due"]):
        return []
    if not Decimal(firm["beyond"]):
        return [f"Customer orders of {firm['due']} due by then are part of it."]
    unusual = f", {firm['unusual']} of it unusually large" if Decimal(firm["unusual"]) else ""
    return [f"Customer orders of {firm['due']} due by then{unusual} ask {firm['beyond']} beyond it."]
