"""Placing an approved order with its supplier, exactly once in effect.

No network inside a transaction: (1) claim the job by compare-and-swap, with a lease and a fence; (2) talk to the
supplier; (3) write the outcome only if the fence still holds. Whatever may have arrived is `unknown` and is looked up,
never sent again blindly: docs/adr/0003-unknown-outcomes.md. Looking up stands in settlement.py, finding what was lost
in sweep.py.
"""

import logging
from datetime import timedelta

from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from orders.exceptions import ApprovalRequired, ConcurrentTransition, TransferInProgress
from orders.models import Approval, OrderException, PurchaseOrder, Status, TransferJob
from orders.selectors import order_live_transfer, order_standing_approval
from orders.services.approval import transfer_queue
from orders.services.documents import order_message, sites_checked
from orders.services.inbound import message_process, message_store
from orders.services.jobs import backoff, job_about_to_send, job_move
from orders.services.notifications import transfer_note
from orders.services.turns import sendable_orders, turn_ended, turn_missed, turn_taken
from orders.state import record, revise, transition
from orders.wakeups import wake
from suppliers.connectors.base import Capability, Connector
from suppliers.exceptions import (
    AuthenticationFailed,
    ConnectorConfigurationError,
    ConnectorError,
    OutcomeUnknown,
)
from suppliers.messages import OrderAcknowledgement, OrderRefusal
from suppliers.models import Supplier
from suppliers.services.connections import connector_for

log = logging.getLogger(__name__)


def transfer_run(*, job_id: int, worker: str) -> None:
    """Send one queued job. Does nothing if the job is not due, not queued, or somebody else has it."""
    job = transfer_claim(job_id, worker) if turn_taken(job_id) else None
    if job is None:
        turn_missed(job_id)
        return
    order = job.order
    if not order.supplier.active:  # since the approval
        _fail(job, "configuration", f"{order.supplier.name} is not active, so nothing is ordered there.")
        return
    failure: Exception | None = None
    try:
        answer = _submit(job, order)
    except ConnectorConfigurationError as error:
        failure = error
        _fail(job, "configuration", str(error))  # raised before anything was sent
    except AuthenticationFailed as error:
        failure = error
        _stop_supplier(job, error)
    except OutcomeUnknown as error:
        failure = error
        _unknown(job, error)
    except ConnectorError as error:
        failure = error
        if error.retryable and job.attempts < settings.TRANSFER_MAX_ATTEMPTS:
            _try_later(job, error)
        else:
            _fail(job, type(error).__name__, str(error))
    except Exception as error:  # a bug of ours: the order may have left, so treat it as such
        log.exception("Transfer of %s broke", order.number)
        failure = error
        _unknown(job, error)
    else:
        if isinstance(answer, OrderRefusal):
            _refused(job, answer)
        elif answer is not None:
            transfer_succeed(job, answer, via="transfer")
    turn_ended(order.supplier, error=failure)


def transfer_claim(job_id: int, worker: str) -> TransferJob | None:
    now = timezone.now()
    # No join here: Django would move all conditions into a subquery, and PostgreSQL re-checks only the outer row after
    # waiting for a rival's update, so both would win.
    due = TransferJob.objects.filter(
        pk=job_id, status=TransferJob.Status.QUEUED, next_run_at__lte=now, order__in=sendable_orders()
    )
    claimed = due.update(
        status=TransferJob.Status.RUNNING,
        fence=F("fence") + 1,
        attempts=F("attempts") + 1,
        lease_until=now + timedelta(seconds=settings.TRANSFER_LEASE_SECONDS),
        claimed_by=worker[:80],
        submitted_at=None,
    )
    if not claimed:
        return None
    # What is read here may already be a later claimer's row; the name of each claim is unique.
    job = TransferJob.objects.select_related("order__supplier", "order__site").get(pk=job_id)
    return job if job.claimed_by == worker[:80] else None


def _submit(job: TransferJob, order: PurchaseOrder) -> OrderAcknowledgement | OrderRefusal | None:
    message = order_message(order)
    with connector_for(order.supplier, reference=order.buyer_reference, attempt=job.attempts) as connector:
        sites_checked(message, connector)
        if not job_about_to_send(job):
            return None  # our lease ran out while we were getting ready; the job is somebody else's now
        return connector.submit_order(message)


def transfer_succeed(job: TransferJob, acknowledgement: OrderAcknowledgement, *, via: str) -> None:
    order, reply = job.order, None
    with transaction.atomic():
        if acknowledgement.raw is not None:
            message, created = message_store(supplier=order.supplier, raw=acknowledgement.raw)
            reply = message if created else None
        ours = job_move(job, TransferJob.Status.SENT)
        if ours:
            reference = acknowledgement.supplier_reference
            known = f" Its reference is {reference}." if reference else ""
            how = "Sent to" if via == "transfer" else "Found at"
            transition(
                order, Status.TRANSFERRED, by=None, via=via, supplier_reference=reference,
                text=f"{how} {order.supplier.name}.{known} {acknowledgement.note}".strip(),
                data={"attempt": job.attempts},
            )  # fmt: skip
    if not ours:
        _note_late_success(order, acknowledgement)
    if reply is not None:
        message_process(message_id=reply.pk)  # here and now; should we die before, the sweep finds it unread


