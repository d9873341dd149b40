"""What still fits into the places that items of a site share, for the items that a plan is about to buy."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal

from django.db.models import Min, QuerySet

from orders.models import Site
from procurement.engine.limits import Limit
from procurement.engine.storage import Stored, area_limits
from procurement.models import ItemPolicy, PlanRun, Requirement, StorageArea
from procurement.selectors import inventory_position
from suppliers.models import SupplierProduct


def storage_limits(run: PlanRun) -> dict[int, Limit]:
    """By product, of due items that lie in a place with too little room. All that lies there counts, planned or not."""
    return limits_in_places(site=run.site, stored=lambda sizes: _due(run, sizes))


def limits_in_places(
    *, site: Site, stored: Callable[[Mapping[int, Decimal]], Sequence[Stored]]
) -> dict[int, Limit]:
    """By product, of what is to be stored. `stored`: by the sizes of what a place may hold, what of it is wanted."""
    rows = _in_places(site)
    areas: dict[StorageArea, dict[int, Decimal]] = defaultdict(dict)
    for row in rows.select_related("storage_area"):
        if row.storage_area and row.storage_size:
            areas[row.storage_area][row.product_id] = row.storage_size
    found: dict[int, Limit] = {}
    for area, sizes in areas.items():
        positions = inventory_position(site=site, products=list(sizes))
        taken = (
            max(Decimal(0), at.on_hand + at.on_order) * sizes[product] for product, at in positions.items()
        )
        free = area.capacity - sum(taken, Decimal(0))
        found |= area_limits(stored(sizes), free, area.name)
    return found


def items_sharing_places(run: PlanRun) -> set[int]:
    """Products of the run's site that lie in such a place."""
    return set(_in_places(run.site).values_list("product", flat=True))


def _in_places(site: Site) -> QuerySet[ItemPolicy]:
    return ItemPolicy.objects.filter(site=site, storage_area__isnull=False, storage_size__isnull=False)


def _due(run: PlanRun, sizes: Mapping[int, Decimal]) -> list[Stored]:
    packs = SupplierProduct.objects.filter(product__in=sizes, active=True, supplier__active=True).order_by()
    smallest = dict(packs.values("product").annotate(least=Min("pack_size")).values_list("product", "least"))
    due = Requirement.objects.filter(run=run, product__in=sizes, net_requirement__gt=0).order_by("product")
    return [
        Stored(product, position, needed, daily, sizes[product], smallest.get(product, Decimal(1)))
        for product, position, needed, daily in due.values_list(
            "product", "position", "net_requirement", "daily_demand"
        )
    ]
