"""A short run in which much goes wrong, drawn from one seed: faults at the suppliers, lost and doubled wake-ups,
workers that die or oversleep, callbacks doubled, shuffled and forged, and people who cancel in between. One process,
no waiting: time moves by writing it.
"""

import json
import random
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from unittest.mock import patch

from django.db import DatabaseError
from django.utils import timezone
from django.utils.module_loading import import_string
from django_q.models import OrmQ
from django_q.signing import SignedPackage

from orders.exceptions import OrderError
from orders.models import InboundMessage, OrderEvent, PurchaseOrder, Shipment, TransferJob
from orders.services.approval import order_cancel
from orders.services.documents import order_message
from orders.services.jobs import job_about_to_send
from orders.services.sweep import transfer_sweep
from orders.services.transfer import transfer_claim, transfer_run, transfer_succeed
from suppliers.exceptions import ConnectorError
from suppliers.messages import OrderAcknowledgement
from suppliers.models import Supplier
from suppliers.sandbox.faults import Fault, Kind
from suppliers.sandbox.protocol import SignedCallback
from suppliers.sandbox.server import SandboxServer
from suppliers.services.connections import connector_for
from tests.fixtures.sandbox import sandbox_world, supplier_create
from tests.flow.scenes import approved, post
from tests.orders.factories import buyer

WORLDS = [
    sandbox_world(behaviour={"confirm": "in_two_parts"}),
    # Takes a reference it has seen as a second order: nothing but looking up protects from that.
    sandbox_world(
        code="fishmonger", supplier_id="s2", client_id="c2", behaviour={"confirm": "quantity_and_date"}
    ),
    sandbox_world(code="baker", supplier_id="s3", client_id="c3", behaviour={"confirm": "reject"}),
]
FORGETFUL = "fishmonger"
STRIKING = (
    Kind.ERROR_BEFORE, Kind.ERROR_AFTER, Kind.RESET_BEFORE, Kind.RESET_AFTER, Kind.BROKEN_BODY, Kind.RATE_LIMITED,
)  # fmt: skip
ROUNDS = 40  # of clearing up at the end


