"""From a computed plan to rows: one draft order a supplier, and for every item what was found."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.utils import timezone

from orders.caveats import caveats_summed
from orders.models import PurchaseOrder, PurchaseOrderLine
from orders.services.drafting import DraftLine, order_draft
from procurement.engine.plan import ItemRequirement, Plan, PlannedLine
from procurement.models import PlanRun, Requirement
from suppliers.bulk_rows import rows_add
from suppliers.models import Supplier, SupplierProduct
from suppliers.selectors import RatesKnown

# Of what was found for an item.
KEPT = (
    "on_hand", "on_order", "committed", "daily_demand", "horizon_days", "buffer", "order_up_to", "net_requirement",
    "shortfall", "reason",
)  # fmt: skip


@dataclass(slots=True)
class Proposal:
    """Plans of all parts of a site, put together. Items are product ids here."""

    on_order: Mapping[int, Decimal]  # scheduled receipts as they were when the plan was computed
    suppliers: Sequence[Supplier]
    rates: RatesKnown = field(default_factory=lambda: RatesKnown(settings.BASE_CURRENCY))
    requirements: list[tuple[int, ItemRequirement]] = field(default_factory=list)
    lines: dict[int, list[PlannedLine]] = field(default_factory=lambda: defaultdict(list))  # by supplier row

    def add(self, products: Sequence[int], computed: Plan) -> None:
        self.requirements += [(products[need.item], need) for need in computed.requirements]
        for line in computed.lines:
            self.lines[line.supplier].append(line)


def suggestions_write(*, run: PlanRun, proposal: Proposal) -> None:
    """Write the drafts and requirements and end the run. Call inside a transaction that holds the run."""
    orders = [_draft(run, proposal, row, lines) for row, lines in sorted(proposal.lines.items())]
    _requirements(run, proposal, orders)
    found = [need for _, need in proposal.requirements]
    lines = [line for of_supplier in proposal.lines.values() for line in of_supplier]
    value = sum((_worth(proposal, line) for line in lines), Decimal(0))
    run.status = PlanRun.Status.DONE
    run.finished_at = timezone.now()
    run.stage, run.progress = "Done", 100
    run.items, run.orders, run.lines = len(found), len(orders), len(lines)
    run.uncovered = sum(need.shortfall > 0 for need in found)
    run.value = value.quantize(Decimal("0.01"))
    run.caveats = [asdict(told) for told in caveats_summed(line.reason for line in lines)]
    run.save()


def _worth(proposal: Proposal, line: PlannedLine) -> Decimal:
    """In the base currency."""
    rate = proposal.rates.usable.get(proposal.suppliers[line.supplier].currency)
    return line.quantity * line.unit_price * (rate.value if rate else 1)


def _draft(run: PlanRun, proposal: Proposal, row: int, lines: list[PlannedLine]) -> PurchaseOrder:
    supplier = proposal.suppliers[row]
    lines = sorted(lines, key=lambda line: str(line.reason["sku"]))
    offers = SupplierProduct.objects.select_related("product").in_bulk([line.offer_key for line in lines])
    return order_draft(
        supplier=supplier,
        site=run.site,
        lines=[
            DraftLine(
                supplier_product=offers[line.offer_key],
                quantity=line.quantity,
                unit_price=line.unit_price,
                requested_date=line.requested_date,
                suggested_quantity=line.quantity,
                reason=line.reason,
            )
            for line in lines
        ],
        by=None,  # nobody entered it, so any approver may approve it
        origin="plan",
        via="plan",
        requested_date=max(line.requested_date for line in lines),
        rate=proposal.rates.usable.get(supplier.currency),
    )


def _requirements(run: PlanRun, proposal: Proposal, orders: list[PurchaseOrder]) -> None:
    products = [product for product, _ in proposal.requirements]
    needs = [need for _, need in proposal.requirements]
    columns: dict[str, list[Any]] = {name: [getattr(need, name) for need in needs] for name in KEPT}
    keys = rows_add(Requirement, {"product_id": products, **columns}, same={"run_id": run.pk})
    requirement_of = dict(zip(products, keys, strict=True))
    lines = list(PurchaseOrderLine.objects.filter(order__in=orders).values_list("pk", "product"))
    rows_add(
        Requirement.order_lines.through,
        {
            "requirement_id": [requirement_of[product] for _, product in lines],
            "purchaseorderline_id": [line for line, _ in lines],
        },
    )
