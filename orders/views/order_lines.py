"""The lines of an order as the page shows them: what is typed, what was asked, what the supplier answered."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from django.utils import timezone

from orders.caveats import caveats_of
from orders.forms import QuantityGrid, SiteGrid
from orders.models import PurchaseOrder, PurchaseOrderLine, Site
from orders.site_shares import SiteShare, promised, site_shares
from suppliers.packing import plain
from suppliers.terms_in_force import PriceList, price_lists


@dataclass(frozen=True, slots=True)
class SiteCell:
    """A site's part of a line and what is typed for it."""

    share: SiteShare
    typed: str
    error: str

    @property
    def site(self) -> Site:
        return self.share.site


@dataclass(frozen=True, slots=True)
class OrderRow:
    line: PurchaseOrderLine
    typed: str  # what the quantity cell holds
    error: str
    received: str  # what the receiving cell holds
    received_error: str
    sites: list[SiteCell]  # where the line is split
    tiers: str  # "1:2.5 100:2.3", for the running total while a quantity is typed
    incremental: bool  # these tiers

    @property
    def saved(self) -> str:
        return plain(self.line.quantity)

    @property
    def edited(self) -> bool:
        suggested = self.line.suggested_quantity
        return suggested is not None and suggested != self.line.quantity

    @property
    def quantity_change(self) -> Decimal | None:
        return _difference(self.line.confirmed_quantity, self.line.quantity)

    @property
    def price_change(self) -> Decimal | None:
        return _difference(self.line.confirmed_price, self.line.unit_price)

    @property
    def date_change(self) -> int:
        """Days later than asked; earlier is negative."""
        promised, asked = self.line.promised_date, self.line.requested_date
        return (promised - asked).days if promised and asked else 0

    @property
    def days_earlier(self) -> int:
        return -self.date_change

    @property
    def expected(self) -> Decimal:
        """Still to come in."""
        return max(Decimal(0), promised(self.line) - self.line.received_quantity)

    @property
    def shared_out(self) -> bool:
        """Another quantity comes than was divided over the sites."""
        return any(cell.share.coming != cell.share.asked for cell in self.sites)

    @property
    def cover_days(self) -> int | None:
        """How many days the stock lasts with this line in it, at the demand the plan saw."""
        try:
            daily = Decimal(self.line.reason["demand"]["daily"])
            position = Decimal(self.line.reason["stock"]["position"])
            position += Decimal(self.line.reason["ordered_before"])  # from other suppliers, in the same plan
        except (KeyError, TypeError, InvalidOperation):
            return None
        return max(0, int((position + self.line.quantity) / daily)) if daily > 0 else None

    @property
    def why(self) -> str:
        """The reason in one short line; the whole of it is one click away."""
        reason = self.line.reason
        if isinstance(reason, dict) and reason.get("proposed_by"):
            return f"proposed by {reason['proposed_by']}"
        demand = reason.get("demand") if isinstance(reason, dict) else None
        try:
            needed = round(Decimal(str(reason["net_requirement"])), 1)
        except (KeyError, TypeError, InvalidOperation):
            return ""
        days = demand.get("horizon_days") if isinstance(demand, dict) else None
        return f"needs {plain(needed)} for {days} days" if days else f"needs {plain(needed)}"

    @property
    def old_figures(self) -> bool:
        return bool(caveats_of(self.line.reason))

    @property
    def is_late(self) -> bool:
        due = self.line.promised_date or self.line.requested_date
        return bool(due and due < timezone.localdate() and self.expected)


def order_rows(
    order: PurchaseOrder,
    *,
    grid: QuantityGrid | None,
    received: QuantityGrid | None,
    at_sites: SiteGrid | None = None,
) -> list[OrderRow]:
    lines = order.lines.select_related("product", "supplier_product").order_by("line_number")
    lists = price_lists([line.supplier_product_id for line in lines], day=timezone.localdate())
    prices = {offer: told for offer, told in lists.items() if told.currency == order.currency}
    shares = site_shares(lines, total=promised)
    cells = {pk: [_cell(share, at_sites) for share in shares[pk]] for pk in shares}
    return [
        _row(line, grid or QuantityGrid(), received or QuantityGrid(), cells.get(line.pk, []), prices)
        for line in lines
    ]


def _cell(share: SiteShare, typed: SiteGrid | None) -> SiteCell:
    place = share.line.pk, share.site.pk
    if typed is None:
        return SiteCell(share, plain(share.left), "")
    return SiteCell(share, typed.typed.get(place, ""), typed.errors.get(place, ""))


def _row(
    line: PurchaseOrderLine,
    grid: QuantityGrid,
    received: QuantityGrid,
    sites: list[SiteCell],
    prices: Mapping[int, PriceList],
) -> OrderRow:
    told = prices.get(line.supplier_product_id)
    return OrderRow(
        line=line,
        typed=grid.typed.get(line.pk, plain(line.quantity)),
        error=grid.errors.get(line.pk, ""),
        received=received.typed.get(line.pk, ""),
        received_error=received.errors.get(line.pk, ""),
        sites=sites,
        tiers=" ".join(f"{plain(start)}:{plain(price)}" for start, price in told.tiers) if told else "",
        incremental=bool(told and told.incremental),
    )


def _difference(answered: Decimal | None, asked: Decimal) -> Decimal | None:
    return None if answered is None or answered == asked else answered - asked
