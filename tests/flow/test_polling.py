"""Answers that a supplier leaves in a folder: collected, stored, cleared away, read; none lost, none read twice."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.utils import timezone

from orders.models import InboundMessage, Status
from orders.services import polling
from orders.services.polling import supplier_poll
from procurement import chores, tasks
from suppliers.exceptions import ProtocolError, SupplierUnavailable
from suppliers.models import Supplier, SupplierCredential
from suppliers.sandbox.app import Timing
from suppliers.sandbox.faults import Fault, Kind
from suppliers.sandbox.server import SandboxServer
from suppliers.services.breaker import OPENS_AFTER
from tests.fixtures.sandbox import sandbox_world, supplier_create
from tests.flow.background import work_off
from tests.flow.scenes import approved, effects, sent_order

AT_ONCE = Timing(confirm_after=-2, ship_after=1)


@pytest.fixture
def depot(tmp_path: Path) -> Iterator[SandboxServer]:
    world = sandbox_world(
        protocol="sftp_ubl", behaviour={"confirm": "quantity_and_date", "duplicates": "yes"}
    )
    with SandboxServer([world], ledger=tmp_path / "ledger.sqlite3", timing=AT_ONCE) as server:
        yield server


@pytest.fixture
def supplier(db: None, depot: SandboxServer) -> Supplier:
    return supplier_create(depot)


def answers(depot: SandboxServer, folder: str = "answers") -> list[Path]:
    place = depot.app.protocols["sftp_ubl"].folder(depot.app.suppliers["greengrocer"]) / folder
    return sorted(path for path in place.iterdir() if path.is_file()) if place.exists() else []


def test_order_is_confirmed_and_shipped_when_the_folder_is_read(supplier, depot):
    order = sent_order(supplier)
    assert (order.status, effects(depot, order)) == (Status.TRANSFERRED, 1)
    tasks.poll_suppliers()
    work_off()
    order.refresh_from_db()
    assert (order.status, order.supplier_reference) == (Status.SHIPPED, f"SO-{order.buyer_reference}")
    confirmed, as_asked = order.lines.order_by("line_number")
    assert (confirmed.confirmed_quantity, confirmed.supplier_note) == (6, "The rest is sold out.")
    assert as_asked.confirmed_quantity == 5
    assert answers(depot) == []
    assert len(answers(depot, "answers/read")) == InboundMessage.objects.count() == 4


def test_nothing_is_read_twice_when_it_could_not_be_cleared_away(supplier, depot):
    approved(supplier)
    work_off()
    read = "answers/read"
    supplier.account.settings["read_folder"] = "archive/PO.xml/x"  # below a file: nothing can be moved there
    supplier.account.save()
    blocked = (
        depot.app.protocols["sftp_ubl"].folder(depot.app.suppliers["greengrocer"]) / "archive" / "PO.xml"
    )
    blocked.write_text("")
    with pytest.raises((ProtocolError, SupplierUnavailable)):
        supplier_poll(supplier=supplier)
    assert (InboundMessage.objects.count(), len(answers(depot))) == (4, 4)
    supplier.account.settings["read_folder"] = read
    supplier.account.save()
    assert supplier_poll(supplier=supplier) == 0
    assert (InboundMessage.objects.count(), len(answers(depot))) == (4, 0)


def test_nothing_is_lost_when_we_die_before_it_is_stored(supplier, depot, monkeypatch):
    approved(supplier)
    work_off()

    def die(**_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as broken:
        broken.setattr(polling, "message_store", die)
        with pytest.raises(KeyboardInterrupt):
            supplier_poll(supplier=supplier)
    assert len(answers(depot)) == 4
    assert supplier_poll(supplier=supplier) == 4


def test_unreadable_file_is_put_aside_and_shown(supplier, depot):
    folder = depot.app.protocols["sftp_ubl"].folder(depot.app.suppliers["greengrocer"]) / "answers"
    (folder / "odd.xml").write_bytes(b"<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>")
    (folder / "huge.xml").write_bytes(b" " * (10 * 1024 * 1024))
    (folder / "unfinished.xml.part").write_bytes(b"<a")
    assert supplier_poll(supplier=supplier) == 2
    work_off()
    parked = InboundMessage.objects.filter(status=InboundMessage.Status.PARKED)
    assert any("DOCTYPE" in message.error for message in parked)
    assert any("10485760 bytes" in message.error for message in parked)
    assert len(answers(depot, "answers/unreadable")) == 2
    assert [path.name for path in answers(depot)] == ["unfinished.xml.part"]


def test_failed_poll_is_told_and_tried_again_later(supplier, depot):
    depot.faults.set(Fault(kind=Kind.RESET_BEFORE, operation="poll", count=1))
    assert supplier.name in chores.poll_supplier(supplier.pk).error
    assert supplier_poll(supplier=supplier) == 0


def test_supplier_that_is_down_is_left_alone_and_then_asked_again(supplier, depot):
    depot.faults.set(Fault(kind=Kind.ERROR_BEFORE, operation="poll", count=OPENS_AFTER))
    for _ in range(OPENS_AFTER + 1):  # the last one does not even try
        chores.poll_supplier(supplier.pk)
    assert polling.suppliers_polled() == []
    assert depot.faults.listed()[0]["count"] == 0
    Supplier.objects.update(down_until=timezone.now())
    chores.poll_supplier(supplier.pk)
    supplier.refresh_from_db()
    assert (supplier.failures, polling.suppliers_polled()) == (0, [supplier])


def test_supplier_is_stopped_when_it_refuses_our_password(supplier):
    SupplierCredential.objects.filter(name="password").update(value="wrong")
    chores.poll_supplier(supplier.pk)
    supplier.refresh_from_db()
    assert "refused our user name" in supplier.paused_reason
    assert polling.suppliers_polled() == []
