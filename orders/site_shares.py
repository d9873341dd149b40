"""Which site gets what of split lines: asked, coming by the rule of orders.allotment, received, still to come."""

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Sum

from orders.allotment import allotted, outstanding
from orders.models import LineShare, PurchaseOrderLine, ReceiptLine, Site, Status


@dataclass(frozen=True, slots=True)
class SiteShare:
    line: PurchaseOrderLine
    site: Site
    asked: Decimal
    coming: Decimal
    received: Decimal
    left: Decimal


def promised(line: PurchaseOrderLine) -> Decimal:
    """What was confirmed, else what was asked."""
    return line.quantity if line.confirmed_quantity is None else line.confirmed_quantity


def brought(line: PurchaseOrderLine) -> Decimal:
    """What a line brings in all: of a shipped order what was shipped."""
    return line.shipped_quantity if line.order.status == Status.SHIPPED else promised(line)


def site_shares(
    lines: Iterable[PurchaseOrderLine], *, total: Callable[[PurchaseOrderLine], Decimal]
) -> dict[int, list[SiteShare]]:
    """By line pk, of those that are split. `lines`: with their supplier's product; `total`: how much of each comes."""
    by_pk = {line.pk: line for line in lines}
    rows: dict[int, list[LineShare]] = defaultdict(list)
    for share in LineShare.objects.filter(line__in=by_pk).select_related("site"):
        rows[share.line_id].append(share)
    here: dict[tuple[int, int], Decimal] = defaultdict(Decimal)
    came = ReceiptLine.objects.filter(line__in=rows).exclude(site=None).order_by().values_list("line", "site")
    for line, site, quantity in came.annotate(summed=Sum("quantity")):
        here[line, site] = quantity
    return {pk: _shares(by_pk[pk], shares, total(by_pk[pk]), here) for pk, shares in rows.items()}


def _shares(
    line: PurchaseOrderLine,
    rows: list[LineShare],
    total: Decimal,
    here: dict[tuple[int, int], Decimal],
) -> list[SiteShare]:
    coming = allotted([row.quantity for row in rows], total, pack=line.supplier_product.pack_size)
    received = [here[line.pk, row.site_id] for row in rows]
    left = outstanding(coming, received)
    return [
        SiteShare(line, row.site, row.quantity, *figures)
        for row, figures in zip(rows, zip(coming, received, left, strict=True), strict=True)
    ]
