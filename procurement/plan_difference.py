"""Two plans of a site side by side: per item what changed and why, and what that comes to in money."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import Q, QuerySet, Sum

from orders.models import PurchaseOrderLine, ReceiptLine
from procurement.models import PlanRun, Requirement
from procurement.plan_changes import CAUSES, Bought, Cause, Change, ItemThen, changes

READ_AT_ONCE = 5_000
ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class ItemDifference:
    product: int
    old: ItemThen | None
    new: ItemThen | None
    why: Sequence[Change]

    @property
    def cause(self) -> Cause:
        return self.why[0].cause

    @property
    def value(self) -> Decimal:
        return (self.new.value if self.new else ZERO) - (self.old.value if self.old else ZERO)


@dataclass(frozen=True, slots=True)
class CauseSum:
    cause: Cause
    label: str
    items: int
    value: Decimal


@dataclass(frozen=True, slots=True)
class PlanDifference:
    old: PlanRun
    new: PlanRun
    items: Sequence[ItemDifference]  # what changes most in money first
    same: int  # items needed in both, of which nothing changed
    value_before: Decimal  # of the lines of the plan before, in the base currency
    value_now: Decimal

    @property
    def causes(self) -> list[CauseSum]:
        """By what weighs most for each item; the values add up to the difference of the two plans."""
        found: dict[Cause, list[ItemDifference]] = defaultdict(list)
        for item in self.items:
            found[item.cause].append(item)
        sums = [
            CauseSum(cause, CAUSES[cause], len(items), sum((item.value for item in items), ZERO))
            for cause, items in found.items()
        ]
        return sorted(sums, key=lambda one: (-abs(one.value), one.label))


def plan_before(run: PlanRun) -> PlanRun | None:
    """The last one of all the site's items that was done before this one began."""
    done = PlanRun.objects.filter(
        site=run.site, kind=PlanRun.Kind.FULL, status=PlanRun.Status.DONE, pk__lt=run.pk
    )
    return done.order_by("-pk").first()


def plan_difference(*, old: PlanRun, new: PlanRun) -> PlanDifference:
    """Of items that either plan needed something of; the others ask for nothing in both."""
    needed = Requirement.objects.filter(run__in=(old, new), net_requirement__gt=0).values("product")
    if new.kind == PlanRun.Kind.ITEMS:
        needed = needed.filter(product__in=new.products)
    before, now = _items(old, needed), _items(new, needed)
    arrived = _arrived(old, new)
    found, same = [], 0
    for product in before.keys() | now.keys():
        one, other = before.get(product), now.get(product)
        if one == other:
            same += 1
            continue
        if why := changes(one, other, arrived.get(product, ZERO)):
            found.append(ItemDifference(product, one, other, why))
        else:
            same += 1
    found.sort(key=lambda item: (-abs(item.value), item.product))
    return PlanDifference(
        old=old,
        new=new,
        items=found,
        same=same,
        value_before=sum((item.value for item in before.values()), ZERO),
        value_now=sum((item.value for item in now.values()), ZERO),
    )


def _items(run: PlanRun, needed: QuerySet[Requirement, Any]) -> dict[int, ItemThen]:
    bought = _bought(run)
    rows = Requirement.objects.filter(run=run, product__in=needed).order_by()
    usual = Decimal(run.parameters.get("service_level") or 0)
    return {
        product: ItemThen(
            on_hand, on_order, committed, position, daily, days, buffer, level, need,
            Decimal(service) if service else usual, tuple(bought.get(product, ())),
        )
        for product, on_hand, on_order, committed, position, daily, days, buffer, level, need, service
        in rows.values_list(
            "product", "on_hand", "on_order", "committed", "position", "daily_demand", "horizon_days", "buffer",
            "order_up_to", "net_requirement", "reason__buffer__service_level",
        ).iterator(READ_AT_ONCE)
    }  # fmt: skip


def _bought(run: PlanRun) -> Mapping[int, list[Bought]]:
    """By product; as the plan proposed it, whatever was edited since."""
    lines = PurchaseOrderLine.objects.filter(requirements__run=run).order_by("order__supplier__name")
    found: dict[int, list[Bought]] = defaultdict(list)
    for product, supplier, suggested, quantity, price, currency, rate in lines.values_list(
        "product", "order__supplier__name", "suggested_quantity", "quantity", "unit_price", "order__currency",
        "order__exchange_rate",
    ).iterator(READ_AT_ONCE):  # fmt: skip
        ordered = quantity if suggested is None else suggested
        value = (ordered * price * (rate or 1)).quantize(Decimal("0.01"))
        found[product].append(Bought(supplier, ordered, price, currency, value))
    return found


def _arrived(old: PlanRun, new: PlanRun) -> dict[int, Decimal]:
    """By product, what was booked in at the site after the one plan began and before the other did."""
    here = Q(site=new.site) | Q(site=None, line__order__site=new.site)
    rows = ReceiptLine.objects.filter(
        here, receipt__received_at__gt=old.started_at, receipt__received_at__lte=new.started_at
    )
    return dict(
        rows.order_by()
        .values("line__product")
        .annotate(all=Sum("quantity"))
        .values_list("line__product", "all")
    )
