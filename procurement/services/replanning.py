"""Planning just the items that something has happened to: a plan run of some items, with what happened in words.

Looked at once a minute, so all that happened in a minute is one run. While a plan of the site runs nothing is begun;
what it has not seen is still there to be seen after it. Drafts and orders under way count as on order in these plans
as in all.
"""

from datetime import timedelta

from django.utils import timezone

from orders.models import Site
from procurement.exceptions import PlanAlreadyRunning
from procurement.models import PlanningPolicy, PlanRun
from procurement.replan_causes import replan_causes
from procurement.selectors import items_planned
from procurement.services.plan_claims import plan_start
from procurement.services.planning import plan_step

REST = timedelta(hours=1)  # after one that failed or was cancelled: it would come back every minute
MOST_ITEMS = 2_000  # more than that is a plan of its own
MOST_CAUSES = 200  # kept in words


def sites_replanned() -> list[Site]:
    return list(Site.objects.filter(policy__replans=True).order_by("pk"))


def replans_switch(*, site: Site, on: bool) -> bool:
    """Whether items are planned again by themselves; False: they were, or were not, already."""
    policy, _ = PlanningPolicy.objects.get_or_create(site=site)
    return bool(PlanningPolicy.objects.filter(pk=policy.pk).exclude(replans=on).update(replans=on))


def items_replan(*, site: Site) -> PlanRun | None:
    """None: nothing has happened, or it is not the time."""
    policy = PlanningPolicy.objects.filter(site=site, replans=True).first()
    runs = PlanRun.objects.filter(site=site)
    if policy is None or runs.filter(status=PlanRun.Status.RUNNING).exists():
        return None
    last, now = runs.order_by("-pk").first(), timezone.now()
    if last is None or (
        last.kind == PlanRun.Kind.ITEMS
        and last.status != PlanRun.Status.DONE
        and now - REST < last.started_at <= now  # what lies ahead is of before the clock was set back
    ):
        return None
    causes = replan_causes(site=site, policy=policy)
    # Others would ask for a plan every minute, as none of them would see what has happened.
    planned = {item.pk for item in items_planned(site=site, products={cause.product for cause in causes})}
    causes = [cause for cause in causes if cause.product in planned]
    products = sorted({cause.product for cause in causes})[:MOST_ITEMS]
    if not products:
        return None
    words = list(dict.fromkeys(cause.words for cause in causes))
    try:
        run = plan_start(site=site, by=None, products=products, causes=words[:MOST_CAUSES])
    except PlanAlreadyRunning:
        return None
    plan_step(run=run)
    return run
