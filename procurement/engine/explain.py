"""Why a line is proposed, as data a page can show and a person can check. Every number is a string, so that
nothing is lost in JSON; the numbers add up:

    position        = on_hand + on_order - committed
    forecast        = daily * horizon_days             horizon_days = lead_time_days + review_period_days
    order_up_to     = forecast + buffer
    net_requirement = max(0, order_up_to - position - ordered_before)
    quantity        = the end of the last rounding step, or net_requirement where there is none

Shape of a line's reason:

    {"as_of": "2026-11-22", "sku": "20725", "unit": "C62",
     "demand": {"daily": "3.2", "weeks": ["21", ...], "horizon_days": 9, "lead_time_days": 2,
                "review_period_days": 7, "covers": "alderbrook"},
     "forecast": "28.8",
     "buffer": {"quantity": "15.1", "service_level": "0.95", "past_errors": 104, "rule": "own errors"},
     "stock": {"on_hand": "4", "on_order": "0", "committed": "12", "position": "-8"},
     "order_up_to": "43.9", "ordered_before": "0", "net_requirement": "51.9",
     "rounding": [{"from": "51.9", "to": "60", "why": "pack of 12"}],
     "quantity": "60",
     "quotes": [{"supplier": "alderbrook", "supplier_name": "Alderbrook Supply", "supplier_sku": "AL-20725",
                 "needed": "51.9", "quantity": "60", "tier_from": "48", "unit_price": "1.1",
                 "currency": "GBP", "landed_price": "1.1275", "lead_time_days": 2, "stock_on_offer": "600",
                 "chosen": true, "why": "cheapest delivered"}, ...],
     "sentence": "Expected demand is 3.2 a day, ..."}

`demand.weeks` are the last 26 whole weeks, oldest first. `demand.covers` names the supplier whose lead time
is covered; `buffer.rule` is "own errors" or "short history". `ordered_before` is what another supplier gets
of the same item in the same plan. An item's reason (of a Requirement) has the same keys up to
net_requirement, without quotes where nothing is needed, and `shortfall` where nobody delivers all of it.
Unknown values are null.
"""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from procurement.engine.data import Floats, PlanningData, exact
from procurement.engine.params import PlanningParams
from procurement.engine.requirements import Cases
from procurement.engine.sourcing import Choice, Quote
from suppliers.packing import plain

Reason = dict[str, Any]


def _text(value: Decimal | None) -> str | None:
    return None if value is None else plain(value)