class Turmoil:
    def __init__(self, sandbox: SandboxServer, seed: int, *, orders: int) -> None:
        self.sandbox = sandbox
        self.dice = random.Random(seed)
        self.orders = orders
        self.complaints: list[str] = []
        self.taken: dict[tuple[str, str], bytes] = {}  # (supplier, message id): body; answered with 202
        self.sleepers: list[tuple[TransferJob, Callable[[], None]]] = []
        self.shown: list[SignedCallback] = []
        self.forged = 0
        self.person = buyer()

    def run(self) -> None:
        self._prepare()
        actions = {
            self.work: 50, self.deliver: 25, self.die: 6, self.oversleep: 12, self.wake_sleeper: 8, self.sweep: 8,
            self.forge: 3, self.lose_wake_up: 2, self.cancel: 1,
        }  # fmt: skip
        for _ in range(10 * self.orders):
            (action,) = self.dice.choices(list(actions), weights=list(actions.values()))
            action()
        self.sandbox.faults.clear()
        self._forgetful()
        self._drain()

    def _prepare(self) -> None:
        suppliers = [supplier_create(self.sandbox, world.code) for world in WORLDS]
        account = Supplier.objects.get(code=FORGETFUL).account
        account.settings["duplicate_check"] = "no"
        account.save()
        for n in range(self.orders):
            approved(
                suppliers[(0, 1, 1, 2)[n % 4]],
                APLJ_1L=6 * self.dice.randint(1, 3),
                RICE_5=self.dice.randint(2, 6),
            )
        self._forgetful()
        seed = self.dice.randrange(10**6)
        arrives = {"kind": Kind.ERROR_AFTER, "operation": "submit", "supplier": FORGETFUL}
        self.sandbox.faults.set(Fault(probability=0.25, seed=seed, **arrives))
        for kind in STRIKING:
            strike = {"kind": kind, "probability": 0.07, "seconds": 1}
            self.sandbox.faults.set(
                Fault(operation="submit", seed=self.dice.randrange(10**6), **strike),
                Fault(operation="look_up", seed=self.dice.randrange(10**6), **strike),
            )

    def _forgetful(self) -> None:
        self.sandbox.faults.set(Fault(kind=Kind.NO_DUPLICATE_CHECK, supplier=FORGETFUL))

    def _drain(self) -> None:
        for _ in range(ROUNDS):
            self.wake_sleeper()
            self.sweep()
            while OrmQ.objects.exists():
                self.work()
            while self._waiting():
                self.deliver()
            on_its_way = TransferJob.objects.filter(status__in=TransferJob.LIVE, next_run_at__isnull=False)
            if not OrmQ.objects.exists() and not on_its_way.exists():
                return

    # -- workers ------------------------------------------------------------------------------------------
    def work(self) -> None:
        rows = list(OrmQ.objects.order_by("pk")[:10])
        if not rows:
            return
        row = self.dice.choice(rows)
        task = SignedPackage.loads(row.payload)
        if self.dice.random() > 0.1:
            row.delete()  # else it will be delivered once more
        self._attempt(task["func"], lambda: import_string(task["func"])(*task["args"]))

    def lose_wake_up(self) -> None:
        if rows := list(OrmQ.objects.order_by("pk")):
            self.dice.choice(rows).delete()

    def sweep(self) -> None:
        """All waiting is over and every lease has run out."""
        now, past = timezone.now(), timezone.now() - timedelta(seconds=30)
        Supplier.objects.update(down_until=None)
        TransferJob.objects.filter(next_run_at__gt=now).update(next_run_at=now)
        TransferJob.objects.filter(lease_until__gt=now).update(lease_until=past)
        InboundMessage.objects.filter(status="received").update(received_at=past)
        self._attempt("sweep", transfer_sweep)

    def die(self) -> None:
        """A worker ends between two steps: after claiming, before the POST, or before it has read the reply."""
        if (job := self._claimed("dies")) is None:
            return
        stage = self.dice.randrange(3)
        if stage >= 1:
            job_about_to_send(job)
        if stage == 2:
            self._submit(job)

    def oversleep(self) -> None:
        """A worker stops before it sends, or before it writes what became of it, and goes on much later."""
        if (job := self._claimed("sleeps")) is None:
            return
        if self.dice.random() < 0.5:
            self.sleepers.append((job, lambda: self._go_on_from_claim(job)))
        elif job_about_to_send(job) and (reply := self._submit(job)):
            self.sleepers.append((job, lambda: transfer_succeed(job, reply, via="transfer")))

    def wake_sleeper(self) -> None:
        """One whose job has been given to somebody else meanwhile."""
        for sleeper in self.sleepers:
            job, go_on = sleeper
            if TransferJob.objects.filter(pk=job.pk, fence__gt=job.fence + 1).exists():
                self.sleepers.remove(sleeper)
                self._attempt("a worker that overslept", go_on)
                return

    def _go_on_from_claim(self, job: TransferJob) -> None:
        with patch("orders.services.transfer.transfer_claim", return_value=job):
            transfer_run(job_id=job.pk, worker=job.claimed_by)

    def _claimed(self, who: str) -> TransferJob | None:
        due = list(
            TransferJob.objects.filter(status="queued", next_run_at__lte=timezone.now()).order_by("pk")
        )
        return transfer_claim(self.dice.choice(due).pk, f"{who} {self.dice.random()}") if due else None

    def _submit(self, job: TransferJob) -> OrderAcknowledgement | None:
        try:
            with connector_for(job.order.supplier) as connector:
                answer = connector.submit_order(order_message(job.order))
                return answer if isinstance(answer, OrderAcknowledgement) else None
        except ConnectorError:
            return None

    def _attempt(self, what: str, act: Callable[[], object]) -> None:
        try:
            act()
        except (OrderError, DatabaseError) as error:
            self.complaints.append(f"{what} broke: {type(error).__name__}: {error}")

    # -- suppliers' callbacks and people ------------------------------------------------------------------
    def _waiting(self) -> list[SignedCallback]:
        return self.sandbox.callbacks_waiting()

    def deliver(self) -> None:
        """One of all that wait, so in any order; a third of them twice, even much later."""
        if not (waiting := self._waiting()):
            return
        callback = self.dice.choice(waiting)
        self._deliver(callback)
        self.sandbox.callback_delivered(callback)
        self.shown.append(callback)
        if self.dice.random() < 0.3:
            self._deliver(self.dice.choice(self.shown[-20:]))

    def _deliver(self, callback: SignedCallback) -> None:
        if post(callback).status_code == 202:
            self.taken[callback.supplier, callback.message_id] = callback.body
        else:
            self.complaints.append(f"A genuine callback was refused: {callback.message_id}")

    def forge(self) -> None:
        """Not signed by the supplier, or a known id with other words: refused, and nothing moves."""
        if not self.shown:
            return
        genuine = self.dice.choice(self.shown)
        said = json.loads(genuine.body) | {"type": "order.rejected", "forged": True}
        body = json.dumps(said).encode()
        before = self._state()
        if self.dice.random() < 0.7:
            self.forged += 1
            headers = {"webhook-id": f"forged-{self.forged}"}
            answer = post(genuine, body=body, headers=headers)
        else:
            supplier = self.sandbox.app.suppliers[genuine.supplier]
            protocol = self.sandbox.app.answering(supplier.code)
            assert protocol is not None
            answer = post(
                genuine, body=body, headers=protocol.callback_headers(supplier, genuine.message_id, body)
            )
        if answer.status_code not in (401, 409):
            self.complaints.append(f"A forged callback was answered with {answer.status_code}.")
        elif self._state() != before:
            self.complaints.append("A refused callback changed something.")

    @staticmethod
    def _state() -> list[object]:
        return [
            list(PurchaseOrder.objects.order_by("pk").values_list("status", "version")),
            *(model.objects.count() for model in (OrderEvent, InboundMessage, Shipment, OrmQ)),
        ]

    def cancel(self) -> None:
        order = self.dice.choice(list(PurchaseOrder.objects.order_by("pk")))
        with suppress(OrderError):  # on its way or at the supplier: rightly refused
            order_cancel(
                order=order, version=order.version, by=self.person, reason="Not needed after all", via="test"
            )
