"""Running a plan: claim the site, compute, then write what it proposes in one transaction.

One plan a site at a time, held by the database; a plan that died is taken over when its lease has run out. Drafts and
everything under way count as on order, and what was asked of a supplier no longer counts as its stock on offer, so a
second plan proposes nothing twice.
"""

import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import timedelta
from decimal import Decimal

import numpy as np
from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser
from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils import timezone

from orders.models import Site
from orders.selectors import open_on_offer, scheduled_receipts
from procurement.engine.data import OfferRow, PlanningData, offers_from_rows
from procurement.engine.forecast import SAMPLE, Experience, experience_of
from procurement.engine.params import PlanningParams
from procurement.engine.plan import plan
from procurement.exceptions import NothingToPlan, PlanAlreadyRunning, PlanningError, PlanOverrun
from procurement.known_days import known_days
from procurement.models import PlanningPolicy, PlanRun
from procurement.selectors import (
    ItemRow,
    OfferInForce,
    demand_matrix,
    inventory_position,
    items_planned,
    offers_in_force,
)
from procurement.services.freshness import Doubts, doubts_of, item_caveats, offer_caveats, stock_known
from procurement.services.plan_money import LeftOut, rates_used
from procurement.services.plan_terms import offers_terms, suppliers_terms, terms_parameters
from procurement.services.price_refresh import caveats_together, figures_refresh, price_caveats
from procurement.services.suggestions import Proposal, suggestions_write
from procurement.stock_words import disputes
from suppliers.models import Supplier
from suppliers.selectors import rates_in_force

log = logging.getLogger(__name__)

LEASE = timedelta(minutes=2)  # renewed with every sign of progress
ITEMS_AT_ONCE = 4_000
TRIES = 3  # orders may change while the plan computes

Progress = Callable[[str, int], None]


def plan_run(
    *, site: Site, by: AbstractBaseUser | None, on_progress: Progress = lambda stage, percent: None
) -> PlanRun:
    """Plan the site now. Raises `PlanningError`."""
    return plan_execute(run=plan_start(site=site, by=by), on_progress=on_progress)


def plan_start(*, site: Site, by: AbstractBaseUser | None) -> PlanRun:
    """Claim the site for a plan. Raises `PlanAlreadyRunning`."""
    policy, _ = PlanningPolicy.objects.get_or_create(site=site)
    now = timezone.now()
    # A lease that ends far ahead is of before the clock was set back.
    over = Q(lease_until__lt=now) | Q(lease_until__gt=now + 2 * LEASE)
    PlanRun.objects.filter(over, site=site, status=PlanRun.Status.RUNNING).update(
        status=PlanRun.Status.FAILED,
        finished_at=now,
        error="It gave no sign of life any more, and another plan took over. Nothing of it was written.",
    )
    try:
        with transaction.atomic():
            return PlanRun.objects.create(
                site=site,
                as_of=timezone.localdate(),
                by_id=by.pk if by else None,
                lease_until=now + LEASE,
                stage="Starting",
                parameters={
                    "service_level": str(policy.service_level),
                    "review_period_days": policy.review_period_days,
                    "history_days": policy.history_days,
                    "currency": settings.BASE_CURRENCY,
                    **terms_parameters(policy),
                },
            )
    except IntegrityError:
        raise PlanAlreadyRunning(
            f"A plan for {site.name} is running already; look at its result, or start again when it has ended."
        ) from None


def plan_execute(*, run: PlanRun, on_progress: Progress = lambda stage, percent: None) -> PlanRun:
    """Compute and write a plan that `plan_start` has claimed. A failure is kept with the run, then raised."""

    def report(stage: str, percent: int) -> None:
        _renew(run, stage, percent)
        on_progress(stage, percent)

    try:
        not_asked: dict[int, str] | None = None
        for _ in range(TRIES):
            proposal = _propose(run, report, not_asked or {})
            if not_asked is None:
                not_asked = _refresh(proposal, report)
                # By what was answered; and what was not, its lines say.
                proposal = _propose(run, report, not_asked) if not_asked else proposal
            report("Writing", 95)
            with transaction.atomic():
                # Inside the transaction: from here on nobody can take the site over.
                _renew(run, "Writing", 95)
                if scheduled_receipts(site=run.site) == proposal.on_order:
                    suggestions_write(run=run, proposal=proposal)
                    return run
            report("Orders changed meanwhile; starting over", 0)
        raise PlanOverrun("Orders kept changing while the plan was computed. Start it again.")
    except PlanningError as error:
        _fail(run, str(error))
        raise
    except Exception as error:
        log.exception("plan %s failed", run.pk)
        _fail(
            run, f"It stopped on an error of the program ({type(error).__name__}); the log has the details."
        )
        raise


def _refresh(proposal: Proposal, report: Progress) -> dict[int, str]:
    """Have suppliers asked for what the first pass found to be needed; empty where nothing was too old."""
    needed = {product for product, need in proposal.requirements if need.net_requirement > 0}
    return figures_refresh(
        suppliers=proposal.suppliers, products=needed, report=lambda stage: report(stage[:60], 90)
    )


def _renew(run: PlanRun, stage: str, percent: int) -> None:
    """Show progress and hold the site longer; raises `PlanOverrun` if the site is no longer ours."""
    until = timezone.now() + LEASE
    held = PlanRun.objects.filter(
        pk=run.pk, status=PlanRun.Status.RUNNING, lease_until=run.lease_until
    ).update(stage=stage, progress=percent, lease_until=until)
    if not held:
        raise PlanOverrun("The plan took too long and another one has started. Nothing of it was written.")
    run.lease_until, run.stage, run.progress = until, stage, percent


