"""What an item's newest plan foretold, beside what was sold in the weeks before, for its page. Reads only."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from orders.models import Site, SiteClosure
from procurement.engine.forecast_reason import day_words, forecast_sentences
from procurement.models import PlanRun, Promotion, Requirement
from suppliers.models import Product
from suppliers.templatetags.figures import to_decimal


@dataclass(frozen=True, slots=True)
class Mark:
    """Days that are not like others."""

    kind: str  # promotion, closed, beside (a holiday)
    name: str
    first: date
    last: date


@dataclass(frozen=True, slots=True)
class ForecastCourse:
    as_of: date
    weeks: Sequence[float]  # sold in each, oldest first, the last one ends the day before `as_of`
    days: int  # foretold together
    expected: float  # over all these days
    low: float
    high: float
    marks: Sequence[Mark]
    reason: dict[str, Any]
    requirement: Requirement

    @property
    def words(self) -> list[str]:
        """What is out of the ordinary: sentences."""
        return forecast_sentences(self.reason)

    @property
    def begins(self) -> date:
        return self.as_of - timedelta(weeks=len(self.weeks))

    @property
    def ends(self) -> date:
        return self.as_of + timedelta(days=self.days)

    def weekly(self, quantity: float) -> float:
        """Of the days foretold, a week's share."""
        return 7 * quantity / self.days

    @property
    def highest(self) -> float:
        return max([1e-9, *self.weeks, self.weekly(self.high)])


def forecast_course(*, site: Site, product: Product) -> ForecastCourse | None:
    """None where no plan has looked at it, or one of before ranges were kept."""
    done = Requirement.objects.filter(run__site=site, run__status=PlanRun.Status.DONE, product=product)
    found = done.select_related("run").order_by("-run_id").first()
    demand = found.reason.get("demand", {}) if found else {}
    if found is None or "range" not in demand:
        return None
    low, high = (float(to_decimal(end) or 0) for end in demand["range"])
    begins = found.run.as_of - timedelta(weeks=len(demand["weeks"]))
    return ForecastCourse(
        as_of=found.run.as_of,
        weeks=[float(week) for week in demand["weeks"]],
        days=int(demand["horizon_days"]),
        expected=float(found.reason["forecast"]),
        low=low,
        high=high,
        marks=_marks(
            site, product, begins, found.run.as_of + timedelta(days=int(demand["horizon_days"])), demand
        ),
        reason=found.reason,
        requirement=found,
    )


def _marks(site: Site, product: Product, first: date, end: date, demand: dict[str, Any]) -> list[Mark]:
    promotions = Promotion.objects.filter(site=site, product=product, ends_on__gte=first, starts_on__lt=end)
    closures = SiteClosure.objects.filter(site=site, last__gte=first, first__lt=end)
    marks = [Mark("promotion", one.name or "promotion", one.starts_on, one.ends_on) for one in promotions]
    marks += [Mark("closed", one.name, one.first, one.last) for one in closures]
    marks += [
        Mark(
            "beside",
            f"{day_words(one['adds'])} than usual",
            date.fromisoformat(one["date"]),
            date.fromisoformat(one["date"]),
        )
        for one in demand.get("beside_holidays", ())
        if one["date"] < end.isoformat()
    ]
    return sorted(marks, key=lambda mark: (mark.first, mark.last, mark.name))
