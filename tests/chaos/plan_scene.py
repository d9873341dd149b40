"""Run as a program in a database of its own: works on a plan, watches over it, and tells how it stands."""

import json
import sys
import time

import django

django.setup()

from datetime import timedelta  # noqa: E402
from pathlib import Path  # noqa: E402

from django.core.management import call_command  # noqa: E402
from django.db import transaction  # noqa: E402
from django.utils import timezone  # noqa: E402

from orders.models import Site  # noqa: E402
from procurement.models import PlanPartition, PlanRun  # noqa: E402
from procurement.services import plan_partitions, plan_sourcing  # noqa: E402
from procurement.services.planning import plan_run, plans_rescue  # noqa: E402
from procurement.tasks import plan_part, plan_step, run_plan  # noqa: E402
from tests.chaos.scenes import play  # noqa: E402
from tests.procurement.plans import make_world, outcome  # noqa: E402


def prepare() -> dict[str, object]:
    """With what a plan finds that nothing disturbs; it is taken back."""
    call_command("migrate", verbosity=0)
    site = make_world()
    with transaction.atomic():
        plan_run(site=site, by=None)
        found = tell()
        transaction.set_rollback(True)
    return found


def work(place: str, sign: str) -> None:
    """Does what a worker's tasks do, and stays where it writes what a part found, or the drafts, until it is killed."""

    def stay(*args: object, **kwargs: object) -> None:
        Path(sign).write_text("here")
        time.sleep(600)

    plan_partitions.PARTITION_ITEMS = 3
    if place == "part":
        plan_partitions.requirements_add = stay  # type: ignore[assignment]
    else:
        plan_sourcing.suggestions_write = stay  # type: ignore[assignment]
    run_plan(Site.objects.get().pk)
    for part in PlanPartition.objects.order_by("number"):
        plan_part(part.pk)
    plan_step(PlanRun.objects.get().pk)


def watch() -> None:
    """As if the leases had run out: nobody waits two minutes for a test."""
    long_ago = timezone.now() - timedelta(minutes=1)
    PlanRun.objects.filter(status=PlanRun.Status.RUNNING).update(lease_until=long_ago)
    PlanRun.objects.exclude(held_until=None).update(held_until=long_ago)
    PlanPartition.objects.filter(state__in=("waiting", "running")).update(lease_until=long_ago)
    plans_rescue()


def tell() -> dict[str, object]:
    return {
        "outcome": json.loads(json.dumps(outcome(Site.objects.get()), default=str)),
        "runs": list(PlanRun.objects.values_list("status", "phase")),
        "attempts": list(PlanPartition.objects.order_by("number").values_list("attempts", flat=True)),
    }


if __name__ == "__main__":
    if sys.argv[1:2] == ["work"]:
        work(*sys.argv[2:])
    play({"prepare": prepare, "watch": watch}, tell)
