"""How long the stock of each item lasts, for the stock page. Reads only.

What is there is counted as a plan counts it: what customers should have had already and what is put aside is gone,
their orders of days to come use the expected demand up (ADR 17). The plan has its own, finer forecast.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from django.db.models import F, Min, Q, Sum
from django.db.models.functions import Coalesce, TruncWeek
from django.utils import timezone

from orders.models import Site
from procurement.models import CustomerOrderLine, DailyDemand, PlanningPolicy
from procurement.position import Doubt, Doubts
from procurement.selectors import InventoryPosition, inventory_position
from suppliers.models import Product, SupplierProduct

AVERAGE_DAYS = 91
WEEKS = 26
ZERO = Decimal(0)
NOTHING = InventoryPosition(ZERO, ZERO, ZERO)


@dataclass(frozen=True, slots=True)
class StockRow:
    product: Product
    position: InventoryPosition
    daily: Decimal  # average of the last 13 weeks
    due: Sequence[tuple[int, Decimal]] = ()  # customers' orders of days to come: days from now, quantity

    @property
    def ahead(self) -> Decimal:
        """What customers have ordered for days to come."""
        return sum((quantity for _, quantity in self.due), ZERO)

    @property
    def cover_days(self) -> int | None:
        """Days until nothing is left; None where nothing is taken."""
        return days_covered(self.position.available + self.ahead, self.daily, self.due)


@dataclass(frozen=True, slots=True)
class StockSignal:
    """A row with what only the shown page needs."""

    row: StockRow
    doubt: Doubt
    weeks: list[Decimal]
    lead_days: int | None
    must_cover: int

    @property
    def level(self) -> str:
        days = self.row.cover_days
        if days is None:
            return "idle"
        if self.lead_days is None:
            return "low" if days < self.must_cover else "good"
        return "low" if days < self.lead_days else "thin" if days < self.must_cover else "good"


def days_covered(position: Decimal, daily: Decimal, due: Sequence[tuple[int, Decimal]]) -> int | None:
    """Until the larger of what is expected and what is ordered to be delivered by then exceeds the position."""
    asked, runs_out = ZERO, [int(max(ZERO, position) / daily)] if daily > 0 else []
    for days, quantity in sorted(due):
        asked += quantity
        if asked > position:
            runs_out.append(days)
            break
    return min(runs_out, default=None)


def stock_rows(*, site: Site, search: str = "") -> list[StockRow]:
    """Every item the site has, sells or waits for; those that run out first at the top."""
    positions = inventory_position(site=site)
    since = timezone.localdate() - timedelta(days=AVERAGE_DAYS)
    recent = DailyDemand.objects.filter(site=site, date__gte=since).order_by().values("product")
    taken = {row["product"]: row["total"] for row in recent.annotate(total=Sum("quantity"))}
    due = _due(site)
    products = Product.objects.filter(active=True)
    if text := search.replace("\x00", "").strip():
        products = products.filter(Q(sku__icontains=text) | Q(name__icontains=text))
    rows = [
        StockRow(
            product=product,
            position=positions.get(product.pk, NOTHING),
            daily=taken.get(product.pk, ZERO) / AVERAGE_DAYS,
            due=due.get(product.pk, ()),
        )
        for product in products
        if product.pk in positions or product.pk in taken
    ]
    return sorted(rows, key=_urgency)


def _due(site: Site) -> dict[int, list[tuple[int, Decimal]]]:
    today = timezone.localdate()
    lines = CustomerOrderLine.objects.filter(
        order__site=site, order__open=True, order__due_date__gte=today, quantity__gt=F("shipped_quantity")
    )
    left = lines.order_by().values("product", "order__due_date")
    rows = left.annotate(left=Sum(F("quantity") - F("shipped_quantity")))
    found: dict[int, list[tuple[int, Decimal]]] = defaultdict(list)
    for product, day, quantity in rows.values_list("product", "order__due_date", "left"):
        if day:
            found[product].append(((day - today).days, quantity))
    return found


def stock_filtered(rows: Iterable[StockRow], doubts: Doubts, *, show: str) -> list[StockRow]:
    """`show`: "conflicts" for those whose tellers differ, "old" for figures nobody has told for too long."""
    if show == "conflicts":
        return [row for row in rows if row.product.pk in doubts.disputed]
    if show == "old":
        return [row for row in rows if doubts.fresh.doubt(row.position)]
    return list(rows)


def stock_signals(*, site: Site, rows: Iterable[StockRow], doubts: Doubts) -> list[StockSignal]:
    rows = list(rows)
    products = [row.product.pk for row in rows]
    weeks = _weekly(site, products)
    offers = SupplierProduct.objects.filter(product__in=products, active=True, supplier__active=True)
    days = offers.values("product").annotate(
        days=Min(Coalesce(F("lead_time_days"), F("supplier__lead_time_days")))
    )
    lead = {row["product"]: row["days"] for row in days.order_by()}
    policy = PlanningPolicy.objects.filter(site=site).first()
    review = policy.review_period_days if policy else 7
    return [
        StockSignal(
            row=row,
            doubt=doubts.of(row.product.pk, row.position),
            weeks=weeks[row.product.pk],
            lead_days=lead.get(row.product.pk),
            must_cover=review + lead.get(row.product.pk, 0),
        )
        for row in rows
    ]


def _weekly(site: Site, products: list[int]) -> dict[int, list[Decimal]]:
    """The last whole weeks, oldest first, one number a week for every product."""
    this_week = timezone.localdate() - timedelta(days=timezone.localdate().weekday())
    starts = [this_week - timedelta(weeks=back) for back in range(WEEKS, 0, -1)]
    rows = (
        DailyDemand.objects.filter(site=site, product__in=products, date__gte=starts[0], date__lt=this_week)
        .annotate(week=TruncWeek("date"))
        .order_by()
        .values("product", "week")
        .annotate(total=Sum("quantity"))
    )
    found: dict[int, dict[date, Decimal]] = defaultdict(dict)
    for row in rows:
        found[row["product"]][row["week"]] = row["total"]
    return {product: [found[product].get(start, ZERO) for start in starts] for product in products}


def _urgency(row: StockRow) -> tuple[bool, int, str]:
    days = row.cover_days
    return (days is None, days or 0, row.product.sku)
