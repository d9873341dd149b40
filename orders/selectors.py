"""Reading orders: lists, the work queue, and what is still expected."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import chain

from django.conf import settings
from django.contrib.auth.models import AnonymousUser, User
from django.db.models import (
    Case,
    Count,
    DecimalField,
    Exists,
    ExpressionWrapper,
    F,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Sum,
    Value,
    When,
)
from django.db.models.functions import Coalesce
from django.utils import timezone

from orders.models import (
    Amendment,
    Approval,
    InboundMessage,
    LineShare,
    OrderException,
    PurchaseOrder,
    PurchaseOrderLine,
    Site,
    Status,
    TransferJob,
)
from orders.policy import ApprovalPolicy, approval_objection
from orders.site_shares import SiteShare, brought, site_shares
from suppliers.connectors.base import Capability
from suppliers.models import Product, Supplier
from suppliers.services.capabilities import supplier_capabilities

MONEY = DecimalField(max_digits=18, decimal_places=4)
ZERO = Value(Decimal(0), output_field=MONEY)
OPEN = (Status.DRAFT, Status.TRANSFERRED, Status.CONFIRMED)


def _line_sum(expression: ExpressionWrapper) -> Subquery:
    lines = PurchaseOrderLine.objects.filter(order=OuterRef("pk")).order_by().values("order")
    return Subquery(lines.annotate(summed=Sum(expression)).values("summed"), output_field=MONEY)


def order_list() -> QuerySet[PurchaseOrder]:
    """Orders with `value` (asked), `confirmed_value`, `line_count`, `is_changed`, `is_late`; goods without fees."""
    asked = ExpressionWrapper(F("quantity") * F("unit_price"), output_field=MONEY)
    confirmed = ExpressionWrapper(F("confirmed_quantity") * F("confirmed_price"), output_field=MONEY)
    lines = PurchaseOrderLine.objects.filter(order=OuterRef("pk")).order_by().values("order")
    return PurchaseOrder.objects.select_related("supplier", "site").annotate(
        value=Coalesce(_line_sum(asked), ZERO),
        confirmed_value=_line_sum(confirmed),
        line_count=Coalesce(Subquery(lines.annotate(n=Count("pk")).values("n")), 0),
        is_changed=Exists(OrderException.objects.filter(order=OuterRef("pk"), resolved_at=None)),
        is_late=Exists(late_lines().filter(order=OuterRef("pk"))),
    )


def order_get(number: str) -> PurchaseOrder:
    """Raises `PurchaseOrder.DoesNotExist`."""
    return order_list().select_related("created_by", "last_edited_by", "replaces").get(number=number)


def order_lines(order: PurchaseOrder) -> QuerySet[PurchaseOrderLine]:
    return order.lines.select_related("product", "supplier_product").order_by("line_number")


def late_lines() -> QuerySet[PurchaseOrderLine]:
    """Lines of orders under way whose promised, else requested, day has passed and that are not wholly here."""
    today = timezone.localdate()
    return PurchaseOrderLine.objects.filter(
        order__status__in=(Status.TRANSFERRED, Status.CONFIRMED, Status.SHIPPED),
        received_quantity__lt=Coalesce(F("confirmed_quantity"), F("quantity")),
    ).filter(Q(promised_date__lt=today) | Q(promised_date=None, requested_date__lt=today))


def order_standing_approval(order: PurchaseOrder) -> Approval | None:
    """The decision that has not been withdrawn: approved or returned."""
    return order.approvals.select_related("by").filter(withdrawn_at=None).first()


def order_successor(order: PurchaseOrder) -> PurchaseOrder | None:
    """The order that has the lines of a dead one: what replaced it, or the draft that they were moved into."""
    if order.status not in (Status.REJECTED, Status.CANCELLED):
        return None
    if newer := PurchaseOrder.objects.filter(replaces=order).first():
        return newer
    for data in order.events.filter(kind=Status.CANCELLED).values_list("data", flat=True):
        return PurchaseOrder.objects.filter(number=data.get("moved_to", "")).first()
    return None


def order_live_transfer(order: PurchaseOrder) -> TransferJob | None:
    return order.transfers.filter(status__in=TransferJob.LIVE).first()


def order_live_amendment(order: PurchaseOrder) -> Amendment | None:
    return order.amendments.select_related("by").filter(status__in=Amendment.LIVE).first()


def order_cancellation(order: PurchaseOrder) -> Amendment | None:
    """A cancellation that the supplier has or may have, and has not answered."""
    live = order_live_amendment(order)
    if live is None or live.kind != Amendment.Kind.CANCEL:
        return None
    known = live.status in (Amendment.Status.ASKED, Amendment.Status.UNKNOWN)
    return live if known or live.submitted_at is not None else None


def order_change(order: PurchaseOrder) -> Amendment | None:
    """Other quantities that the supplier was asked for and has not answered."""
    return order.amendments.filter(kind=Amendment.Kind.CHANGE, status=Amendment.Status.ASKED).first()


def approval_policy() -> ApprovalPolicy:
    return ApprovalPolicy(four_eyes=settings.ORDERS_FOUR_EYES)


@dataclass(frozen=True, slots=True)
class OrderActions:
    """What this person may do with this order now."""

    may_edit: bool
    may_split: bool
    may_approve: bool
    why_not_approve: str
    may_return: bool
    may_cancel: bool
    may_ask_to_cancel: bool
    may_ask_to_change: bool
    may_withdraw: bool
    cancels_by_telephone: bool
    may_remind: bool
    may_report_return: bool
    may_replace: bool
    may_retry: bool
    may_look_up: bool
    may_decide: bool
    may_look_up_amendment: bool
    may_preview: bool
    may_receive: bool


def order_actions(order: PurchaseOrder, user: User | AnonymousUser) -> OrderActions:
    draft = order.status == Status.DRAFT
    decision = order_standing_approval(order)
    approved = decision is not None and decision.decision == Approval.Decision.APPROVED
    live = order_live_transfer(order)
    last = order.transfers.first()
    buys = user.has_perm("orders.change_purchaseorder")
    approves = user.has_perm("orders.approve_purchaseorder")
    works = buys or approves
    objection = approval_objection(
        approval_policy(),
        has_permission=approves,
        approver_id=user.pk or 0,
        last_edited_by_id=order.last_edited_by_id,
    )
    waits = draft and not approved and live is None
    unknown = live is not None and live.status == TransferJob.Status.UNKNOWN
    capabilities = supplier_capabilities(order.supplier)
    under_way = order.status in (Status.TRANSFERRED, Status.CONFIRMED)
    idle = under_way and order_live_amendment(order) is None
    return OrderActions(
        may_edit=draft and live is None and buys,
        may_split=draft and live is None and buys and _may_be_split(order, capabilities),
        may_approve=waits and not objection,
        why_not_approve=objection if waits and approves else "",
        may_return=waits and approves and decision is None,
        may_cancel=draft and live is None and buys,
        may_ask_to_cancel=under_way and buys and idle and Capability.CANCEL in capabilities,
        may_ask_to_change=under_way and buys and idle and Capability.CHANGE in capabilities,
        may_withdraw=under_way and buys,
        cancels_by_telephone=Capability.CANCEL not in capabilities,
        may_remind=under_way and works and Capability.LINK in capabilities,
        may_report_return=order.status == Status.TRANSFERRED and works and Capability.LINK in capabilities,
        may_replace=order.status in (Status.REJECTED, Status.CANCELLED)
        and buys
        and order_successor(order) is None,
        may_retry=draft and approved and live is None and works and last is not None,
        may_look_up=unknown and works and Capability.LOOKUP in capabilities,
        may_decide=unknown and works,
        may_look_up_amendment=works and Capability.LOOKUP in capabilities,
        may_preview=draft and works and Capability.PREVIEW in capabilities,
        may_receive=order.status in (Status.CONFIRMED, Status.SHIPPED) and works,
    )


def _may_be_split(order: PurchaseOrder, capabilities: frozenset[Capability]) -> bool:
    if Capability.SEVERAL_SITES not in capabilities or order.site.of_customer:
        return False
    return Site.objects.filter(of_customer=False).exclude(pk=order.site_id).exists()


@dataclass(frozen=True, slots=True)
class WorkQueue:
    to_approve: QuerySet[PurchaseOrder]
    returned: QuerySet[PurchaseOrder]
    changed: QuerySet[OrderException]
    rejected: QuerySet[PurchaseOrder]
    transfers: QuerySet[TransferJob]
    late: QuerySet[PurchaseOrderLine]
    inbound_parked: QuerySet[InboundMessage]
    stopped: QuerySet[Supplier]  # their orders wait until an administrator has mended the connection


def work_queue() -> WorkQueue:
    """Everything that waits for a person, oldest first."""
    standing = Approval.objects.filter(order=OuterRef("pk"), withdrawn_at=None)
    live = TransferJob.objects.filter(order=OuterRef("pk"), status__in=TransferJob.LIVE)
    drafts = order_list().filter(status=Status.DRAFT).order_by("created_at")
    open_exceptions = OrderException.objects.filter(resolved_at=None)
    newer = TransferJob.objects.filter(order=OuterRef("order"), pk__gt=OuterRef("pk"))
    return WorkQueue(
        to_approve=drafts.filter(~Exists(standing), ~Exists(live)),
        returned=drafts.filter(Exists(standing.filter(decision=Approval.Decision.RETURNED))),
        changed=open_exceptions.exclude(kind=OrderException.Kind.REJECTED).select_related(
            "order__supplier", "line"
        ),
        rejected=order_list()
        .filter(Exists(open_exceptions.filter(kind=OrderException.Kind.REJECTED, order=OuterRef("pk"))))
        .order_by("answered_at"),
        transfers=TransferJob.objects.filter(
            Q(status=TransferJob.Status.UNKNOWN)
            | Q(status=TransferJob.Status.FAILED, order__status=Status.DRAFT) & ~Exists(newer)
        )
        .select_related("order__supplier")
        .order_by("created_at"),
        late=late_lines().select_related("order__supplier", "product").order_by("requested_date"),
        inbound_parked=InboundMessage.objects.filter(status=InboundMessage.Status.PARKED)
        .select_related("supplier")
        .order_by("received_at"),
        stopped=Supplier.objects.exclude(paused_reason=""),
    )


def _outstanding() -> Case:
    """What a line still brings: what was shipped of a shipped order, else what was confirmed, else what was asked."""
    return Case(
        When(order__status=Status.SHIPPED, then=F("shipped_quantity") - F("received_quantity")),
        default=Coalesce(F("confirmed_quantity"), F("quantity")) - F("received_quantity"),
        output_field=MONEY,
    )


def scheduled_receipts(*, site: Site, products: Iterable[int] | None = None) -> dict[int, Decimal]:
    """Still expected at the site, by product id: drafts, transferred, confirmed and shipped orders."""
    lines = PurchaseOrderLine.objects.filter(order__status__in=(*OPEN, Status.SHIPPED))
    if products is not None:
        lines = lines.filter(product__in=products)
    shares = LineShare.objects.filter(line=OuterRef("pk"))
    comes_here = Q(split=False, order__site=site) | Exists(shares.filter(site=site))
    rows = list(
        lines.annotate(left=_outstanding(), split=Exists(shares))
        .filter(comes_here, left__gt=0)
        .order_by()
        .values("product", "split")
        .annotate(summed=Sum("left"))
    )
    expected = {row["product"]: row["summed"] for row in rows if not row["split"]}
    if any(row["split"] for row in rows):
        for share in _shares_of(lines, site):
            product = share.line.product_id
            expected[product] = expected.get(product, Decimal(0)) + share.left
    return expected


@dataclass(frozen=True, slots=True)
class ExpectedReceipt:
    line: PurchaseOrderLine
    quantity: Decimal  # still to come to the site
    is_share: bool

    @property
    def day(self) -> date | None:
        """As promised, else as asked for."""
        return self.line.promised_date or self.line.requested_date or self.line.order.requested_date

    @property
    def is_late(self) -> bool:
        return self.day is not None and self.day < timezone.localdate()


def expected_receipts(*, site: Site, product: Product) -> list[ExpectedReceipt]:
    """What `scheduled_receipts` adds up, line by line; in the order in which it is to come."""
    lines = PurchaseOrderLine.objects.filter(product=product, order__status__in=(*OPEN, Status.SHIPPED))
    shares = LineShare.objects.filter(line=OuterRef("pk"))
    whole = lines.filter(~Exists(shares), order__site=site).annotate(left=_outstanding()).filter(left__gt=0)
    found = [
        ExpectedReceipt(line, getattr(line, "left"), is_share=False)  # noqa: B009 annotated
        for line in whole.select_related("order__supplier")
    ]
    found += [ExpectedReceipt(share.line, share.left, is_share=True) for share in _shares_of(lines, site)]
    return sorted(found, key=lambda one: (one.day is None, one.day, one.line.order.number))


def _shares_of(lines: QuerySet[PurchaseOrderLine], site: Site) -> list[SiteShare]:
    """Of split lines, what still comes to the site."""
    here = LineShare.objects.filter(line=OuterRef("pk"), site=site)
    split = lines.filter(Exists(here)).select_related("order__supplier", "supplier_product")
    shares = chain.from_iterable(site_shares(split, total=brought).values())
    return [share for share in shares if share.site == site and share.left > 0]


def open_on_offer() -> dict[int, Decimal]:
    """Asked of each supplier product since the supplier's stock figure was taken: no longer on offer to us."""
    rows = (
        PurchaseOrderLine.objects.filter(order__status__in=(*OPEN, Status.SHIPPED))
        .filter(
            Q(order__status=Status.DRAFT)
            | Q(supplier_product__stock_as_of=None)
            | Q(order__transferred_at__gt=F("supplier_product__stock_as_of"))
        )
        .order_by()
        .values("supplier_product")
        .annotate(summed=Sum("quantity"))
    )
    return {row["supplier_product"]: row["summed"] for row in rows}
