"""Plans of several parts, and what came of them in a form that can be compared."""

from typing import Any

from orders.models import PurchaseOrderLine, Site
from procurement.models import PlanPartition, PlanRun, Requirement
from tests.orders.factories import make_site, make_supplier
from tests.procurement.planning import make_item, make_quote

SKUS = "ABCDEFG"


def make_world() -> Site:
    """Seven items, three in a part: some needed, some not, some split over two suppliers or offered by nobody."""
    site = make_site()
    acme, bolt = make_supplier(code="acme"), make_supplier(code="bolt", lead_time_days=6)
    for at, sku in enumerate(SKUS):
        item = make_item(site, sku, on_hand=str(2 * at), daily=str(1 + at % 3))
        if sku != "C":
            make_quote(acme, item, "2.00", pack_size=6, **({"stock_on_offer": 12} if sku == "B" else {}))
        if sku in "BE":
            make_quote(bolt, item, "2.10")
    return site


def outcome(site: Site) -> dict[str, Any]:
    """All that people see of it, without ids and times."""
    lines = PurchaseOrderLine.objects.filter(order__site=site, order__origin="plan")
    found = Requirement.objects.filter(run__site=site, run__status=PlanRun.Status.DONE)
    return {
        "lines": sorted(
            lines.values_list(
                "order__supplier__code", "product__sku", "quantity", "unit_price", "reason__sentence"
            )
        ),
        "needs": sorted(
            found.values_list(
                "product__sku", "order_up_to", "net_requirement", "shortfall", "order_lines__quantity"
            )
        ),
        "runs": sorted(
            PlanRun.objects.filter(site=site, status=PlanRun.Status.DONE).values_list(
                "items", "orders", "lines", "uncovered", "value"
            )
        ),
    }


def states(run: PlanRun) -> list[str]:
    return list(PlanPartition.objects.filter(run=run).values_list("state", flat=True))