def _note_late_success(order: PurchaseOrder, acknowledgement: OrderAcknowledgement) -> None:
    """Our lease had run out when the supplier answered. Somebody else settled the job; show a second order."""
    with transaction.atomic():
        order.refresh_from_db()
        revise(order)
        reference = acknowledgement.supplier_reference
        record(
            order, "late_reply", by=None, via="transfer",
            text=f"A worker that was given up for dead brought the supplier's reply after all (reference {reference}).",
        )  # fmt: skip
        if order.supplier_reference and reference and order.supplier_reference != reference:
            OrderException.objects.get_or_create(
                order=order,
                fingerprint=f"second-reference-{reference}"[:64],
                defaults={
                    "kind": OrderException.Kind.CONTRADICTION,
                    "text": f"The supplier may hold this twice, as {order.supplier_reference} and as {reference}. "
                    "Ask them to delete one.",
                },
            )


def _try_later(job: TransferJob, error: ConnectorError) -> None:
    # What the supplier asked for is kept to, also where it is longer than any pause of our own.
    asked = error.retry_after
    at = timezone.now() + (max(asked, timedelta(seconds=1)) if asked else backoff(job.attempts))
    with transaction.atomic():
        if job_move(
            job, TransferJob.Status.QUEUED, next_run_at=at, error=str(error), error_kind=type(error).__name__
        ):
            record(
                job.order, "transfer_postponed", by=None, via="transfer",
                text=f"Not sent: {error} Next try at {timezone.localtime(at):%H:%M:%S}.",
                data={"attempt": job.attempts},
            )  # fmt: skip


def _unknown(job: TransferJob, error: Exception) -> None:
    order = job.order
    can = _capabilities(order.supplier)
    looks_up, repeats = Capability.LOOKUP in can, Capability.REPEAT_ANSWERS in can
    words = str(error) if isinstance(error, ConnectorError) else "Something broke on our side while sending."
    kind = type(error).__name__
    at = timezone.now() if looks_up or repeats else None
    with transaction.atomic():
        if not job_move(job, TransferJob.Status.UNKNOWN, next_run_at=at, error=words, error_kind=kind):
            return
        then = (
            "It is looked up before anything is sent again."
            if looks_up
            else "It is settled by repeating it, which the supplier takes for the same order."
            if repeats
            else "A person has to find out and decide."
        )
        record(
            order,
            "outcome_unknown",
            by=None,
            via="transfer",
            text=f"{words} The order may have arrived. {then}",
        )
        if at:
            wake("orders.tasks.settle_transfer", job.pk)


def _capabilities(supplier: Supplier) -> frozenset[Capability]:
    try:
        connector: Connector = connector_for(supplier)
    except ConnectorConfigurationError:
        return frozenset()
    return connector.capabilities


def _stop_supplier(job: TransferJob, error: AuthenticationFailed) -> None:
    """Wrong credentials fail for every order: stop them all, keep them queued, and tell an administrator."""
    with transaction.atomic():
        supplier_pause(job.order.supplier, str(error))
        if job_move(
            job,
            TransferJob.Status.QUEUED,
            next_run_at=timezone.now(),
            error=str(error),
            error_kind="AuthenticationFailed",
        ):
            record(
                job.order, "transfer_postponed", by=None, via="transfer",
                text=f"{error} Orders to {job.order.supplier.name} wait until an administrator has mended this.",
            )  # fmt: skip


def supplier_pause(supplier: Supplier, reason: str) -> None:
    Supplier.objects.filter(pk=supplier.pk).update(paused_reason=reason[:300])


def _fail(job: TransferJob, kind: str, words: str) -> bool:
    with transaction.atomic():
        ours = job_move(job, TransferJob.Status.FAILED, error=words, error_kind=kind)
        if ours:
            text = f"Could not be sent: {words}"
            record(
                job.order,
                "transfer_failed",
                by=None,
                via="transfer",
                text=text,
                data={"attempt": job.attempts},
            )
            transfer_note(job)
    return ours


def _refused(job: TransferJob, refusal: OrderRefusal) -> None:
    """The supplier did not take the order: it stays ours, with what is wrong on the very lines."""
    lines = list(job.order.lines.all())
    with transaction.atomic():
        for problem in refusal.problems if _fail(job, "refused", refusal.text) else ():
            by_number = [line for line in lines if line.line_number == problem.line_number]
            for line in by_number or [line for line in lines if line.supplier_sku == problem.supplier_sku]:
                line.problem, line.problem_text = problem.kind.value, problem.text[:300]
                line.save(update_fields=["problem", "problem_text"])


@transaction.atomic
def transfer_retry(*, order: PurchaseOrder, by: AbstractBaseUser, via: str) -> TransferJob:
    """Try a failed transfer again, on the approval that still stands."""
    revise(order)
    if order_live_transfer(order):
        raise TransferInProgress(f"{order.number} is being sent already.")
    decision = order_standing_approval(order)
    if order.status != Status.DRAFT:
        raise ConcurrentTransition(f"{order.number} is {order.get_status_display().lower()} already.")
    if decision is None or decision.decision != Approval.Decision.APPROVED:
        raise ApprovalRequired(f"{order.number} has to be approved again before it is sent.")
    record(order, "transfer_retried", by=by, via=via, text="Sent again by hand.")
    return transfer_queue(order)
