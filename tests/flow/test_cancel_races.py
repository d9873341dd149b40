"""A cancellation and the supplier's own message at the same moment, each with a database connection of its own."""

from collections.abc import Iterator

import pytest
from django.test import Client

from orders.models import Amendment, OrderEvent, PurchaseOrder
from orders.services.amending import amendment_claim_job, amendment_run
from orders.services.amendments import amendment_decide, order_ask_to_cancel
from orders.services.inbound import message_process
from orders.services.transfer import transfer_run
from suppliers.models import ConnectorCall
from suppliers.sandbox.server import SandboxServer
from tests.fixtures.sandbox import sandbox_world, supplier_create
from tests.flow.background import work_off
from tests.flow.race import race
from tests.flow.scenes import approved
from tests.orders.factories import buyer

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.postgresql]


@pytest.fixture
def server(tmp_path) -> Iterator[SandboxServer]:
    with SandboxServer([sandbox_world(protocol="rest")], ledger=tmp_path / "ledger.sqlite3") as server:
        yield server


@pytest.fixture
def asked(server: SandboxServer) -> Amendment:
    job = approved(supplier_create(server))
    transfer_run(job_id=job.pk, worker="w")
    work_off()
    order = PurchaseOrder.objects.select_related("supplier").get(pk=job.order_id)
    return order_ask_to_cancel(
        order=order, by=buyer(), version=order.version, reason="By mistake.", via="test"
    )


def stored(server: SandboxServer, amendment: Amendment) -> int:
    """The confirmation, which the supplier sent before it read our cancellation."""
    callback = server.callbacks_waiting()[0]
    supplier = amendment.order.supplier
    answer = Client().post(
        f"/callbacks/{supplier.code}/", data=callback.body,
        content_type="application/json", headers=callback.headers,
    )  # fmt: skip
    assert answer.status_code == 202
    return supplier.inbound.get(channel="callback").pk


@pytest.mark.parametrize("attempt", range(5))
def test_cancellation_and_confirmation_at_once(server, asked, attempt):
    message = stored(server, asked)
    results = race(
        lambda: amendment_run(amendment_id=asked.pk, worker="w"),
        lambda: message_process(message_id=message),
    )
    assert results == [None, None]
    work_off()
    asked.refresh_from_db()
    order = PurchaseOrder.objects.get(pk=asked.order_id)
    assert (asked.status, order.status) == ("agreed", "cancelled")
    moves = list(order.events.exclude(to_status="").order_by("pk").values_list("to_status", flat=True))
    if moves[-2:] == ["confirmed", "cancelled"]:  # read before the cancellation left: an order like any other
        assert not order.exceptions.filter(resolved_at=None).exists(), "their agreement settles it"
    else:  # read after the order had ended
        assert order.exceptions.filter(kind="contradiction", resolved_at=None).exists(), "shown to a person"
    assert order.inbound.filter(pk=message).exists(), "and what it said is kept"
    assert OrderEvent.objects.filter(order=order, to_status="cancelled").count() == 1


@pytest.mark.parametrize("attempt", range(5))
def test_one_of_many_workers_asks(server, asked, attempt):
    race(*(lambda n=n: amendment_run(amendment_id=asked.pk, worker=f"w{n}") for n in range(4)))
    asked.refresh_from_db()
    assert (asked.status, asked.attempts) == ("agreed", 1)
    assert ConnectorCall.objects.filter(operation="cancel").count() == 1


@pytest.mark.parametrize("attempt", range(5))
def test_two_people_write_down_what_they_were_told(asked, attempt):
    Amendment.objects.update(status="asked", next_run_at=None)
    people = [buyer(), buyer()]
    copies = [Amendment.objects.select_related("order").get(pk=asked.pk) for _ in people]
    results = race(
        *(
            lambda p=p, c=c, o=o: amendment_decide(
                amendment=c, by=p, outcome=o, words="Ann", attempt=0, via="test"
            )
            for p, c, o in zip(people, copies, ["agreed", "refused"], strict=True)
        )
    )
    assert sum(isinstance(result, Exception) for result in results) == 1, results
    asked.refresh_from_db()
    assert asked.status in ("agreed", "refused")
    assert (PurchaseOrder.objects.get(pk=asked.order_id).status == "cancelled") == (asked.status == "agreed")


def test_two_workers_claim_one(asked):
    results = race(*(lambda n=n: amendment_claim_job(asked.pk, f"w{n}", "queued") for n in range(4)))
    assert sum(result is not None for result in results) == 1
