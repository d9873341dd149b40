"""Whatever a supplier of any protocol sends us: kept, refused with a reason that people understand, and never an error.

Refused at the door is only what proves nothing, or is too large. Everything else waits in the inbox to be read again.
"""

from dataclasses import replace

import pytest
from django.test import Client

from orders.models import CallbackRefusal, InboundMessage, PurchaseOrder
from orders.services.inbound import message_process, message_store
from suppliers.connectors.base import Capability, Connector
from suppliers.messages import Decision, OrderResponse, RawDocument
from suppliers.models import Supplier
from suppliers.sandbox.ledger import DueCallback
from suppliers.sandbox.protocol import SignedCallback
from suppliers.sandbox.server import SandboxServer
from tests import factories
from tests.contract.answering import SupplierSide
from tests.contract.spoiling import ODD, TOO_LARGE, spoiled
from tests.flow.background import work_off
from tests.flow.scenes import approved, post
from tests.orders.factories import buyer

PARKED = InboundMessage.Status.PARKED


@pytest.fixture
def side(server: SandboxServer, supplier: Supplier, connector: Connector) -> SupplierSide:
    return SupplierSide(server, supplier, connector)


def sent(supplier: Supplier) -> PurchaseOrder:
    order = approved(supplier).order
    work_off()
    order.refresh_from_db()
    return order


def all_orders() -> list[object]:
    """Everything that an answer may change."""
    lines = ("confirmed_quantity", "confirmed_price", "promised_date", "shipped_quantity", "supplier_note")
    return [
        list(
            PurchaseOrder.objects.order_by("pk").values_list("pk", "status", "supplier_reference", "charges")
        ),
        list(
            PurchaseOrder.objects.order_by("pk", "lines__line_number").values_list(
                *(f"lines__{f}" for f in lines)
            )
        ),
        list(PurchaseOrder.objects.order_by("pk").values_list("pk", "shipments", "exceptions")),
    ]


def stored_of(order: PurchaseOrder) -> list[RawDocument]:
    """The documents by which it came to its end, but for callbacks: these come to the door."""
    return [m.raw for m in order.supplier.inbound.exclude(channel="callback") if m.orders.filter(pk=order.pk)]


def take(supplier: Supplier, raw: RawDocument, body: bytes) -> InboundMessage:
    """As its channel would hand it over; once more under the same id, if it was there before."""
    supplier.inbound.filter(message_id=raw.message_id).delete()
    message, _ = message_store(supplier=supplier, raw=replace(raw, body=body))
    message_process(message_id=message.pk)
    message.refresh_from_db()
    return message


def complaint(message: InboundMessage) -> str:
    """What is wrong with how a bad message was treated; empty where it was treated well."""
    if message.status != PARKED:
        return f"it is {message.status}"
    if len(message.error) < 20 or "error on our side" in message.error:
        return f"no reason for people: {message.error}"
    return ""


def may_be_read_again(message: InboundMessage, reader: Client) -> bool:
    page = reader.get(f"/inbox/{message.pk}/")
    return page.status_code == 200 and f"/inbox/{message.pk}/replay/" in page.content.decode()


@pytest.fixture
def reader(db: None) -> Client:
    client = Client()
    client.force_login(buyer())
    return client


def test_bad_documents_are_kept_with_a_reason_and_change_nothing(supplier, side, connector):
    order = sent(supplier)
    side.tell(side.answers())
    before, complaints = all_orders(), {}
    for raw in stored_of(order):
        for number, (what, body) in enumerate(spoiled(raw.body)):
            # A reply is known by its order; all else is another document.
            own = raw.message_id if raw.channel == "reply" else f"{raw.message_id}-{number}"
            message = take(supplier, replace(raw, message_id=own), body)
            # What is not read of a mere receipt can do no harm.
            wrong = complaint(message) if message.status == PARKED or decides(connector, raw) else ""
            if wrong:
                complaints[raw.channel, what] = wrong
        take(supplier, raw, raw.body)
    assert complaints == {}
    assert all_orders() == before


