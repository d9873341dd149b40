"""Customers' open orders by the day they are due, for a plan; and demand that is dated after it."""

from collections.abc import Sequence
from datetime import date, timedelta

import numpy as np
from django.db.models import Count, F, Q, Sum

from orders.models import Site
from procurement.engine.exceptions import Kind, PlanException
from procurement.engine.stock import FirmOrders
from procurement.models import CustomerOrderLine, DailyDemand
from procurement.selectors import ItemRow

LEAST_DAYS = 60


def firm_orders(*, site: Site, items: Sequence[ItemRow], within: Q, as_of: date, days: int) -> FirmOrders:
    """Of these items, in this order, for so many days. An order without a due date waits for goods now, and so
    counts with those that are overdue.
    """
    days = max(days, LEAST_DAYS)
    row_of = {item.pk: row for row, item in enumerate(items)}
    overdue, later = np.zeros((2, len(items)))
    due = np.zeros((len(items), days))
    lines = CustomerOrderLine.objects.filter(
        within, order__site=site, order__open=True, quantity__gt=F("shipped_quantity")
    )
    rows = lines.order_by().values("product", "order__due_date")
    left = rows.annotate(left=Sum(F("quantity") - F("shipped_quantity")))
    for product, day, quantity in left.values_list("product", "order__due_date", "left"):
        if (row := row_of.get(product)) is None:
            continue
        ahead = (day - as_of).days if day else -1
        if ahead < 0:
            overdue[row] += float(quantity)
        elif ahead < days:
            due[row, ahead] += float(quantity)
        else:
            later[row] += float(quantity)
    return FirmOrders(overdue, due, later)


def future_demand(
    *, site: Site, items: Sequence[ItemRow], within: Q, as_of: date
) -> dict[str, tuple[PlanException, ...]]:
    """By sku, of items whose demand is dated after the plan's day."""
    sku_of = {item.pk: item.sku for item in items}
    ahead = DailyDemand.objects.filter(within, site=site, date__gte=as_of + timedelta(days=1)).order_by()
    found = ahead.values("product").annotate(number=Count("pk")).values_list("product", "number")
    return {sku_of[product]: (_future(number),) for product, number in found if product in sku_of}


def _future(number: int) -> PlanException:
    days = "1 day" if number == 1 else f"{number} days"
    return PlanException(
        Kind.FUTURE_DEMAND,
        f"Its demand of {days} after the plan's day was left out.",
        "Look for wrong dates in the file; what customers have ordered ahead belongs into customer orders.",
    )
