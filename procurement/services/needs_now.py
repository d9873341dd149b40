"""What some items need at this moment, found as a plan finds it; nothing is written."""

from collections.abc import Collection

from django.utils import timezone

from procurement.engine.forecast.keeping import experience_read
from procurement.engine.items import ItemRequirement, requirements_of
from procurement.models import PlanningPolicy, PlanRun
from procurement.selectors import items_planned
from procurement.services.item_rules import rules_told
from procurement.services.plan_reading import (
    planning_data,
    planning_params,
    site_experience,
    surroundings_of,
)


def needs_now(*, run: PlanRun, products: Collection[int]) -> dict[int, ItemRequirement]:
    """By product, with the levels and limits of all its offers; what is not planned at the site is not among them.

    With what `run`, the newest plan, learned from all items, by the rules, stock, orders and prices of now. Forecasts
    are ours: nobody waits here for another forecaster.
    """
    site = run.site
    items = items_planned(site=site, products=set(products))
    if not items:
        return {}
    policy = PlanningPolicy.objects.filter(site=site).first() or PlanningPolicy(site=site)
    rules = {**run.parameters, **rules_told(policy)}
    now = PlanRun(site=site, as_of=timezone.localdate(), started_at=timezone.now(), parameters=rules)
    data = planning_data(surroundings_of(now), items)
    experience = (
        experience_read(bytes(run.experience))
        if run.experience
        else site_experience(now, items_planned(site=site))
    )
    found = requirements_of(data, planning_params(now), experience, every_level=True)
    return {items[one.item].pk: one for one in found}
