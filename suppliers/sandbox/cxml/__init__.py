"""A supplier that takes cXML orders and posts its confirmations, as docs/connectors/cxml.md describes the protocol."""

import hmac
from dataclasses import replace
from datetime import UTC, datetime

from werkzeug.wrappers import Request, Response

from suppliers.connectors.cxml.reading import blanked
from suppliers.sandbox.app import SandboxApp
from suppliers.sandbox.cxml import wire
from suppliers.sandbox.faults import Kind
from suppliers.sandbox.ledger import PlacedOrder
from suppliers.sandbox.protocol import AnsweringProtocol, Call
from suppliers.sandbox.trade import Answer, Refused, Struck, answers, place
from suppliers.sandbox.world import SandboxSupplier

ADDRESS = "/cxml/"


class Protocol(AnsweringProtocol):
    def __init__(self, app: SandboxApp) -> None:
        super().__init__(app)
        self._by_id = {s.supplier_id: s for s in app.suppliers.values() if s.protocol == "cxml"}

    @staticmethod
    def account_settings(supplier: SandboxSupplier, origin: str) -> dict[str, str]:
        return {
            "url": f"{origin}{ADDRESS}{supplier.supplier_id}",
            "our_domain": "NetworkId",
            "our_identity": supplier.customer_id,
            "supplier_domain": "NetworkId",
            "supplier_identity": supplier.supplier_id,
        }

    @staticmethod
    def account_credentials(supplier: SandboxSupplier) -> dict[str, str]:
        return {"shared_secret": supplier.client_secret, "callback_secret": supplier.webhook_secret}

    def recognise(self, request: Request) -> Call | Response | None:
        if not request.path.startswith(ADDRESS):
            return None
        supplier = self._by_id.get(request.path.removeprefix(ADDRESS))
        if supplier is None or request.method != "POST":
            return wire.answer(404, "There is no such address.", http=404)
        body = request.get_data()
        try:
            asked = wire.asked(body)
        except wire.BadDocument as error:
            return wire.answer(400, str(error))

        def note(why: str) -> None:
            if asked.kind != "profile":
                self._receive(supplier, asked, body, effect=False, answer=why)

        def act(struck: Struck) -> Response:
            known = hmac.compare_digest(asked.secret.encode(), supplier.client_secret.encode())
            if not known or Kind.TOKEN_EXPIRED in struck:
                note("401")
                return wire.answer(401, "The shared secret is not the agreed one.")
            if asked.kind == "profile":
                return wire.answer(200, "OK")
            try:
                if asked.kind == "new":
                    return self._place(supplier, asked, body, struck)
                return self._follow_up(supplier, asked, body)
            except wire.BadDocument as error:
                note("400")
                return wire.answer(400, str(error))
            except Refused as error:
                note("406")
                return wire.answer(406, str(error))

        return Call(supplier, wire.OPERATIONS[asked.kind], act, note)

    def _place(self, supplier: SandboxSupplier, asked: wire.Asked, body: bytes, struck: Struck) -> Response:
        ledger = self.app.ledger
        items = wire.items(asked.order)
        with ledger.transaction():
            before = ledger.orders_find(supplier.code, asked.reference)
            if before and Kind.NO_DUPLICATE_CHECK not in struck:
                self._receive(supplier, asked, body, effect=False, answer="200")
                return wire.answer(200, "Known already.")
            order = place(supplier, asked.reference, items, ledger, struck)
            self._receive(supplier, asked, body, effect=True, answer="200")
            self.schedule_answers(supplier, order)
        return wire.answer(200, "OK")

    def _follow_up(self, supplier: SandboxSupplier, asked: wire.Asked, body: bytes) -> Response:
        """A cancellation is answered by a confirmation that declines the order, unless it has its answer already; a
        change by what would be said of the changed order, as long as nothing has left.
        """
        known = self.app.ledger.orders_find(supplier.code, asked.reference)
        if not known or not asked.previous:
            raise wire.BadDocument("We do not have the order that this document speaks of.")
        if asked.kind == "delete":
            self._cancel(supplier, known, asked)
        else:
            self._change(supplier, known[0], asked)
        self._receive(supplier, asked, body, effect=False, answer="200")
        return wire.answer(200, "OK")

    def _change(self, supplier: SandboxSupplier, order: PlacedOrder, asked: wire.Asked) -> None:
        ledger = self.app.ledger
        if any("_shipped_" in message_id for message_id in ledger.callbacks_delivered(order.id)):
            raise Refused("The goods have left.")
        quantities = {item.supplier_product_id: item.quantity for item in wire.items(asked.order)}
        lines = tuple(
            replace(line, quantity=quantities.get(line.supplier_product_id, line.quantity))
            for line in order.lines
        )
        changed = replace(order, lines=lines)
        ledger.order_change(order.id, lines)
        for answer in answers(supplier, changed):
            message_id = f"{self.callback_id(order, answer)}_{asked.payload_id}"
            ledger.callback_add(
                supplier=supplier.code,
                order_id=order.id,
                message_id=message_id,
                body=wire.callback(supplier, changed, answer, asked, message_id).decode(),
                due_at=datetime.now(UTC),
            )
        self.app.said_something.set()

    def _cancel(self, supplier: SandboxSupplier, orders: list[PlacedOrder], asked: wire.Asked) -> None:
        if not all(self.app.ledger.callbacks_withdraw(order.id) for order in orders):
            raise Refused("We have answered this order already.")
        for order in orders:
            answer = Answer("rejected", note="Cancelled as you asked.")
            message_id = self.callback_id(order, answer)
            self.app.ledger.callback_add(
                supplier=supplier.code,
                order_id=order.id,
                message_id=message_id,
                body=wire.callback(supplier, order, answer, asked, message_id).decode(),
                due_at=datetime.now(UTC),
            )
        self.app.said_something.set()

    def _receive(
        self, supplier: SandboxSupplier, asked: wire.Asked, body: bytes, *, effect: bool, answer: str
    ) -> None:
        self.app.ledger.receipt_add(
            supplier=supplier.code,
            reference=asked.reference,
            body=blanked(body, "SharedSecret").decode("utf-8", "replace"),
            effect=effect,
            answer=answer,
        )

    # -- callbacks ----------------------------------------------------------------------------------------
    def callback_body(self, supplier: SandboxSupplier, order: PlacedOrder, answer: Answer) -> bytes:
        request = self.app.ledger.order_request(supplier.code, order.reference).encode()
        return wire.callback(supplier, order, answer, wire.asked(request), self.callback_id(order, answer))

    def callback_headers(self, supplier: SandboxSupplier, message_id: str, body: bytes) -> dict[str, str]:
        return {"content-type": "text/xml; charset=UTF-8"}
