"""Any sequence of what people, workers and suppliers may do: whatever is refused, the rules hold after every step."""

import json
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from itertools import count

from django.utils import timezone
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from orders.exceptions import OrderError
from orders.models import InboundMessage, OrderEvent, PurchaseOrder, Status, TransferJob
from orders.services.approval import order_approve, order_cancel, order_return, order_withdraw
from orders.services.drafting import order_replace
from orders.services.editing import order_edit
from orders.services.inbound import message_process, message_store
from orders.services.jobs import job_about_to_send
from orders.services.settlement import transfer_decide
from orders.services.sweep import transfer_sweep
from orders.services.transfer import (
    transfer_claim,
    transfer_retry,
    transfer_succeed,
)
from orders.state import may_move
from suppliers.messages import OrderAcknowledgement, RawDocument
from tests.orders.factories import approver, buyer, make_order

_ids = count(1)


def say(order: PurchaseOrder, kind: str) -> None:
    n = next(_ids)
    said = {
        "type": f"order.{kind}",
        "data": {"customer_order_id": order.buyer_reference, "supplier_order_id": "S-1"},
    }
    if kind == "shipped":
        said["data"]["shipment"] = {"shipment_id": f"D{n}"}
    received = (timezone.now() + timedelta(seconds=n)).isoformat()
    raw = RawDocument(
        message_id=f"m{n}", channel="callback", content_type="application/json", body=json.dumps(said).encode(),
        headers={"webhook-timestamp": str(1_772_366_400 + n), "received-at": received},
    )  # fmt: skip
    message, _ = message_store(supplier=order.supplier, raw=raw)
    message_process(message_id=message.pk)


class Scene:
    def __init__(self) -> None:
        self.number = make_order().number
        self.buyer, self.approver = buyer(), approver()
        self.claimed: list[TransferJob] = []

    @property
    def order(self) -> PurchaseOrder:
        return PurchaseOrder.objects.select_related("supplier").get(number=self.number)

    def edit(self) -> None:
        order = self.order
        line = order.lines.first()
        wanted = {line.pk: line.quantity + 1}
        order_edit(order=order, by=self.buyer, version=order.version, quantities=wanted, via="test")

    def approve(self) -> None:
        order_approve(order=self.order, by=self.approver, version=self.order.version, via="test")

    def send_back(self) -> None:
        order_return(order=self.order, by=self.approver, version=self.order.version, reason="No", via="test")

    def cancel(self) -> None:
        order_cancel(order=self.order, version=self.order.version, by=self.buyer, reason="No", via="test")

    def withdraw(self) -> None:
        order_withdraw(
            order=self.order, version=self.order.version, by=self.buyer, reason="Agreed", via="test"
        )

    def retry(self) -> None:
        transfer_retry(order=self.order, by=self.buyer, via="test")

    def replace(self) -> None:
        order_replace(order=self.order, by=self.buyer, via="test")

    def claim(self) -> None:
        for job in TransferJob.objects.filter(order__number=self.number, status="queued"):
            TransferJob.objects.filter(pk=job.pk).update(next_run_at=timezone.now())
            claimed = transfer_claim(job.pk, f"worker-{next(_ids)}")
            if claimed and job_about_to_send(claimed):
                self.claimed.append(claimed)

    def reply_comes(self) -> None:
        """Also from a worker whose lease ran out long ago."""
        if self.claimed:
            transfer_succeed(
                self.claimed.pop(0), OrderAcknowledgement(supplier_reference="S-1"), via="transfer"
            )

    def worker_dies(self) -> None:
        past = timezone.now() - timedelta(seconds=1)
        TransferJob.objects.filter(order__number=self.number, status="running").update(lease_until=past)
        transfer_sweep()

    def person_says_it_did_not_arrive(self) -> None:
        for job in TransferJob.objects.select_related("order").filter(
            order__number=self.number, status="unknown"
        ):
            transfer_decide(job=job, by=self.buyer, arrived=False, via="test")

    def confirm(self) -> None:
        say(self.order, "confirmed")

    def reject(self) -> None:
        say(self.order, "rejected")

    def ship(self) -> None:
        say(self.order, "shipped")

    STEPS: tuple[Callable[["Scene"], None], ...] = (
        edit, approve, send_back, cancel, withdraw, retry, replace, claim, reply_comes, worker_dies,
        person_says_it_did_not_arrive, confirm, reject, ship,
    )  # fmt: skip


def check_rules(scene: Scene) -> None:
    order = scene.order
    moves = list(
        OrderEvent.objects.filter(order=order).exclude(to_status="").values_list("from_status", "to_status")
    )
    assert all(may_move(before, after) for before, after in moves)
    stations = [Status.DRAFT.value, *(after for _, after in moves)]
    assert [before for before, _ in moves] == stations[:-1], "the trail has no gap"
    assert order.status == stations[-1]
    jobs = TransferJob.objects.filter(order=order)
    assert jobs.filter(status__in=TransferJob.LIVE).count() <= 1
    assert order.approvals.filter(withdrawn_at=None).count() <= 1
    if order.status == Status.CANCELLED:
        assert not jobs.filter(status__in=TransferJob.LIVE).exists()
    if order.status in (Status.CONFIRMED, Status.SHIPPED):
        assert all(line.confirmed_quantity is not None for line in order.lines.all())
    if order.status == Status.SHIPPED:
        assert all(line.shipped_quantity >= line.confirmed_quantity for line in order.lines.all())
    if order.transferred_at:
        assert jobs.filter(attempts__gt=0).exists(), "nothing is transferred that was never sent"
    sent = order.status != Status.DRAFT and order.status != Status.CANCELLED
    assert not sent or all(line.quantity > Decimal(0) for line in order.lines.all())
    assert not InboundMessage.objects.filter(status="received").exists(), "every message was read or parked"
    parked = InboundMessage.objects.filter(status="parked").values_list("error", flat=True)
    assert all("have not sent" in error for error in parked), list(parked)


class RandomSequences(TestCase):
    @settings(max_examples=40)
    @given(st.lists(st.sampled_from(Scene.STEPS), min_size=3, max_size=20))
    def test_rules_hold_after_any_sequence(self, steps):
        scene, refusals = Scene(), []
        for step in steps:
            try:
                step(scene)
            except OrderError as refusal:
                refusals.append(str(refusal))
            check_rules(scene)
        assert all(refusals), "every refusal has words"

    def test_the_usual_way_is_among_them(self):
        """So that the sequences above are known to be able to get to the end."""
        scene = Scene()
        for step in (Scene.edit, Scene.approve, Scene.claim, Scene.ship, Scene.reply_comes, Scene.confirm):
            step(scene)
            check_rules(scene)
        assert scene.order.status == Status.SHIPPED
