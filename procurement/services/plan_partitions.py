"""The first step of a plan, cut into parts: each is a row, computed by whichever worker takes it up.

A part writes what it found in one transaction, which also asks whether the part is still its own and the run still
runs. The last one to finish hands the run on to the sourcing step. A part whose worker died is done again, three times
at most; then the plan fails and says so.
"""

from collections.abc import Callable, Collection, Iterator, Sequence
from datetime import datetime, timedelta

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import F, Q
from django.utils import timezone

from orders.wakeups import wake
from procurement.engine.forecast.keeping import experience_kept, experience_read
from procurement.engine.items import ItemRequirement, requirements_of
from procurement.exceptions import NothingToPlan
from procurement.forecaster import forecaster
from procurement.models import PlanPartition, PlanRun, Requirement
from procurement.selectors import ItemRow, items_planned, within_products
from procurement.services.class_values import class_cuts
from procurement.services.item_rules import class_rules
from procurement.services.plan_claims import ATTEMPTS, LEASE, over, overrun, phase_hold, phase_next
from procurement.services.plan_money import offers_seen
from procurement.services.plan_reading import (
    planning_data,
    planning_params,
    site_experience,
    site_service_price,
    surroundings_of,
)
from procurement.services.requirement_rows import requirements_add
from suppliers.selectors import rates_in_force

PARTITION_ITEMS = 2_500
PREPARED, FOUND = 5, 70  # percent of a plan's way
LONGEST_PART = 120  # seconds of a task, without another forecaster's
LONGEST_SOURCING = 900
TRIES = 3  # items may be deleted while their part computes

State = PlanPartition.State
Report = Callable[[str, int], None]  # words, percent


def partitions_deal(run: PlanRun, *, woken: bool) -> None:
    """Cut the site's items into parts and learn what holds for all of them. `run`: its phase claimed."""
    phase_hold(run, "Reading", 2)
    items = items_planned(site=run.site)
    if not items:
        raise NothingToPlan(
            f"{run.site.name} has no stock, no demand and no customer orders yet. Load them with import_data."
        )
    wanted = set(run.products)
    planned = [item for item in items if item.pk in wanted] if wanted else items
    if not planned:
        raise NothingToPlan("None of the items is planned here any more.")
    experience = site_experience(run, items)
    cuts = class_cuts(run, class_rules(run.parameters), rates_in_force(day=run.as_of))
    run.parameters["class_cuts"] = cuts
    phase_hold(run, "Reading", 3)
    run.parameters["service_price"] = site_service_price(run, items, experience)
    until = timezone.now() + LEASE
    with transaction.atomic():
        if not phase_next(
            run,
            PlanRun.Phase.ITEMS,
            experience=experience_kept(experience),
            parameters=run.parameters,
            progress=PREPARED,
            stage="Forecasting",
        ):
            raise overrun(run)
        parts = PlanPartition.objects.bulk_create(_parts(run, planned, until))
        partitions_wake(parts if woken else ())


