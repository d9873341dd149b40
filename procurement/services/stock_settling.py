"""Letting a whole site's stock follow a choice, or a teller that went away."""

import time

from django.contrib.auth.base_user import AbstractBaseUser

from orders.models import Site
from orders.wakeups import wake
from procurement.models import SourceAccount, StockStatement
from procurement.services.stock_choices import stock_settle

LONGEST = 20  # seconds


def settle_soon(*, site: Site, by: AbstractBaseUser | None) -> None:
    """The first part now, so that whoever asked for it sees it; the rest by a task."""
    settle_on(site=site, by=by, within=0)


def settle_on(*, site: Site, by: AbstractBaseUser | None, after: int = 0, within: float = LONGEST) -> int:
    """How many figures are now another teller's; more may follow."""
    until, figures = time.monotonic() + within, 0
    for last, settled in stock_settle(site=site, by=by, after=after):
        figures += settled
        if time.monotonic() >= until:
            wake("procurement.tasks.settle_stock_on", site.pk, last, by.pk if by else 0)
            break
    return figures


def settle_where_told(*, teller: SourceAccount, by: AbstractBaseUser | None) -> None:
    """It was switched on or off: the items it tells of are looked at by a task."""
    told = StockStatement.objects.filter(teller=teller).order_by()
    for site in told.values_list("site", flat=True).distinct():
        wake("procurement.tasks.settle_stock_on", site, 0, by.pk if by else 0)
