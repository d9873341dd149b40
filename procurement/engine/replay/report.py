"""What a study came to, as plain data: kept with a run, printed as JSON, drawn on the page and in the HTML file.

    {"name", "currency", "first", "last", "days", "items", "eligible", "unmet", "seeds", "assumed": [...],
     "allocation": where our plan's buffer goes, "bounds": [least, most] level an item may be given by it,
     "by_hand": items whose level somebody set,
     "cover": 21,
     "curves": {"plan": [{"factor", "value", "short", "filled_days", "fill", "same_day", "spend"}, ...], ...},
     "equal": {"plan": {"factor", "value", "short", "filled_days", "fill", "same_day", "emergency_orders", "orders",
                        "lines", "spend", "order_costs", "waste"}, ...},
     "ratios": [{"against", "what", "median", "low", "high"}, ...],     ours / theirs at equal stock value
     "weekly": {"plan": [...], ...}, "weeks": ["2011-02-17", ...],
     "gains": [{"sku", "name", "plan", "disciplined", "plan_value", "disciplined_value"}, ...], "losses": [...]}

Curves are means over the seeds, at the same factors. Money and days are floats: these are estimates of a past that
never was.
"""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import numpy as np

from procurement.engine.replay.history import Scene
from procurement.engine.replay.outcome import Outcome
from procurement.engine.replay.study import BASELINES, SHOWN, Rule, Study, ratios
from procurement.engine.replay.world import Unmet

ITEMS_SHOWN = 10

COMPARED: dict[str, Callable[[Outcome], float]] = {
    "stock-out item-days": lambda outcome: outcome.short,
    "same-day buys": lambda outcome: outcome.same_day_buys,
    "emergency orders": lambda outcome: outcome.emergency_orders,
}

Report = dict[str, Any]


def report_of(on: Scene, found: Study) -> Report:
    world, history = on.worlds[0], on.history
    return {
        "name": history.name,
        "currency": history.currency,
        "first": history.day(world.measured).isoformat(),
        "last": history.day(world.demand.shape[1] - 1).isoformat(),
        "days": world.demand.shape[1] - world.measured,
        "items": len(on.rows),
        "eligible": on.eligible,
        "unmet": world.unmet.value,
        "seeds": len(on.worlds),
        "assumed": list(history.assumed),
        "allocation": on.buffer.allocation.value,
        "bounds": [on.buffer.least, on.buffer.most],
        "by_hand": on.buffer.set_by_hand,
        "cover": SHOWN,
        "curves": {rule.value: _curve(found, rule) for rule in Rule},
        "equal": {rule.value: _figures(found.equal[rule].factor, found.equal[rule].outcome) for rule in Rule},
        "ratios": _ratios(found, world.unmet),
        "weekly": {
            rule.value: [round(float(value), 2) for value in found.equal[rule].outcome.weekly_value]
            for rule in Rule
        },
        "weeks": [
            (history.day(world.measured) + timedelta(weeks=week)).isoformat()
            for week in range(len(found.equal[Rule.PLAN].outcome.weekly_value))
        ],
        **_items(on, found),
    }


def _figures(factor: float, outcome: Outcome) -> dict[str, float]:
    return {
        "factor": round(factor, 4),
        "value": round(outcome.value, 2),
        "short": outcome.short,
        "filled_days": round(outcome.filled_days, 4),
        "fill": round(outcome.fill_rate, 4),
        "same_day": outcome.same_day_buys,
        "emergency_orders": outcome.emergency_orders,
        "orders": outcome.orders,
        "lines": float(outcome.lines.sum()),
        "spend": round(outcome.spend, 2),
        "order_costs": round(outcome.order_costs, 2),
        "waste": round(outcome.waste, 2),
    }


def _curve(found: Study, rule: Rule) -> list[dict[str, float]]:
    """Where all worlds were replayed with a factor: the mean of their figures."""
    by_factor: dict[float, list[dict[str, float]]] = {}
    for point in found.points:
        if point.rule is rule:
            by_factor.setdefault(point.factor, []).append(_figures(point.factor, point.outcome))
    means = [
        {name: round(float(np.mean([one[name] for one in same])), 4) for name in same[0]}
        for same in by_factor.values()
        if len(same) == len(found.seeds)
    ]
    return sorted(means, key=lambda point: point["value"])


def _ratios(found: Study, unmet: Unmet) -> list[dict[str, Any]]:
    rows = []
    for rule in BASELINES:
        for what, figure in COMPARED.items():
            if unmet is Unmet.LOST and what != "stock-out item-days":
                continue
            values = ratios(found, rule, figure)
            values = values[np.isfinite(values)]
            if len(values):
                rows.append(
                    {
                        "against": rule.value,
                        "what": what,
                        "median": round(float(np.median(values)), 3),
                        "low": round(float(values.min()), 3),
                        "high": round(float(values.max()), 3),
                    }
                )
    return rows


def _items(on: Scene, found: Study) -> dict[str, list[dict[str, Any]]]:
    """Where our plan was short on fewer days than disciplined PAR at equal stock value, and where on more."""
    ours, theirs = found.equal[Rule.PLAN].outcome, found.equal[Rule.DISCIPLINED].outcome
    gained = theirs.short_days - ours.short_days
    order = np.argsort(-gained, kind="stable")

    def row(at: int) -> dict[str, Any]:
        item = int(on.rows[at])
        return {
            "sku": on.history.skus[item],
            "name": on.history.names[item],
            "plan": float(ours.short_days[at]),
            "disciplined": float(theirs.short_days[at]),
            "plan_value": round(float(ours.stock_value[at]), 2),
            "disciplined_value": round(float(theirs.stock_value[at]), 2),
        }

    gains = [row(int(at)) for at in order[:ITEMS_SHOWN] if gained[at] > 0]
    losses = [row(int(at)) for at in order[::-1][:ITEMS_SHOWN] if gained[at] < 0]
    return {"gains": gains, "losses": losses}
