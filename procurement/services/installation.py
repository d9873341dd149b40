"""What every installation has from its first start; each function can be called again at any time."""

from django.db import transaction
from django_q.models import Schedule

from orders.models import Site
from procurement.models import PlanningPolicy
from procurement.schedules import PERIODIC_JOBS

OUR_TASKS = ("orders.", "suppliers.", "procurement.")


@transaction.atomic
def schedules_ensure() -> int:
    """Make the schedule table say what PERIODIC_JOBS says; when a job runs next is left alone."""
    ours = [row for row in Schedule.objects.order_by("pk") if row.func.startswith(OUR_TASKS)]
    names = {job.name for job in PERIODIC_JOBS}
    kept: set[str] = set()
    for row in ours:
        if row.name in names and row.name not in kept:
            kept.add(row.name)
        else:
            row.delete()
    for job in PERIODIC_JOBS:
        Schedule.objects.update_or_create(
            name=job.name,
            defaults={"func": job.task, "schedule_type": job.every, "minutes": 1, "repeats": -1},
        )
    return len(PERIODIC_JOBS)


def site_ensure() -> Site:
    """The one site of a new installation, with the default policy; a renamed or second site is left alone."""
    site = Site.objects.order_by("pk").first() or Site.objects.create(code="main", name="Main warehouse")
    PlanningPolicy.objects.get_or_create(site=site)
    return site