@dataclass(frozen=True, slots=True, eq=False)
class Explainer:
    data: PlanningData
    cases: Cases
    params: PlanningParams
    position: Floats
    weeks: Floats  # (n, weeks)

    def item(self, item: int, case: int, ordered_before: Decimal = Decimal(0)) -> Reason:
        """Why an item needs what it needs, when the order-up-to level of `case` is to be filled."""
        data, need, review = self.data, self.cases.need, self.params.review_period_days
        level, position = exact(need.level[case]), exact(self.position[item])
        covers = data.suppliers[data.offers.supplier[case]].code if case < len(data.offers) else None
        horizon = int(self.cases.horizon_days[case])
        return {
            "as_of": data.as_of.isoformat(),
            "sku": data.skus[item],
            "unit": data.units[item],
            "demand": {
                "daily": plain(exact(need.daily[case])),
                "weeks": [plain(exact(week)) for week in self.weeks[item].tolist()],
                "horizon_days": horizon,
                "lead_time_days": horizon - review,
                "review_period_days": review,
                "covers": covers,
            },
            "forecast": plain(exact(need.forecast[case])),
            "buffer": {
                "quantity": plain(exact(need.buffer[case])),
                "service_level": plain(self.params.service_level),
                "past_errors": int(need.errors[case]),
                "rule": "short history" if need.short_history[case] else "own errors",
            },
            "stock": {
                "on_hand": plain(exact(data.on_hand[item])),
                "on_order": plain(exact(data.on_order[item])),
                "committed": plain(exact(data.committed[item])),
                "position": plain(position),
            },
            "order_up_to": plain(level),
            "ordered_before": plain(ordered_before),
            "net_requirement": plain(max(Decimal(0), level - position - ordered_before)),
        }

    def line(self, item: int, choice: Choice) -> Reason:
        chosen = choice.chosen
        reason = {
            **self.item(item, chosen.case, choice.ordered_before),
            "rounding": [{"from": plain(s.start), "to": plain(s.end), "why": s.why} for s in chosen.steps],
            "quantity": plain(chosen.quantity),
            "quotes": self.quotes(choice.quotes, chosen),
        }
        return {**reason, "sentence": sentence(reason)}

    def quotes(self, quotes: tuple[Quote, ...], chosen: Quote | None = None) -> list[Reason]:
        return [self._quote(quote, chosen) for quote in quotes]

    def _quote(self, quote: Quote, chosen: Quote | None) -> Reason:
        offers = self.data.offers
        terms = self.data.suppliers[offers.supplier[quote.offer]]
        return {
            "supplier": terms.code,
            "supplier_name": terms.name,
            "supplier_sku": offers.supplier_sku[quote.offer],
            "needed": plain(quote.needed),
            "quantity": plain(quote.quantity),
            "tier_from": _text(quote.tier_from),
            "unit_price": _text(quote.unit_price),
            "currency": offers.currency[quote.offer],
            "landed_price": _text(quote.landed_price),
            "lead_time_days": int(offers.lead_time_days[quote.offer]),
            "stock_on_offer": _text(quote.on_offer),
            "chosen": quote is chosen,
            "why": self._verdict(quote, chosen),
        }

    def _verdict(self, quote: Quote, chosen: Quote | None) -> str:
        """Why this quote won or lost."""
        if quote.obstacle or chosen is None:
            return quote.obstacle
        if quote is chosen:
            return "cheapest delivered"
        if quote.landed_price is None or chosen.landed_price is None:
            return "no price known"
        dearer = quote.landed_price - chosen.landed_price
        if not dearer:
            lead = self.data.offers.lead_time_days
            return (
                "same price, slower" if lead[quote.offer] > lead[chosen.offer] else "same price and lead time"
            )
        if not chosen.landed_price:
            return f"dearer by {plain(dearer)} a unit"
        return f"{dearer / chosen.landed_price:.1%} dearer delivered"


def sentence(reason: Reason) -> str:
    """The reason of a line or item in one paragraph."""
    demand, buffer, stock = reason["demand"], reason["buffer"], reason["stock"]
    said = [
        f"Expected demand is {demand['daily']} a day, {reason['forecast']} over {demand['horizon_days']} days"
        f" (lead time {demand['lead_time_days']} + review {demand['review_period_days']})."
        f" With a buffer of {buffer['quantity']} for a service level of"
        f" {Decimal(buffer['service_level']):.1%} the stock should reach {reason['order_up_to']}.",
        f"There are {stock['on_hand']} on hand and {stock['on_order']} on order,"
        f" {stock['committed']} promised to customers: {stock['position']}.",
    ]
    if Decimal(reason["ordered_before"]):
        said.append(f"Another supplier gets {reason['ordered_before']} of it.")
    said.append(f"Needed: {reason['net_requirement']}.")
    said += [f"{step['from']} → {step['to']}, {step['why']}." for step in reason.get("rounding", [])]
    for quote in reason.get("quotes", []):
        if quote["chosen"]:
            said.append(
                f"{quote['supplier_name']} at {quote['unit_price']} {quote['currency']}"
                f" ({quote['landed_price']} with delivery) is the cheapest."
                if len(reason["quotes"]) > 1
                else f"{quote['supplier_name']} is the only one to offer it, at {quote['unit_price']}"
                f" {quote['currency']}."
            )
    if Decimal(reason.get("shortfall") or 0):
        said.append(f"Nobody delivers {reason['shortfall']} of it.")
    return " ".join(said)
