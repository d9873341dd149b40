"""The second step of a plan: who delivers what the parts found to be needed, decided for the whole site at once.

Suppliers are asked again before it for prices and stock that are too old. Then drafts are written and the run ends, in
one transaction that still holds the run and in which scheduled receipts are as the parts saw them; else the parts
concerned are done again.
"""

import logging
from collections.abc import Sequence
from decimal import Decimal

import numpy as np
from django.db import IntegrityError, transaction

from orders.models import Site
from orders.selectors import scheduled_receipts
from procurement.engine.lines import arrival_days, steady_daily
from procurement.engine.needs import limits_of_levels, limits_together, needs_of
from procurement.engine.sourcing import source
from procurement.exceptions import NothingToPlan, OffersKeepChanging, OrdersKeepChanging
from procurement.models import PlanPartition, PlanRun, Requirement
from procurement.services.plan_claims import overrun, phase_hold, phase_kept
from procurement.services.plan_partitions import FOUND, Report, partitions_redo, partitions_wake
from procurement.services.plan_reading import (
    Surroundings,
    offers_now,
    planning_params,
    suppliers_asked,
    surroundings_of,
)
from procurement.services.price_refresh import figures_refresh
from procurement.services.requirement_rows import Due, due, due_read
from procurement.services.stock_taken import stock_taken
from procurement.services.storage_areas import items_sharing_places, storage_limits
from procurement.services.suggestions import Proposal, suggestions_write
from suppliers.models import SupplierProduct

log = logging.getLogger(__name__)

TRIES = 3  # orders and offers may change while the plan computes
READ_AT_ONCE = 5_000
TINY = Decimal("0.00005")


def sourcing_do(run: PlanRun, *, woken: bool, report: Report = lambda stage, percent: None) -> None:
    """`run`: its phase claimed. Raises `PlanningError`."""

    def held(stage: str, percent: int) -> None:
        phase_hold(run, stage, percent)
        report(stage, percent)

    seen = PlanPartition.objects.filter(run=run).values_list("offers", flat=True)
    if run.kind == PlanRun.Kind.FULL and not any(seen):
        raise NothingToPlan("No active supplier offers any of the items. Load or fetch a catalogue first.")
    for _ in range(TRIES + Site.objects.count()):  # each other site's plan may be first at a supplier's stock
        held("Choosing suppliers", FOUND)
        found = due_read(run)
        not_asked = _asked(run, found, held)
        with phase_kept(run):
            around = surroundings_of(run)
            proposal = _proposal(around, found, not_asked)
        held("Writing", 95)
        try:
            with transaction.atomic():
                phase_hold(run, "Writing", 95)  # inside the transaction: from here on nobody can take it over
                if changed := _changed(run):
                    _redo(run, changed, woken=woken)
                    break
                if not _gone(run, proposal) and not stock_taken(around, proposal):
                    suggestions_write(around=around, proposal=proposal)
                    return
        except IntegrityError as error:  # something was deleted in this very moment
            log.info("plan %s chooses again: %s", run.pk, error)
    else:
        raise OffersKeepChanging("Offers kept changing while the plan was computed. Start it again.")
    report("Orders changed meanwhile; starting over", 0)


def _redo(run: PlanRun, changed: set[int], *, woken: bool) -> None:
    if run.restarts + 1 >= TRIES:
        raise OrdersKeepChanging("Orders kept changing while the plan was computed. Start it again.")
    parts = partitions_redo(run, changed)
    partitions_wake(parts if woken else ())


def _gone(run: PlanRun, proposal: Proposal) -> bool:
    """Whether an item was deleted, or an offer that was chosen deleted or withdrawn, since it was read."""
    if due(run).count() != len(proposal.due):
        return True
    keys = proposal.needs.offers.key
    chosen = sorted({int(keys[c.chosen.offer]) for one in proposal.sourcing.items for c in one.choices})
    there = SupplierProduct.objects.filter(active=True, supplier__active=True)
    return any(
        there.filter(pk__in=chosen[start : start + READ_AT_ONCE]).count()
        != len(chosen[start : start + READ_AT_ONCE])
        for start in range(0, len(chosen), READ_AT_ONCE)
    )


def _asked(run: PlanRun, found: Sequence[Due], held: Report) -> dict[int, str]:
    """Have suppliers asked for what is needed, once a run. By supplier: why it could not be asked for all of it."""
    if run.not_asked is None:
        run.not_asked = figures_refresh(
            suppliers=suppliers_asked(),
            products={one.product for one in found},
            report=lambda stage: held(stage, 75),
        )
        ours = PlanRun.objects.filter(pk=run.pk, status=PlanRun.Status.RUNNING, fence=run.fence)
        if not ours.update(not_asked=run.not_asked):
            raise overrun(run)
    return {int(supplier): why for supplier, why in run.not_asked.items()}


def _proposal(around: Surroundings, found: Sequence[Due], not_asked: dict[int, str]) -> Proposal:
    params = planning_params(around.run)
    decided = {offer for one in found for offer in one.levels}
    now = offers_now(around, [one.product for one in found], decided, not_asked)
    items, keys = now.offers.item.tolist(), now.offers.key.tolist()
    levels = [found[item].levels[key] for item, key in zip(items, keys, strict=True)]
    shared = items_sharing_places(around.run) if params.order_line_cost else set()
    needs = needs_of(
        skus=[one.sku for one in found],
        position=np.array([one.position for one in found], dtype=np.float64),
        order_up_to=np.array([one.order_up_to for one in found], dtype=np.float64),
        level=np.array([float(told["order_up_to"]) for told in levels], dtype=np.float64),
        limits=limits_together(
            limits_of_levels(levels, range(len(levels))),
            storage_limits(around.run),
            [found[item].product for item in items],
        ),
        arrival_days=np.array([arrival_days(told) for told in levels], dtype=np.int64),
        need_by_days=np.array([one.need_by_days for one in found], dtype=np.float64),
        # What is needed by others of the same place comes before what is bought ahead.
        steady_daily=np.array(
            [
                0.0 if found[item].product in shared else steady_daily(told)
                for item, told in zip(items, levels, strict=True)
            ],
            dtype=np.float64,
        ),
        now=now,
        params=params,
    )
    return Proposal(found, needs, source(needs, params), params)


def _changed(run: PlanRun) -> set[int]:
    """Products of the run whose scheduled receipts are no longer what its parts saw."""
    receipts = scheduled_receipts(site=run.site)
    rows = Requirement.objects.filter(run=run).exclude(on_order=0)
    planned: dict[int, Decimal] = dict(rows.values_list("product", "on_order"))
    differ = {
        product
        for product in receipts.keys() | planned.keys()
        if abs(receipts.get(product, Decimal(0)) - planned.get(product, Decimal(0))) > TINY
    }
    ours = Requirement.objects.filter(run=run, product__in=differ).values_list("product", flat=True)
    return set(ours) if differ else set()
