"""A line's reason as sums that add up. What the plan did not write is left out, never guessed."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django import template

from orders.caveats import caveats_of
from suppliers.packing import plain
from suppliers.templatetags.figures import to_decimal

register = template.Library()


@dataclass(frozen=True, slots=True)
class Sum:
    label: str
    value: Decimal
    sign: str = ""
    note: str = ""
    total: bool = False


@dataclass(frozen=True, slots=True)
class Explanation:
    known: bool
    sentence: str
    weeks: list[str]
    steps: list[Sum]
    rounding: list[dict[str, Any]]
    quantity: Any
    quotes: list[dict[str, Any]]
    caveats: list[str]  # sentences
    method: str = ""  # how far the forecast may be believed, in words

    @property
    def weeks_label(self) -> str:
        return "Demand a week, oldest first: " + ", ".join(str(week) for week in self.weeks)


@register.simple_tag
def explain(reason: Any) -> Explanation:
    reason = reason if isinstance(reason, dict) else {}
    steps = list(_steps(reason))
    demand = _part(reason, "demand")
    weeks = demand.get("weeks")
    return Explanation(
        known=bool(steps) or "proposed_by" in reason,
        sentence=_sentence(reason),
        weeks=weeks if isinstance(weeks, list) else [],
        steps=steps,
        rounding=_dicts(reason.get("rounding")),
        quantity=reason.get("quantity"),
        quotes=sorted(_dicts(reason.get("quotes")), key=lambda quote: not quote.get("chosen")),
        caveats=[caveat["words"] for caveat in caveats_of(reason)],
        method=_method_note(demand),
    )


def _steps(reason: dict[str, Any]) -> Iterator[Sum]:
    demand, buffer, stock = (_part(reason, name) for name in ("demand", "buffer", "stock"))
    days = demand.get("horizon_days")
    daily = to_decimal(demand.get("daily"))
    per_day = f"{plain(daily)} a day × {days} days" if daily is not None and days else ""
    firm = _part(reason, "firm")
    notes = [note for note in (per_day, _firm_note(firm), _method_note(demand)) if note]
    yield from _sum("Expected demand", reason.get("forecast"), note=", ".join(notes))
    if to_decimal(firm.get("beyond")):
        note = f"{firm.get('due')} are due by then"
        yield from _sum("Firm orders beyond that", firm.get("beyond"), "+", note=note)
    yield from _sum("Buffer", buffer.get("quantity"), "+", note=_buffer_note(buffer))
    yield from _sum("Should be there", reason.get("order_up_to"), "=", total=True)
    yield from _sum("On hand", stock.get("on_hand"), "−")
    yield from _sum("On order", stock.get("on_order"), "−")
    promised = "Promised to customers, wanted now" if firm else "Promised to customers"
    yield from _sum(promised, stock.get("committed"), "+")
    if to_decimal(stock.get("reserved")):
        yield from _sum("Put aside", stock.get("reserved"), "+")
    if to_decimal(reason.get("ordered_before")):
        yield from _sum("Ordered elsewhere in this plan", reason.get("ordered_before"), "−")
    yield from _sum("Needed", reason.get("net_requirement"), "=", total=True)


def _sum(label: str, value: Any, sign: str = "", *, note: str = "", total: bool = False) -> Iterator[Sum]:
    number = to_decimal(value)
    if number is not None:
        yield Sum(label, number, sign, note, total)


def _method_note(demand: dict[str, Any]) -> str:
    """How far the forecast may be believed: against saying that the next days will be like the last ones."""
    share = to_decimal(demand.get("error_against_naive"))
    if demand.get("method") == "naive":
        return "as in the last days, which nothing foretold better"
    if demand.get("method") == "gone":
        return "taken to have died out"
    if demand.get("method") not in (None, "levels"):
        return f"by {demand['method']}"
    if share is None:  # of an older plan, or too little history
        return ""
    return f"wrong by {abs(1 - share):.0%} {'less' if share <= 1 else 'more'} than repeating the last days"


def _firm_note(firm: dict[str, Any]) -> str:
    """Customers' orders of days to come that are not counted beside the forecast, as they are a part of it."""
    due, beyond = to_decimal(firm.get("due")), to_decimal(firm.get("beyond"))
    return f"with customer orders of {plain(due)} due by then" if due and not beyond else ""


def _buffer_note(buffer: dict[str, Any]) -> str:
    level = to_decimal(buffer.get("service_level"))
    how = {
        "own errors": f"from {buffer.get('past_errors')} past errors",
        "short history": "the history is short",
        "its forecaster": "as its forecaster says",
        "always on the shelf": "what the shelf should always hold",
    }
    whose = f" ({buffer['service_from']})" if buffer.get("service_from") else ""
    words = [f"for a service level of {plain(level * 100)} %{whose}"] if level is not None else []
    if buffer.get("rule") in how:
        words.append(how[buffer["rule"]])
    return ", ".join(words)


def _sentence(reason: dict[str, Any]) -> str:
    """The plan's own sentence if it wrote one, else the gist of its numbers."""
    if isinstance(reason.get("sentence"), str):
        return str(reason["sentence"])
    demand, stock = _part(reason, "demand"), _part(reason, "stock")
    position, up_to, days = (
        to_decimal(stock.get("position")),
        to_decimal(reason.get("order_up_to")),
        demand.get("horizon_days"),
    )
    if position is None or up_to is None or not days:
        return ""
    said = f"The stock should cover {days} days, which takes {_short(up_to)}; there are {_short(position)} to count on."
    chosen = next((quote for quote in _dicts(reason.get("quotes")) if quote.get("chosen")), None)
    if chosen:
        said += f" {chosen.get('supplier_name', chosen.get('supplier', ''))}: {chosen.get('why', '')}."
    return said


def _short(number: Decimal) -> str:
    return plain(round(number, 1)).replace("-", "−")


def _part(reason: dict[str, Any], name: str) -> dict[str, Any]:
    part = reason.get(name)
    return part if isinstance(part, dict) else {}


def _dicts(value: Any) -> list[dict[str, Any]]:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []
