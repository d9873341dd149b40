"""The part of a reason that says how the forecast came about, and its sentences.

"method": "naive" where repeating the last days would have been the better forecast, else "levels"
"error_against_naive": the share of that one's error that ours made; null where too little is known
"promotions": [{"name": "Advent", "from": "2026-11-24", "to": "2026-11-30", "adds": "0.38"}, ...], those of the
    days to be covered; `adds` is the share of usual demand that they add on their days, null where not known
"beside_holidays": [{"date": "2026-12-24", "adds": "0.80"}, ...], days before and after holidays that are expected to
    sell so much more, or less, than usual; missing where the past says nothing of them
"closed_days": how many of the days to be covered the site is closed
"""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

import numpy as np

from procurement.engine.data import PlanningData
from procurement.engine.forecast import NEW_DAYS, Forecast
from procurement.engine.known_days import PromotedDays

Facts = dict[str, Any]
DAYS_SAID = 4
WORTH_SAYING = 0.1  # more or less than usual on a day beside a holiday
UNDOUBTED = 0.9  # the chance that an item still sells, above which nothing is said of it


def forecast_facts(data: PlanningData, expected: Forecast, item: int, horizon_days: int) -> Facts:
    """Keys that say nothing are left out, as this is written for every item of every plan."""
    if expected.elsewhere(item):  # and was not tried on the past
        return {"method": expected.method(item), "error_against_naive": None}
    share = float(expected.against_naive[item])
    facts: Facts = {
        "method": expected.method(item),
        "error_against_naive": f"{share:.2f}" if np.isfinite(share) else None,
        **_waiting(expected, item),
    }
    if (like := data.days.like.get(item)) and expected.weeks.known[item].sum() < NEW_DAYS:
        facts["like"] = {"sku": like.sku, "daily": f"{like.daily:.4g}"} | (
            {"by": list(like.by)} if like.by else {}
        )
    if words := expected.failed(item):
        facts["forecaster"] = words
    days = data.demand.shape[1]
    if beside := _beside_holidays(data, expected, item, horizon_days):
        facts["beside_holidays"] = beside
    if promoted := data.days.within(item, days, days + horizon_days):
        facts["promotions"] = [_promotion(data, expected, one) for one in promoted]
    return facts


def horizon_facts(data: PlanningData, horizon_days: int) -> Facts:
    """Those that depend on whose lead time is covered."""
    if data.days.closed is None:
        return {}
    days = data.demand.shape[1]
    return {"closed_days": int(data.days.closed[days : days + horizon_days].sum())}


def _waiting(expected: Forecast, item: int) -> Facts:
    alive = float(expected.waits.alive[item])
    if alive >= UNDOUBTED:
        return {}
    gap = max(1, round(float(expected.waits.gap[item])))
    facts: Facts = {"waited_days": int(expected.waits.waited[item]), "usual_wait_days": gap}
    return facts if expected.waits.gone[item] else {**facts, "alive": f"{alive:.2f}"}


def _beside_holidays(data: PlanningData, expected: Forecast, item: int, horizon_days: int) -> list[Facts]:
    if not expected.holidays or expected.waits.gone[item]:
        return []
    return [
        {"date": (data.as_of + timedelta(days=day)).isoformat(), "adds": f"{factor - 1:.2f}"}
        for day, factor in expected.holidays.ahead(item, expected.weeks, horizon_days)
        if abs(factor - 1) >= WORTH_SAYING
    ]


def _promotion(data: PlanningData, expected: Forecast, one: PromotedDays) -> Facts:
    days = data.demand.shape[1]
    lift = expected.lift(one.item, max(one.start - days, 0))
    return {
        "name": one.name,
        "from": (data.as_of + timedelta(days=one.start - days)).isoformat(),
        "to": (data.as_of + timedelta(days=one.stop - 1 - days)).isoformat(),
        "adds": f"{lift - 1:.2f}",
    }


def forecast_sentences(reason: Facts) -> list[str]:
    """Of the days to be covered; what is not out of the ordinary has none, nor has what an older plan did not keep."""
    demand = reason.get("demand", {})
    if "as_of" not in reason or "horizon_days" not in demand:
        return []
    covered = date.fromisoformat(reason["as_of"]) + timedelta(days=demand["horizon_days"])
    told = [one for one in demand.get("promotions", ()) if date.fromisoformat(one["from"]) < covered]
    said = [*_like_words(demand), *_waiting_words(demand), *(promotion_words(one) for one in told)]
    said += _beside_words(
        [one for one in demand.get("beside_holidays", ()) if date.fromisoformat(one["date"]) < covered]
    )
    if closed := demand.get("closed_days"):
        said.append(f"The site is closed on {'one' if closed == 1 else closed} of these days.")
    return said


def _like_words(demand: Facts) -> list[str]:
    if "like" not in demand:
        return []
    like = demand["like"]
    if by := like.get("by"):
        return [
            f"It has hardly a history yet: expected to sell as {like['sku']}, which is like it by"
            f" {joined(by)} and sold {like['daily']} a day in its first weeks."
        ]
    return [
        f"It is new and expected to sell like {like['sku']}, which sold {like['daily']} a day in its first weeks."
    ]


def joined(words: Sequence[str]) -> str:
    """name, supplier and price"""
    return " and ".join([", ".join(words[:-1]), words[-1]] if words[1:] else words)


def _waiting_words(demand: Facts) -> list[str]:
    if "waited_days" not in demand:
        return []
    usual = demand["usual_wait_days"]
    said = (
        f"Nothing was sold for {demand['waited_days']} days; it used to sell every"
        f" {'day' if usual == 1 else f'{usual} days'}."
    )
    if demand["method"] == "gone":
        return [f"{said} It is taken to have died out."]
    return [f"{said} The chance that it still sells is put at {round(100 * float(demand['alive']))} %."]


def promotion_words(told: Facts) -> str:
    """A promotion from 24 to 30 November ("Advent") is expected to add 38 %."""
    name = f" (“{told['name']}”)" if told.get("name") else ""
    share = round(100 * float(told["adds"]))
    does = f"add {share} %" if share >= 0 else f"take {-share} %"
    return f"A promotion {_span(told['from'], told['to'])}{name} is expected to {does}."


def _beside_words(told: Sequence[Facts]) -> list[str]:
    """As before and after past holidays, 80 % more than usual is expected on 24 December, 10 % less on 27 December."""
    if not told:
        return []
    largest = sorted(told, key=lambda one: -abs(float(one["adds"])))[:DAYS_SAID]
    days: list[str] = []
    for one in sorted(largest, key=lambda one: one["date"]):
        day, than = date.fromisoformat(one["date"]), "" if days else " than usual is expected"
        days.append(f"{day_words(one['adds'])}{than} on {day.day} {day:%B}")
    return [f"As before and after past holidays, {', '.join(days)}."]


def day_words(adds: str) -> str:
    """80 % more"""
    share = round(100 * float(adds))
    return f"{abs(share)} % {'more' if share > 0 else 'less'}"


def _span(first: str, last: str) -> str:
    start, end = date.fromisoformat(first), date.fromisoformat(last)
    if start == end:
        return f"on {start.day} {start:%B}"
    month = "" if (start.year, start.month) == (end.year, end.month) else f" {start:%B}"
    year = f" {start.year}" if start.year != end.year else ""
    return f"from {start.day}{month}{year} to {end.day} {end:%B}{year and f' {end.year}'}"
