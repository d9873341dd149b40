"""What was decided for an item, as a row and back: the second step of a plan reads what the first one has written."""

from collections import Counter
from collections.abc import Collection, Sequence
from decimal import Decimal
from typing import Any

from procurement.engine.exceptions import PlanException
from procurement.engine.items import ItemRequirement
from procurement.engine.needs import OfferLevel
from procurement.models import PlanRun, Requirement, RequirementException
from suppliers.bulk_rows import rows_add, rows_change

ROWS_AT_ONCE = 1_000
# As they are in the row.
KEPT = (
    "on_hand", "on_order", "committed", "daily_demand", "horizon_days", "buffer", "order_up_to", "net_requirement",
    "shortfall", "reason", "cell", "yearly_value",
)  # fmt: skip
SETTLED = (
    "daily_demand", "horizon_days", "buffer", "order_up_to", "net_requirement", "shortfall", "reason", "exceptions",
)  # fmt: skip


def requirements_add(run: PlanRun, products: Sequence[int], found: Sequence[ItemRequirement]) -> None:
    columns: dict[str, list[Any]] = {name: [getattr(one, name) for one in found] for name in KEPT}
    columns["need_by"] = [one.need_by for one in found]
    levels = [[{"offer": level.offer_key, "told": level.told} for level in one.levels] for one in found]
    columns |= {
        "position": [one.position for one in found],
        "exceptions": [exceptions_told(one) for one in found],
    }
    rows_add(Requirement, {"product_id": products, "levels": levels, **columns}, same={"run_id": run.pk})


def exceptions_told(found: ItemRequirement) -> list[dict[str, str]]:
    return [one.as_row() for one in found.exceptions]


def requirements_read(run: PlanRun, products: Collection[int]) -> dict[int, ItemRequirement]:
    """By product. Their `item` is the product's id."""
    found: dict[int, ItemRequirement] = {}
    wanted = list(products)
    for start in range(0, len(wanted), ROWS_AT_ONCE):
        for row in Requirement.objects.filter(run=run, product__in=wanted[start : start + ROWS_AT_ONCE]):
            found[row.product_id] = ItemRequirement(
                item=row.product_id,
                levels=tuple(
                    OfferLevel(level["offer"], Decimal(level["told"]["order_up_to"]), level["told"])
                    for level in row.levels
                ),
                exceptions=tuple(map(PlanException.read, row.exceptions)),
                **{name: getattr(row, name) for name in KEPT},
            )
    return found


def requirements_settle(run: PlanRun, settled: Sequence[ItemRequirement]) -> None:
    """Rewrite what is known better now. Call inside a transaction."""
    rows = Requirement.objects.filter(run=run, product__in=[one.item for one in settled])
    keys: dict[int, int] = dict(rows.values_list("product", "pk"))
    columns: dict[str, list[Any]] = {name: [getattr(one, name) for one in settled] for name in SETTLED[:-1]}
    columns |= {
        "exceptions": [exceptions_told(one) for one in settled],
        "need_by": [one.need_by for one in settled],
    }
    rows_change(Requirement, [keys[one.item] for one in settled], columns)


def exceptions_listed(run: PlanRun) -> dict[str, int]:
    """Write which items have exceptions of which kind, once all are settled; by kind, of how many items. Call inside a
    transaction.
    """
    told = Requirement.objects.filter(run=run).exclude(exceptions=[]).order_by()
    pairs = [
        (pk, kind)
        for pk, rows in told.values_list("pk", "exceptions").iterator()
        for kind in sorted({row["kind"] for row in rows})
    ]
    columns = {"requirement_id": [pk for pk, _ in pairs], "kind": [kind for _, kind in pairs]}
    rows_add(RequirementException, columns, same={"run_id": run.pk})
    return dict(Counter(kind for _, kind in pairs))
