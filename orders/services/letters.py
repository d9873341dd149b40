"""What a mail to our own people says: about a supplier's answer, an order it did not take, or a question it refused."""

from dataclasses import dataclass, field
from typing import Any

from orders.models import Amendment, OrderMail, PurchaseOrder, Status, TransferJob
from orders.services.answer_diff import AnswerDiff, answer_diff
from suppliers.templatetags.figures import signed_money

LINES_SHOWN = 60  # in a mail; the page has them all


@dataclass(frozen=True, slots=True)
class Letter:
    subject: str
    template: str  # without .txt and .html
    context: dict[str, Any] = field(default_factory=dict)


def letter_for(mail: OrderMail) -> Letter | None:
    """None: it is overtaken by what came after."""
    match mail.kind:
        case OrderMail.Kind.NOT_TAKEN:
            return _not_taken(mail.order, mail.transfer)
        case OrderMail.Kind.AMENDMENT:
            return _amendment(mail.order, mail.amendment)
        case _:
            diff = answer_diff(mail.order)
            return _answer(mail.order, diff) if diff and diff.fingerprint == mail.fingerprint else None


def _answer(order: PurchaseOrder, diff: AnswerDiff) -> Letter:
    rejected = diff.kind == OrderMail.Kind.REJECTED
    effect = f", {signed_money(diff.effect, order.currency)}" if diff.effect else ""
    said = "rejected it" if rejected else f"confirmed it with changes{effect}"
    context = {
        "diff": diff,
        "shown": diff.changed[:LINES_SHOWN],
        "more": len(diff.changed[LINES_SHOWN:]),
        "said": _rejection(order) if rejected else "",
    }
    return Letter(f"{_head(order)} {said}", "orders/mail/answer", context)


def _rejection(order: PurchaseOrder) -> str:
    event = order.events.filter(to_status=order.status).last()
    return event.text if event else ""


def _not_taken(order: PurchaseOrder, job: TransferJob | None) -> Letter | None:
    """Overtaken once the order has been sent again or is no draft any more."""
    if job is None or order.status != Status.DRAFT or order.transfers.filter(pk__gt=job.pk).exists():
        return None
    problems = list(order.lines.exclude(problem="").order_by("line_number"))
    context = {
        "job": job,
        "shown": problems[:LINES_SHOWN],
        "problems": len(problems),
        "more": len(problems[LINES_SHOWN:]),
        "refused": job.refused,
    }
    said = "did not take it" if job.refused else "could not be reached with it"
    if problems:
        said = (
            f"cannot take {len(problems)} of its lines"
            if len(problems) > 1
            else "cannot take one of its lines"
        )
    return Letter(f"{_head(order)} {said}", "orders/mail/not_taken", context)


def _amendment(order: PurchaseOrder, amendment: Amendment | None) -> Letter | None:
    if amendment is None:
        return None
    name = amendment.get_kind_display().lower()
    said = {
        Amendment.Status.REFUSED: f"did not agree to the {name}",
        Amendment.Status.FAILED: f"could not be asked for the {name}",
        Amendment.Status.UNKNOWN: f"may not have got the {name}",
    }.get(Amendment.Status(amendment.status))
    if said is None:
        return None
    return Letter(f"{_head(order)} {said}", "orders/mail/amendment", {"amendment": amendment, "said": said})


def _head(order: PurchaseOrder) -> str:
    return f"{order.number}: {' '.join(order.supplier.name.split())}"  # a header is one line
