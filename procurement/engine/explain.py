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
                 "landed_currency": "GBP", "rate": {"value": "0.8412", "date": "2026-11-20", "source": "a bank",
                 "words": "1 EUR = 0.8412 GBP of 20 Nov 2026, a bank"}  # both only where it is in another currency
                 }, ...],
     "caveats": [...], only where a figure is in doubt: procurement.engine.caveats
     "sentence": "Expected demand is 3.2 a day, ..."}

`demand.weeks` are the last 26 whole weeks, oldest first. `demand.covers` names the supplier whose lead time
is covered; `demand.method` is "naive" where repeating the last days would have been the better forecast, and
`demand.error_against_naive` the share of that one's error that ours made; `buffer.rule` is "own errors" or
"short history". `ordered_before` is what another supplier gets of the same item in the same plan. An item's
reason (of a Requirement) has the same keys up to net_requirement, without quotes where nothing is needed, and
`shortfall` where nobody delivers all of it.
Unknown values are null. `stock.as_of` and `stock.source` are of the stock on hand. Beside them stand, only where it is
so, `stock.old`, in words why it is old, and `stock.told`, what each said where several differ: [source, figure, as of].
"""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import numpy as np

from procurement.engine.caveats import Caveat, Dispute
from procurement.engine.data import Floats, PlanningData, exact
from procurement.engine.forecast import Forecast
from procurement.engine.params import PlanningParams
from procurement.engine.requirements import Cases
from procurement.engine.sourcing import Choice, Quote
from suppliers.packing import plain

Reason = dict[str, Any]


def _text(value: Decimal | None) -> str | None:
    return None if value is None else plain(value)


def _doubted(reason: Reason, caveats: Iterable[Caveat | Dispute]) -> Reason:
    """With more caveats; without the key where there are none, as it is written for every item of every plan."""
    if told := [caveat.as_reason() for caveat in caveats]:
        reason["caveats"] = [*reason.get("caveats", []), *told]
    return reason


@dataclass(frozen=True, slots=True, eq=False)
class Explainer:
    data: PlanningData
    cases: Cases
    params: PlanningParams
    position: Floats
    weeks: Floats  # (n, weeks)
    expected: Forecast

    def item(self, item: int, case: int, ordered_before: Decimal = Decimal(0)) -> Reason:
        """Why an item needs what it needs, when the order-up-to level of `case` is to be filled."""
        data, need, review = self.data, self.cases.need, self.params.review_period_days
        level, position = exact(need.level[case]), exact(self.position[item])
        covers = data.suppliers[data.offers.supplier[case]].code if case < len(data.offers) else None
        horizon = int(self.cases.horizon_days[case])
        reason: Reason = {
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
                **self._method(item),
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
                **data.stock_known.get(data.skus[item], {}),
            },
            "order_up_to": plain(level),
            "ordered_before": plain(ordered_before),
            "net_requirement": plain(max(Decimal(0), level - position - ordered_before)),
        }
        return _doubted(reason, data.item_caveats.get(data.skus[item], ()))

    def _method(self, item: int) -> Reason:
        share = float(self.expected.against_naive[item])
        return {
            "method": "naive" if self.expected.naive[item] else "levels",
            "error_against_naive": f"{share:.2f}" if np.isfinite(share) else None,
        }

    def line(self, item: int, choice: Choice) -> Reason:
        chosen = choice.chosen
        reason = {
            **self.item(item, chosen.case, choice.ordered_before),
            "rounding": [{"from": plain(s.start), "to": plain(s.end), "why": s.why} for s in chosen.steps],
            "quantity": plain(chosen.quantity),
            "quotes": self.quotes(choice.quotes, chosen),
        }
        _doubted(reason, self.data.offer_caveats.get(int(self.data.offers.key[chosen.offer]), ()))
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
            **self._rate(offers.currency[quote.offer]),
        }

    def _rate(self, currency: str) -> Reason:
        """Only where the price had to be counted in another currency, as it is written for every quote."""
        rate = self.data.rates.get(currency)
        if rate is None or currency == self.params.currency:
            return {}
        told = {"value": plain(rate.value), "date": rate.date.isoformat(), "source": rate.source}
        return {"landed_currency": self.params.currency, "rate": {**told, "words": str(rate)}}

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
            rate = quote.get("rate", {}).get("words", "")
            landed = f"{quote['landed_price']} {quote.get('landed_currency', '')}".strip()
            said.append(
                f"{quote['supplier_name']} at {quote['unit_price']} {quote['currency']}"
                f" ({landed} with delivery{f'; {rate}' if rate else ''}) is the cheapest."
                if len(reason["quotes"]) > 1
                else f"{quote['supplier_name']} is the only one to offer it, at {quote['unit_price']}"
                f" {quote['currency']}{f' ({rate})' if rate else ''}."
            )
    if Decimal(reason.get("shortfall") or 0):
        said.append(f"Nobody delivers {reason['shortfall']} of it.")
    return " ".join(said)
