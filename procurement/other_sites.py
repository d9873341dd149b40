"""What other sites of ours have of an item beyond what they need themselves: advice, nothing is moved by itself."""

from dataclasses import dataclass
from decimal import ROUND_DOWN, Decimal

from orders.models import Site
from procurement.models import PlanRun, Requirement
from suppliers.models import Product

UNIT = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class Spare:
    site: Site
    quantity: Decimal  # on hand there, and above what its newest plan wants to have
    transfer: Decimal  # of it, what is needed here


def spare_elsewhere(*, site: Site, product: Product, needed: Decimal) -> list[Spare]:
    """By the newest plan of each other site, those that have most first; none where nothing is needed here."""
    if needed <= 0:
        return []
    found: dict[int, Spare] = {}
    plans = Requirement.objects.filter(run__status=PlanRun.Status.DONE, product=product).exclude(
        run__site=site
    )
    for row in plans.select_related("run__site").defer("reason", "levels").order_by("-run_id"):
        if row.run.site_id in found:
            continue
        spare = min(row.on_hand, row.position - row.order_up_to).quantize(UNIT, rounding=ROUND_DOWN)
        found[row.run.site_id] = Spare(row.run.site, max(Decimal(0), spare), min(needed, spare))
    return sorted(
        (one for one in found.values() if one.quantity > 0), key=lambda one: (-one.quantity, one.site.code)
    )
