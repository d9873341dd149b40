"""Never twice, never lost: a short seeded run of everything going wrong. CHAOS_SEED=<n> draws another one."""

import functools
import os
import re
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from orders.models import InboundMessage, TransferJob
from orders.services import settlement, transfer
from orders.services.inbound import message_store
from suppliers.connectors.http import HttpPolicy
from suppliers.messages import RawDocument
from suppliers.sandbox.server import SandboxServer
from tests.chaos.turmoil import WORLDS, Turmoil
from tests.chaos.verdict import complaints

pytestmark = pytest.mark.django_db
SEED = 20261122  # one in which every safeguard is needed
Patch = pytest.MonkeyPatch


@pytest.fixture
def suppliers(tmp_path: Path, monkeypatch: Patch) -> Iterator[SandboxServer]:
    # A question is asked once, as repeating it means waiting; the next look-up asks again.
    once = functools.partial(HttpPolicy, attempts=1)
    monkeypatch.setattr("suppliers.connectors.http.HttpPolicy", once)
    with SandboxServer(WORLDS, ledger=tmp_path / "ledger.sqlite3") as server:
        yield server


def found(sandbox: SandboxServer, *, orders: int, seed: int = SEED) -> list[str]:
    print(f"seed {seed}")  # noqa: T201  shown when the run is red
    turmoil = Turmoil(sandbox, seed, orders=orders)
    turmoil.run()
    return turmoil.complaints + complaints(sandbox, turmoil.taken)


def test_nothing_is_lost_and_nothing_happens_twice(suppliers):
    assert found(suppliers, orders=30, seed=int(os.environ.get("CHAOS_SEED", SEED))) == []
    # And it was no idle run.
    assert TransferJob.objects.filter(attempts__gt=1).count() > 3
    assert TransferJob.objects.filter(lookups__gt=0).count() > 5
    assert TransferJob.objects.filter(status="sent").count() > 15
    assert InboundMessage.objects.filter(channel="callback", status="processed").count() > 30


# -- the same run must turn red without each of its safeguards ---------------------------------------------
def without_the_fence(monkeypatch: Patch) -> None:
    def move(job: TransferJob, status: str, **fields: Any) -> bool:
        live = status in TransferJob.LIVE
        fields = {"next_run_at": None, "lease_until": None, "error": "", "error_kind": ""} | fields
        TransferJob.objects.filter(pk=job.pk).update(
            status=status, finished_at=None if live else timezone.now(), **fields
        )
        return True

    def about_to_send(job: TransferJob) -> bool:
        return bool(TransferJob.objects.filter(pk=job.pk).update(submitted_at=timezone.now()))

    monkeypatch.setattr(transfer, "job_move", move)
    monkeypatch.setattr(settlement, "job_move", move)
    monkeypatch.setattr(transfer, "job_about_to_send", about_to_send)


def without_the_signature(monkeypatch: Patch) -> None:
    monkeypatch.setattr(
        "suppliers.connectors.cerve.connector.signature_verify",
        lambda request, secrets: request.headers["webhook-id"],
    )


def without_recognising_duplicates(monkeypatch: Patch) -> None:
    def store(*, supplier: Any, raw: RawDocument) -> tuple[InboundMessage, bool]:
        another = RawDocument(
            message_id=f"{raw.message_id}:{uuid.uuid4().hex}", channel=raw.channel, content_type=raw.content_type,
            body=raw.body, headers=raw.headers,
        )  # fmt: skip
        return message_store(supplier=supplier, raw=another)

    monkeypatch.setattr("orders.callbacks.message_store", store)


def without_looking_up(monkeypatch: Patch) -> None:
    def settle(*, job_id: int, worker: str) -> None:
        if job := settlement._claim(job_id, worker):
            settlement._send_again(job, "Sent again blindly.", at=timezone.now())

    monkeypatch.setattr("orders.tasks.transfer_settle", settle)


@pytest.mark.parametrize(
    ("remove", "symptom"),
    [
        (without_the_fence, r"was placed \d times|overslept broke"),
        (without_the_signature, "forged callback was answered with 202"),
        (without_recognising_duplicates, "stored"),
        (without_looking_up, r"was placed \d times"),
    ],
)
def test_run_turns_red_without_a_safeguard(
    suppliers: SandboxServer, monkeypatch: Patch, remove: Callable[[Patch], None], symptom: str
):
    remove(monkeypatch)
    red = found(suppliers, orders=16)  # a shorter run is enough to miss a safeguard
    assert any(re.search(symptom, complaint) for complaint in red), red
