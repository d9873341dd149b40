"""From a sourced plan to rows: one draft order a supplier, and for every item what came of it."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import NamedTuple

import orjson
from django.utils import timezone

from orders.caveats import caveats_summed
from orders.models import PurchaseOrderLine
from orders.services.drafting import DraftLine, OfferDrafted, ProductDrafted, order_draft
from procurement.engine.line_exceptions import lasts_long
from procurement.engine.lines import Settled
from procurement.engine.needs import Needs, Reason
from procurement.engine.params import PlanningParams
from procurement.engine.sourcing import Choice, Sourcing
from procurement.models import PlanPartition, PlanRun, Requirement
from procurement.services.forecaster_notes import forecaster_notes
from procurement.services.plan_money import left_out, rates_used
from procurement.services.plan_reading import Surroundings
from procurement.services.requirement_rows import (
    ROWS_AT_ONCE,
    Due,
    exceptions_listed,
    requirements_read,
    requirements_settle,
)
from procurement.sourcing_words import sourcing_kept
from suppliers.bulk_rows import rows_add


@dataclass(frozen=True, slots=True)
class Proposal:
    """Who delivers what, of all due items of a site."""

    due: Sequence[Due]  # in the order of the needs
    needs: Needs
    sourcing: Sourcing
    params: PlanningParams

    def by_supplier(self) -> dict[int, list["Bought"]]:
        """What each supplier (by its row) delivers, by sku."""
        found: dict[int, list[Bought]] = defaultdict(list)
        of_offer = self.needs.offers.supplier.tolist()
        for due, sourced in zip(self.due, self.sourcing.items, strict=True):
            for choice in sourced.choices:
                found[of_offer[choice.chosen.offer]].append(Bought(due, choice))
        return {
            supplier: sorted(lines, key=lambda line: line.due.sku)
            for supplier, lines in sorted(found.items())
        }


class Bought(NamedTuple):
    due: Due
    choice: Choice


def suggestions_write(*, around: Surroundings, proposal: Proposal) -> None:
    """Write the drafts and end the run. Call inside a transaction that holds the run."""
    run = around.run
    told: list[Reason] = []
    orders: list[int] = []
    value = Decimal(0)
    settled = Settled(proposal.needs, proposal.params)
    for supplier, bought in proposal.by_supplier().items():
        lines = [_line(run, proposal.needs, one) for one in bought]
        orders.append(_draft(around, supplier, bought, lines, _reasons(settled, bought, told)))
        value += sum((line.quantity * line.unit_price for line in lines), Decimal(0)) * _worth(
            around, supplier
        )
    _settle(run, proposal, settled)
    lines_written = _link(proposal, orders)
    parts = PlanPartition.objects.filter(run=run)
    run.status = PlanRun.Status.DONE
    run.finished_at, run.held_until = timezone.now(), None
    run.stage, run.progress = "Done", 100
    run.items, run.orders, run.lines = sum(part.items for part in parts), len(orders), lines_written
    run.uncovered = run.requirements.filter(shortfall__gt=0).count()
    run.exceptions = exceptions_listed(run)
    run.value = value.quantize(Decimal("0.01"))
    run.caveats = [asdict(words) for words in caveats_summed(told)]
    names = dict(enumerate(supplier.name for supplier in around.suppliers))
    run.sourcing = sourcing_kept(proposal.sourcing, names, proposal.params.currency)
    run.parameters["rates"] = rates_used(around.rates, around.suppliers)
    run.notes = left_out((part.offers for part in parts), around.rates, around.suppliers)
    run.notes += forecaster_notes(run)
    run.save()


def _worth(around: Surroundings, supplier: int) -> Decimal:
    """A unit of its currency, in the base currency."""
    rate = around.rates.usable.get(around.suppliers[supplier].currency)
    return rate.value if rate else Decimal(1)


def _line(run: PlanRun, needs: Needs, bought: Bought) -> DraftLine:
    due, chosen = bought.due, bought.choice.chosen
    if chosen.unit_price is None:
        raise AssertionError("a quote without a price was chosen")
    offers, k = needs.offers, chosen.offer
    product = ProductDrafted(due.sku, due.name, due.unit)
    return DraftLine(
        supplier_product=OfferDrafted(int(offers.key[k]), due.product, offers.supplier_sku[k], product),
        quantity=chosen.quantity,
        unit_price=chosen.unit_price,
        requested_date=run.as_of + timedelta(days=int(needs.arrival_days[k])),
        suggested_quantity=chosen.quantity,
    )


def _reasons(settled: Settled, bought: Sequence[Bought], told: list[Reason]) -> Iterator[Reason]:
    """Of each line; those with caveats are added to `told`."""
    for due, choice in bought:
        reason = settled.line(orjson.loads(due.reason), due.levels, choice)
        if reason.get("caveats"):
            told.append({"caveats": reason["caveats"]})
        yield reason


def _draft(
    around: Surroundings,
    row: int,
    bought: Sequence[Bought],
    lines: Sequence[DraftLine],
    reasons: Iterator[Reason],
) -> int:
    supplier = around.suppliers[row]
    order = order_draft(
        supplier=supplier,
        site=around.run.site,
        lines=lines,
        by=None,  # nobody entered it, so any approver may approve it
        origin="plan",
        via="plan",
        requested_date=max(line.requested_date for line in lines if line.requested_date),
        rate=around.rates.usable.get(supplier.currency),
        approve_before=_cut_off(bought, lines),
        reasons=reasons,  # the database writes lines while the next ones are told
    )
    return order.pk


def _cut_off(bought: Sequence[Bought], lines: Sequence[DraftLine]) -> datetime | None:
    """What the supplier's calendar said, the same for all its lines; None where it takes orders at any time."""
    levels = (one.due.levels[line.supplier_product.pk] for one, line in zip(bought, lines, strict=True))
    told = [level["delivery"]["order_by"] for level in levels if "order_by" in level.get("delivery", {})]
    return datetime.fromisoformat(min(told)) if told else None


def _settle(run: PlanRun, proposal: Proposal, settled: Settled) -> None:
    """Rewrite the items of which something is missing, or that are planned by another offer at the prices of now."""
    needs = proposal.needs
    rows = [
        row
        for row, (due, sourced) in enumerate(zip(proposal.due, proposal.sourcing.items, strict=True))
        if sourced.shortfall
        or due.order_up_to != float(needs.due_below[row])
        or lasts_long(needs, row, sourced, due.daily_demand)
    ]
    for start in range(0, len(rows), ROWS_AT_ONCE):
        some = rows[start : start + ROWS_AT_ONCE]
        found = requirements_read(run, [proposal.due[row].product for row in some])
        requirements_settle(
            [proposal.due[row].key for row in some],
            [
                settled.requirement(row, found[proposal.due[row].product], proposal.sourcing.items[row])
                for row in some
            ],
        )


def _link(proposal: Proposal, orders: Sequence[int]) -> int:
    """Each item to the lines that cover it; how many lines there are."""
    through = Requirement.order_lines.through
    lines = list(PurchaseOrderLine.objects.filter(order__in=orders).order_by().values_list("pk", "product"))
    requirement_of = {due.product: due.key for due in proposal.due}
    rows_add(
        through,
        {
            "requirement_id": [requirement_of[product] for _, product in lines],
            "purchaseorderline_id": [line for line, _ in lines],
        },
    )
    return len(lines)
