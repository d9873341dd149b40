"""What a supplier's message about an order means for something we asked about it. The caller holds the order."""

from django.contrib.auth.models import AbstractBaseUser

from orders.models import Amendment, PurchaseOrder
from orders.selectors import order_cancellation, order_live_amendment
from orders.services.amendment_outcomes import NotOurs, agreed_in, moved, refused_in, trouble_raise
from orders.state import record

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
