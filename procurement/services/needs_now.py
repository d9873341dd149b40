"""What some items need at this moment, found as a plan finds it; nothing is written."""

from collections.abc import Collection

from django.utils import timezone

from procurement.engine.forecast import Experience
from procurement.engine.forecast.keeping import experience_read
from procurement.engine.items import ItemRequirement, requirements_of
from procurement.models import PlanningPolicy, PlanRun
from procurement.selectors import items_planned
from procurement.services.plan_reading import (
    planning_data,
    planning_params,
    site_experience,
    site_service_price,
    surroundings_of,
)
from procurement.services.plan_rules import plan_rules

# Rules by which a kept price of service is another one, or none
PRICED_BY = ("buffer_spread", "service_level")


def needs_now(*, run: PlanRun, products: Collection[int]) -> dict[int, ItemRequirement]:
    """By product, with the levels and limits of all its offers; what is not planned at the site is not among them.

    With what `run`, the newest plan, learned from all items, if that was today; by the rules, stock, orders and prices
    of now. Forecasts are ours: nobody waits here for another forecaster.
    """
    site = run.site
    items = items_planned(site=site, products=set(products))
    if not items:
        return {}
    policy = PlanningPolicy.objects.filter(site=site).first() or PlanningPolicy(site=site)
    rules = {**run.parameters, **plan_rules(policy)}
    now = PlanRun(site=site, as_of=timezone.localdate(), started_at=timezone.now(), parameters=rules)
    experience = _experience(run, now)
    if any(rules[name] != run.parameters.get(name) for name in PRICED_BY):
        now.parameters["service_price"] = site_service_price(now, items_planned(site=site), experience)
    data = planning_data(surroundings_of(now), items)
    found = requirements_of(data, planning_params(now), experience, every_level=True)
    return {items[one.item].pk: one for one in found}


def _experience(run: PlanRun, now: PlanRun) -> Experience:
    """As kept, where its days are still those of now: weekdays, closed days and holidays stand in it by position."""
    same_days = run.as_of == now.as_of and run.parameters["history_days"] == now.parameters["history_days"]
    if run.experience and same_days:
        return experience_read(bytes(run.experience))
    return site_experience(now, items_planned(site=now.site))
