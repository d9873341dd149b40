"""What a supplier's message about an order means for something we asked about it. The caller holds the order."""

from collections.abc import Collection, Mapping
from decimal import Decimal

from django.contrib.auth.models import AbstractBaseUser

from orders.models import Amendment, PurchaseOrder, PurchaseOrderLine
from orders.selectors import order_cancellation, order_live_amendment
from orders.services.amendment_outcomes import NotOurs, agreed_in, asked_in, moved, refused_in, trouble_raise
from orders.state import record
from orders.truth import AskedLine, OrderTruth
from orders.versions import Version

Kind, State = Amendment.Kind, Amendment.Status


def rejection_is_agreement(order: PurchaseOrder, *, words: str, via: str) -> bool:
    """The supplier says no to an order that we asked it to drop: that is what we wanted."""
    cancellation = order_cancellation(order)
    if cancellation is None:
        return False
    try:
        agreed_in(order, cancellation, words=words, via=via)
    except NotOurs:  # settled this very moment
        return False
    return True


def order_versions(order: PurchaseOrder, lines: list[PurchaseOrderLine]) -> list[Version]:
    """The order as the supplier has had it, oldest first."""
    changes = list(
        order.amendments.filter(kind=Kind.CHANGE, told_at__isnull=False)
        .order_by("number")
        .prefetch_related("lines__line")
    )
    asked = {line.line_number: (line.quantity, line.unit_price) for line in lines}
    for change in reversed(changes):
        if change.status != State.REFUSED:
            asked |= {w.line.line_number: (w.before_quantity, w.before_price) for w in change.lines.all()}
    versions = [Version(1, _asked(lines, asked))]
    for change in changes:
        now = {w.line.line_number: (w.quantity, w.unit_price) for w in change.lines.all()}
        refused = change.status == State.REFUSED
        asked = asked if refused else asked | now
        versions.append(
            Version(
                number=change.number,
                asked=_asked(lines, asked),
                told_at=change.told_at,
                changed=frozenset(now),
                refused=refused,
                agreed=change.status == State.AGREED,
            )
        )
    return versions


def _asked(
    lines: list[PurchaseOrderLine], asked: Mapping[int, tuple[Decimal, Decimal]]
) -> tuple[AskedLine, ...]:
    return tuple(
        AskedLine(line.line_number, line.supplier_sku, *asked[line.line_number], line.unit) for line in lines
    )


def change_proved(order: PurchaseOrder, versions: Collection[int], *, via: str) -> None:
    """An answer to the changed order proves that the change arrived, whatever we heard when we sent it."""
    live = order_live_amendment(order)
    if live is None or live.kind != Kind.CHANGE or live.status in (State.ASKED, State.QUEUED):
        return
    if live.number in versions:
        try:
            asked_in(order, live, via=via, note="Its answer came first.")
        except NotOurs:
            return


def change_answered(order: PurchaseOrder, truth: OrderTruth, *, via: str) -> bool:
    """Settle a change that the supplier has answered; whether it declined, so that the lines ask for less or more."""
    live = order_live_amendment(order)
    if live is None or live.kind != Kind.CHANGE or live.status != State.ASKED:
        return False
    try:
        if live.number in truth.refused:
            refused_in(order, live, words=truth.refused[live.number], via=via)
            return True
        if truth.answered_version >= live.number:
            agreed_in(order, live, words="The lines say what they will deliver.", via=via)
    except NotOurs:
        return False
    return False


def lines_being_changed(order: PurchaseOrder) -> set[int]:
    """Line numbers whose change waits for an answer: what was confirmed before is no deviation."""
    live = order_live_amendment(order)
    if live is None or live.kind != Kind.CHANGE:
        return set()
    return set(live.lines.values_list("line__line_number", flat=True))


def confirmation_meets_cancellation(order: PurchaseOrder) -> None:
    """Both may have been on their way at once; only the supplier can say which of the two it means."""
    cancellation = order_cancellation(order)
    if cancellation is not None:
        text = (
            f"{order.supplier.name} confirmed the order while our cancellation was on its way. "
            "Ask them which of the two holds, and say it on the order."
        )
        trouble_raise(order, cancellation, text)


def amendments_end(
    order: PurchaseOrder, *, words: str, via: str, by: AbstractBaseUser | None = None, agreed: bool = False
) -> None:
    """The order has come to an end: nothing that was asked about it waits for an answer any more."""
    live = order_live_amendment(order)
    if live is None or live.status == State.RUNNING:  # what is being sent brings its own outcome
        return
    try:
        if live.status == State.QUEUED:
            moved(live, State.FAILED, error=words, error_kind="overtaken")
            text = f"Our {live.get_kind_display().lower()} was not sent any more: {words}"
            record(order, f"{live.kind}_overtaken", by=by, via=via, text=text)
        elif agreed:
            moved(live, State.AGREED, answer=words[:500])
        else:
            refused_in(order, live, words=words, via=via, by=by)
    except NotOurs:
        return
