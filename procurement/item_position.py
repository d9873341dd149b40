"""One item at one site: every number with what it is made of and who says so."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db.models import DecimalField, ExpressionWrapper, F, QuerySet
from django.utils import timezone

from orders.models import Site
from orders.selectors import ExpectedReceipt, expected_receipts
from procurement.models import (
    CustomerOrderLine,
    PlanRun,
    Requirement,
    SourceAccount,
    StockChange,
    StockChoice,
)
from procurement.position import Freshness, ReadAt, freshness, order_sources
from procurement.selectors import UNKNOWN, InventoryPosition, inventory_position
from procurement.stock_words import choices_of, statements_of
from procurement.tellers import SILENT_AFTER, Statement, counting, disputing, standing
from suppliers.models import Product

QUANTITY = DecimalField(max_digits=14, decimal_places=4)
NOTHING = InventoryPosition(UNKNOWN[0], UNKNOWN[0], UNKNOWN[0])


@dataclass(frozen=True, slots=True)
class Commitment:
    line: CustomerOrderLine
    quantity: Decimal  # still to be delivered

    @property
    def day(self) -> date | None:
        return self.line.order.due_date

    @property
    def is_late(self) -> bool:
        return self.day is not None and not self.is_ahead

    @property
    def is_ahead(self) -> bool:
        return self.day is not None and self.day >= timezone.localdate()


@dataclass(frozen=True, slots=True)
class TellerSays:
    name: str
    code: str  # of the source; empty for files
    said: Statement
    counts: bool
    differs: bool
    words: str  # why it does or does not count


@dataclass(frozen=True, slots=True)
class ItemPosition:
    site: Site
    product: Product
    known: InventoryPosition
    doubt: str
    dispute: Sequence[Statement]
    tellers: Sequence[TellerSays]
    chosen_for_item: str | None  # a teller's name
    chosen_for_site: str | None
    commitments: Sequence[Commitment]
    order_sources: Sequence[ReadAt]
    receipts: Sequence[ExpectedReceipt]

    @property
    def ahead(self) -> Decimal:
        """What customers have ordered for days to come: a plan takes it for a part of the demand it expects."""
        return sum((one.quantity for one in self.commitments if one.is_ahead), UNKNOWN[0])

    @property
    def wanted_now(self) -> Decimal:
        """What they should have had already, or named no day for."""
        return max(UNKNOWN[0], self.known.committed - self.ahead)


def item_position(*, site: Site, product: Product, fresh: Freshness | None = None) -> ItemPosition:
    fresh = fresh or freshness()
    known = inventory_position(site=site, products=range(product.pk, product.pk + 1)).get(product.pk, NOTHING)
    statements = statements_of(site=site, products=[product.pk]).get(product.pk, [])
    choices = choices_of(site=site, products=[product.pk])
    chosen = choices.get(product.pk, choices[None])
    held_by = [known.teller] if known.as_of else []
    dispute = disputing(statements, held_by=held_by, chosen=chosen, now=fresh.now)
    counts = counting(statements, held_by=held_by, chosen=chosen, now=fresh.now)
    for_item, for_site = _chosen(site, product)
    return ItemPosition(
        site=site,
        product=product,
        known=known,
        doubt=fresh.doubt(known),
        dispute=dispute,
        tellers=_tellers(statements, counts, chosen, fresh),
        chosen_for_item=for_item,
        chosen_for_site=for_site,
        commitments=commitments(site=site, product=product),
        order_sources=order_sources(site=site, fresh=fresh),
        receipts=expected_receipts(site=site, product=product),
    )


def commitments(*, site: Site, product: Product) -> list[Commitment]:
    """By due date; those without one last."""
    lines = CustomerOrderLine.objects.filter(order__site=site, order__open=True, product=product)
    left = ExpressionWrapper(F("quantity") - F("shipped_quantity"), output_field=QUANTITY)
    found = lines.annotate(left=left).exclude(left=0).select_related("order__kept_by")
    by_day = found.order_by(F("order__due_date").asc(nulls_last=True), "order__number", "line_number")
    return [Commitment(line, line.left) for line in by_day]


def stock_history(*, site: Site, product: Product) -> QuerySet[StockChange]:
    changes = StockChange.objects.filter(site=site, product=product)
    return changes.select_related("teller", "by", "receipt__order")


def plans_of_item(*, site: Site, product: Product) -> QuerySet[Requirement]:
    """What plans found for it, the newest first."""
    found = Requirement.objects.filter(
        run__site=site, run__status=PlanRun.Status.DONE, product=product
    ).select_related("run")
    return found.defer("reason").order_by("-run_id")  # "-run" would turn the order of runs around


def _chosen(site: Site, product: Product) -> tuple[str | None, str | None]:
    rows = StockChoice.objects.filter(site=site).select_related("teller")
    names = {
        row.product_id: row.teller_name
        for row in rows.filter(product__isnull=True) | rows.filter(product=product)
    }
    return names.get(product.pk), names.get(None)


def _tellers(
    statements: Sequence[Statement], counts: Statement | None, chosen: Sequence[int | None], fresh: Freshness
) -> list[TellerSays]:
    accounts = SourceAccount.objects.in_bulk([said.teller for said in statements if said.teller])
    able = standing(statements, now=fresh.now)
    found = []
    for said in statements:
        account = accounts.get(said.teller or 0)
        differs = counts is not None and said.on_hand != counts.on_hand
        found.append(
            TellerSays(
                name=account.name if account else StockChoice.FILES,
                code=account.code if account else "",
                said=said,
                counts=said is counts,
                differs=differs,
                words=_why(said, counts, chosen, said in able, differs, fresh),
            )
        )
    return sorted(found, key=lambda one: (not one.counts, one.name))


def _why(
    said: Statement,
    counts: Statement | None,
    chosen: Sequence[int | None],
    able: bool,
    differs: bool,
    fresh: Freshness,
) -> str:
    if said is counts:
        return "counts, as chosen" if said.teller in chosen else "counts"
    if not said.active:
        return "switched off"
    if fresh.now - said.as_of > SILENT_AFTER:
        return "silent for too long to count"
    if not able:
        return "overtaken: a system has told another figure since"
    return "says otherwise" if differs else "says the same"