def test_bad_callbacks_are_kept_with_a_reason_or_prove_nothing(supplier, server, side, reader, connector):
    if Capability.CALLBACK not in connector.capabilities:
        assert Client().post(f"/callbacks/{supplier.code}/", b"{}", "application/json").status_code == 403
        return
    sent(supplier)
    answers = side.answers()
    before, complaints, bodies = all_orders(), {}, set()
    for due in answers:
        for what, body in spoiled(due.body.encode()):
            if body in bodies:
                continue
            bodies.add(body)
            kept = InboundMessage.objects.count()
            answer = post(signed(server, due, body, len(bodies)))
            work_off()
            if answer.status_code >= 500:
                complaints[what] = f"answered with {answer.status_code}"
            elif InboundMessage.objects.count() == kept:
                # Where the proof stands in the document, what cannot be read proves nothing.
                if connector.callbacks_are_signed or answer.status_code not in (400, 401):
                    complaints[what] = f"not kept: {answer.status_code} {answer.content.decode()}"
            elif wrong := complaint(message := InboundMessage.objects.order_by("-pk")[0]):
                complaints[what] = wrong
            elif not may_be_read_again(message, reader):
                complaints[what] = "its page does not offer to read it again"
    assert complaints == {}
    assert all_orders() == before
    assert post(signed(server, answers[0], b" " * TOO_LARGE, 0)).status_code == 413
    assert CallbackRefusal.objects.filter(reason="too_large").exists()
    side.tell(answers)
    assert PurchaseOrder.objects.get().status in ("confirmed", "shipped"), (
        "good ones are heard after all this"
    )


def signed(server: SandboxServer, due: DueCallback, body: bytes, number: int) -> SignedCallback:
    """By the supplier itself, under an id of its own."""
    protocol = server.app.answering(due.supplier)
    own = f"{due.message_id}-{number}" if due.message_id else ""
    if own:
        body = body.replace(due.message_id.encode(), own.encode())
    headers = protocol.callback_headers(server.app.suppliers[due.supplier], own, body)
    return SignedCallback(due.id, due.supplier, own, headers, body, due.address)


def renamed(raw: RawDocument, order: PurchaseOrder, strange: str) -> RawDocument:
    """The same words about another order."""
    own = order.buyer_reference
    return replace(
        raw,
        body=raw.body.replace(own.encode(), strange.encode()),
        message_id=f"{raw.message_id}-strange".replace(own, strange).removesuffix(
            "-strange" if raw.channel == "reply" else ""
        ),
        headers={name: value.replace(own, strange) for name, value in raw.headers.items()},
    )


@pytest.mark.parametrize("strange", ["PO-NOBODYS", "PO-OTHER-1"])
def test_answer_to_nobodys_order_or_to_another_suppliers_changes_neither(
    supplier, server, side, reader, strange
):
    factories.order(status="transferred", supplier_reference="S-1", buyer_reference="PO-OTHER-1")
    order = sent(supplier)
    answers = [due for due in side.answers() if isinstance(due, DueCallback)]
    side.tell(answers or side.answers())
    before, own = all_orders(), order.buyer_reference
    for raw in stored_of(order):
        if not side.connector.parse_documents(raw):
            continue  # it names no order
        message = take(supplier, foreign := renamed(raw, order, strange), foreign.body)
        assert complaint(message) == "", raw.channel
        assert strange in message.error
    if Capability.CALLBACK in side.connector.capabilities:
        for number, due in enumerate(answers, 1):
            post(signed(server, due, due.body.replace(own, strange).encode(), number))
            work_off()
    assert all_orders() == before


def test_confirmation_of_something_else_is_shown_to_a_person(supplier, side, connector):
    """It can be read, so it counts as the supplier's word; nobody has to find out by himself that it is odd."""
    order = sent(supplier)
    side.tell(side.answers())
    for raw in [message.raw for message in order.inbound.all() if decides(connector, message.raw)]:
        for what, spoil in ODD.items():
            if (odd := spoil(raw.body)) == raw.body:
                continue
            order.exceptions.all().delete()
            taken = take(supplier, raw, odd)
            assert taken.status == PARKED or order.exceptions.exists(), (raw.channel, what)
            take(supplier, raw, raw.body)


def decides(connector: Connector, raw: RawDocument) -> bool:
    """More than that the order came."""
    said = [] if connector.announces(raw) else connector.parse_documents(raw)
    return any(isinstance(d, OrderResponse) and d.decision is not Decision.RECEIVED for d in said)


def test_parked_answer_is_read_again_from_the_inbox_once_its_cause_is_mended(
    supplier, side, reader, connector
):
    order = sent(supplier)
    side.tell(side.answers())
    said = next(m.raw for m in order.inbound.exclude(channel="reply") if decides(connector, m.raw))
    early = approved(supplier).order  # and not sent yet
    parked = take(supplier, early_raw := renamed(said, order, early.buyer_reference), early_raw.body)
    assert complaint(parked) == ""
    assert may_be_read_again(parked, reader)
    assert parked.error[:40] in reader.get("/inbox/").content.decode()
    work_off()
    reader.post(f"/inbox/{parked.pk}/replay/")
    work_off()
    early.refresh_from_db()
    assert early.status in ("confirmed", "shipped")
    assert "Nothing unreadable" in reader.get("/inbox/").content.decode()