def _parts(run: PlanRun, items: Sequence[ItemRow], until: datetime) -> list[PlanPartition]:
    parts = -(-len(items) // PARTITION_ITEMS)
    if parts > 1:
        parts += parts % 2  # equal ones, of which two workers, as there mostly are, get the same number
    size = -(-len(items) // parts)
    found = []
    for number, start in enumerate(range(0, len(items), size), start=1):
        of_part = items[start : start + size]
        found.append(
            PlanPartition(
                run=run,
                number=number,
                first_product=of_part[0].pk,
                last_product=of_part[-1].pk,
                items=len(of_part),
                products=[item.pk for item in of_part] if run.products else None,
                lease_until=until,
            )
        )
    return found


def partitions_wake(parts: Sequence[PlanPartition]) -> None:
    for part in parts:
        partition_wake(part)


def partition_wake(part: PlanPartition) -> None:
    seconds = LONGEST_PART + round(_others_time().total_seconds())
    wake("procurement.tasks.plan_part", part.pk, seconds=seconds)


def _others_time() -> timedelta:
    """That another forecaster than ours may use up before ours takes its place."""
    return timedelta(seconds=settings.FORECASTER_SECONDS if settings.FORECASTER else 0)


def partition_claim(pk: int) -> PlanPartition | None:
    """Take a part up; None if it is done, somebody else is at it, or its run has ended."""
    now = timezone.now()
    until = now + LEASE + _others_time()
    runs = Q(run__status=PlanRun.Status.RUNNING, run__phase=PlanRun.Phase.ITEMS)
    fence = PlanPartition.objects.filter(runs, pk=pk).values_list("fence", flat=True).first()
    free = Q(state=State.WAITING) | Q(over(now), state=State.RUNNING)
    # Of this row alone: with a condition on the run's, PostgreSQL would go by the rows as they were before it waited
    # for whoever claims the part at the same moment, and give it to both.
    if fence is None or not PlanPartition.objects.filter(
        free, pk=pk, fence=fence, attempts__lt=ATTEMPTS
    ).update(
        state=State.RUNNING, fence=fence + 1, attempts=F("attempts") + 1, lease_until=until, started_at=now
    ):
        return None
    part = PlanPartition.objects.select_related("run__site").get(pk=pk)
    PlanRun.objects.filter(pk=part.run_id, status=PlanRun.Status.RUNNING).update(lease_until=until)
    return part if part.fence == fence + 1 else None


def partition_do(part: PlanPartition, *, woken: bool, report: Report = lambda stage, percent: None) -> None:
    """Compute and write a part that was claimed. Raises `PlanOverrun` if it is no longer ours."""
    for left in reversed(range(TRIES)):
        try:
            report(*_finish(part, *_found(part), woken=woken))
            return
        except IntegrityError:  # an item was deleted meanwhile
            if not left:
                raise


def _found(part: PlanPartition) -> tuple[list[int], list[ItemRequirement]]:
    """Products, and what each needs."""
    run = part.run
    around = surroundings_of(run)
    items = items_planned(site=run.site, products=within(part))
    found: Iterator[ItemRequirement] = iter(())
    if items:
        data = planning_data(around, items)
        part.offers = offers_seen(data.offers, around.suppliers)
        experience = experience_read(bytes(run.experience or b""))
        found = requirements_of(data, planning_params(run), experience, forecaster())
    rows = list(found)
    part.items, part.due = len(rows), sum(bool(row.net_requirement) for row in rows)
    return [items[row.item].pk for row in rows], rows


def _finish(
    part: PlanPartition, products: Sequence[int], rows: Sequence[ItemRequirement], *, woken: bool
) -> tuple[str, int]:
    with transaction.atomic():
        ours = PlanPartition.objects.filter(pk=part.pk, state=State.RUNNING, fence=part.fence)
        if not ours.update(
            state=State.DONE, finished_at=timezone.now(), items=part.items, due=part.due, offers=part.offers
        ):
            raise overrun(part.run)
        Requirement.objects.filter(
            within_products(within(part)), run=part.run
        ).delete()  # if it is done again
        requirements_add(part.run, products, rows)
        # Last, as it makes the others wait: the run's row. Who comes after sees this part done.
        runs = PlanRun.objects.filter(
            pk=part.run_id, status=PlanRun.Status.RUNNING, phase=PlanRun.Phase.ITEMS
        )
        if not runs.update(lease_until=timezone.now() + LEASE):
            raise overrun(part.run)
        all_parts = PlanPartition.objects.filter(run=part.run)
        done, number = all_parts.filter(state=State.DONE).count(), all_parts.count()
        percent = PREPARED + (FOUND - PREPARED) * done // number
        stage = f"Forecasting: {done} of {number} parts" if number > 1 else "Forecasting"
        runs.update(stage=stage, progress=percent)
        if done == number:
            runs.update(phase=PlanRun.Phase.SOURCING, attempts=0, held_until=None)
            if woken:
                wake("procurement.tasks.plan_step", part.run_id, seconds=LONGEST_SOURCING)
    return stage, percent


def partitions_redo(run: PlanRun, products: Collection[int]) -> list[PlanPartition]:
    """Back from sourcing to those parts whose figures have changed. Call inside the transaction that holds the run."""
    parts = [
        part
        for part in PlanPartition.objects.filter(run=run)
        if any(part.first_product <= product <= part.last_product for product in products)
    ]
    now = timezone.now()
    PlanPartition.objects.filter(pk__in=[part.pk for part in parts]).update(
        state=State.WAITING, attempts=0, lease_until=now + LEASE, finished_at=None
    )
    stage = "Orders changed meanwhile; starting over"
    if not phase_next(run, PlanRun.Phase.ITEMS, restarts=run.restarts + 1, stage=stage, progress=PREPARED):
        raise overrun(run)
    return parts


def within(part: PlanPartition) -> range | list[int]:
    """Ids of products."""
    return part.products or range(part.first_product, part.last_product + 1)