def _fail(run: PlanRun, error: str) -> None:
    PlanRun.objects.filter(pk=run.pk, status=PlanRun.Status.RUNNING, lease_until=run.lease_until).update(
        status=PlanRun.Status.FAILED, finished_at=timezone.now(), error=error
    )
    run.refresh_from_db()


def _propose(run: PlanRun, report: Progress, not_asked: Mapping[int, str]) -> Proposal:
    report("Reading", 2)
    items = items_planned(site=run.site)
    if not items:
        raise NothingToPlan(
            f"{run.site.name} has no stock, no demand and no customer orders yet. Load them with import_data."
        )
    suppliers = list(Supplier.objects.filter(active=True).order_by("pk"))
    params = PlanningParams(
        currency=run.parameters["currency"],
        service_level=Decimal(run.parameters["service_level"]),
        review_period_days=run.parameters["review_period_days"],
        most_suppliers_a_line=run.parameters.get("most_suppliers_a_line"),
    )
    proposal = Proposal(on_order=scheduled_receipts(site=run.site), suppliers=suppliers)
    doubts = doubts_of(site=run.site, suppliers=suppliers)
    proposal.rates = rates_in_force(day=run.as_of)
    left_out = LeftOut(proposal.rates, suppliers)
    asked = open_on_offer()
    offers = 0
    experience = _experience(run, items)
    for start in range(0, len(items), ITEMS_AT_ONCE):
        chunk = items[start : start + ITEMS_AT_ONCE]
        data = _planning_data(run, chunk, proposal, asked, doubts, not_asked)
        offers += len(data.offers)
        left_out.look(data.offers)
        proposal.add([item.pk for item in chunk], plan(data, params, experience=experience))
        report("Computing", 5 + 90 * (start + len(chunk)) // len(items))
    if not offers:
        raise NothingToPlan("No active supplier offers any of the items. Load or fetch a catalogue first.")
    run.parameters["rates"] = rates_used(proposal.rates, suppliers)
    run.notes = left_out.notes()
    return proposal


def _experience(run: PlanRun, items: list[ItemRow]) -> Experience:
    """What holds for all items, from a part of them: the same for each chunk."""
    some = [item.pk for item in items[:: -(-len(items) // SAMPLE)]]
    days = run.parameters["history_days"]
    return experience_of(demand_matrix(site=run.site, products=some, as_of=run.as_of, days=days))


def _planning_data(
    run: PlanRun,
    items: list[ItemRow],
    proposal: Proposal,
    asked: dict[int, Decimal],
    doubts: Doubts,
    not_asked: Mapping[int, str],
) -> PlanningData:
    ids = [item.pk for item in items]
    within = range(ids[0], ids[-1] + 1)
    position = inventory_position(site=run.site, products=within, on_order=proposal.on_order)
    disputed = disputes(site=run.site, products=within, now=doubts.now)
    row_of = {pk: row for row, pk in enumerate(ids)}
    on_hand, on_order, committed = np.zeros((3, len(ids)))
    for pk, at in position.items():
        if (row := row_of.get(pk)) is not None:
            on_hand[row], on_order[row], committed[row] = at.on_hand, at.on_order, at.committed
    offers = offers_in_force(products=within)
    demand = demand_matrix(site=run.site, products=ids, as_of=run.as_of, days=run.parameters["history_days"])
    return PlanningData(
        as_of=run.as_of,
        skus=tuple(item.sku for item in items),
        units=tuple(item.unit for item in items),
        demand=demand,
        days=known_days(site=run.site, products=ids, as_of=run.as_of, demand=demand),
        on_hand=on_hand,
        on_order=on_order,
        committed=committed,
        suppliers=suppliers_terms(proposal.suppliers, day=run.as_of, parameters=run.parameters),
        offers=offers_from_rows(list(_offers(offers, row_of, proposal.suppliers, asked))),
        offer_terms=offers_terms(offers, day=run.as_of),
        rates=proposal.rates.usable,
        rate_problems={s.currency: proposal.rates.problem(s.currency) for s in proposal.suppliers},
        item_caveats=item_caveats(doubts, items, position, disputed),
        stock_known=stock_known(doubts, items, position, disputed),
        offer_caveats=caveats_together(
            price_caveats(offers, proposal.suppliers, not_asked), offer_caveats(doubts, offers, not_asked)
        ),
    )


def _offers(
    offers: Sequence[OfferInForce],
    row_of: Mapping[int, int],
    suppliers: Sequence[Supplier],
    asked: Mapping[int, Decimal],
) -> Iterator[OfferRow]:
    supplier_of = {supplier.pk: row for row, supplier in enumerate(suppliers)}
    for offer in offers:
        if offer.product in row_of and offer.supplier in supplier_of:
            yield OfferRow(
                item=row_of[offer.product],
                key=offer.pk,
                supplier=supplier_of[offer.supplier],
                supplier_sku=offer.supplier_sku,
                lead_time_days=offer.lead_time_days,
                pack_size=offer.pack_size,
                minimum_quantity=offer.minimum_quantity,
                currency=offer.currency,
                tiers=offer.tiers,
                stock=offer.stock,
                asked=asked.get(offer.pk, Decimal(0)),
            )
