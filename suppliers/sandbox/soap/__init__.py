"""A supplier with a SOAP service, as its WSDL describes it: orders, look-ups, cancelling, and answers posted later.

It lets in whoever signs in with the client's id and secret, by HTTP Basic or by WS-Security.
"""

import hashlib
import hmac

from werkzeug.wrappers import Request, Response

from suppliers.connectors.soap.settings import FAULT_WORDS
from suppliers.sandbox.app import SandboxApp
from suppliers.sandbox.faults import Kind
from suppliers.sandbox.ledger import PlacedOrder
from suppliers.sandbox.protocol import AnsweringProtocol, Call
from suppliers.sandbox.soap import wire
from suppliers.sandbox.soap.description import description
from suppliers.sandbox.tokens import basic_pair
from suppliers.sandbox.trade import Answer, Refused, Struck, assess, place
from suppliers.sandbox.web import BadRequest
from suppliers.sandbox.world import SandboxSupplier

ADDRESS = "/soap/"
OPERATIONS = {"PlaceOrder": "submit", "GetOrder": "look_up", "CancelOrder": "cancel"}


class Protocol(AnsweringProtocol):
    def __init__(self, app: SandboxApp) -> None:
        super().__init__(app)
        self._by_id = {s.supplier_id: s for s in app.suppliers.values() if s.protocol == "soap"}
        self._cancelled: set[tuple[str, str]] = set()
        self._nonces: set[bytes] = set()

    @staticmethod
    def account_settings(supplier: SandboxSupplier, origin: str) -> dict[str, str]:
        return {
            "wsdl": description(f"{origin}{ADDRESS}{supplier.supplier_id}"),
            "lookup_operation": "GetOrder",
            "lookup_list": "order",
            "cancel_operation": "CancelOrder",
            "authentication": "wss_text",
            "fault_words": f"{FAULT_WORDS}, OrderExists=placed_before, OrderAnswered=refused",
            "customer_number": supplier.customer_id,
            "duplicate_check": "yes",
            "callback_authentication": "hmac",
        }

    @staticmethod
    def account_credentials(supplier: SandboxSupplier) -> dict[str, str]:
        return {
            "username": supplier.client_id,
            "password": supplier.client_secret,
            "webhook_secret": supplier.webhook_secret,
        }

    def recognise(self, request: Request) -> Call | Response | None:
        if not request.path.startswith(ADDRESS):
            return None
        supplier = self._by_id.get(request.path.removeprefix(ADDRESS))
        if supplier is None:
            return Response("There is no such address.", status=404)
        if request.method == "GET" and "wsdl" in request.args:
            text = description(request.base_url)
            return Call(
                supplier, "wsdl", lambda struck: Response(text, content_type="text/xml; charset=utf-8")
            )
        body = request.get_data()
        try:
            asked = wire.asked(body)
        except BadRequest as error:
            return wire.fault(wire.SOAP_11, "Client", str(error))
        if asked.name not in OPERATIONS:
            return wire.fault(asked.version, "Client", f"There is no operation {asked.name}.")

        def note(why: str) -> None:
            if asked.name == "PlaceOrder":
                self._receive(supplier, asked, body, effect=False, answer=why)

        def act(struck: Struck) -> Response:
            if Kind.TOKEN_EXPIRED in struck or not self._is_known(request, supplier, asked):
                note("not let in")
                return wire.fault(asked.version, "FailedAuthentication", "We do not know you.", security=True)
            if asked.name == "PlaceOrder":
                return self._order(supplier, asked, body, struck)
            if asked.name == "CancelOrder":
                return self._cancel(supplier, asked)
            return self._look_up(supplier, asked, struck)

        return Call(supplier, OPERATIONS[asked.name], act, note)

    def _is_known(self, request: Request, supplier: SandboxSupplier, asked: wire.Asked) -> bool:
        name, password = basic_pair(request)
        expected = supplier.client_secret
        if asked.token is not None:
            name, password = asked.token.name, asked.token.password
            if asked.token.nonce:
                if asked.token.nonce in self._nonces:
                    return False  # somebody repeats what was overheard
                self._nonces.add(asked.token.nonce)
                stamped = asked.token.nonce + asked.token.created.encode() + expected.encode()
                expected = wire.base64_text(hashlib.sha1(stamped).digest())  # noqa: S324  as the profile has it
        return hmac.compare_digest(name.encode(), supplier.client_id.encode()) and hmac.compare_digest(
            password.encode(), expected.encode()
        )

    def _receive(
        self, supplier: SandboxSupplier, asked: wire.Asked, body: bytes, *, effect: bool, answer: str
    ) -> None:
        self.app.ledger.receipt_add(
            supplier=supplier.code,
            reference=asked.reference,
            body=body.decode("utf-8", "replace"),
            effect=effect,
            answer=answer,
        )

    # -- operations ---------------------------------------------------------------------------------------
    def _order(self, supplier: SandboxSupplier, asked: wire.Asked, body: bytes, struck: Struck) -> Response:
        ledger, answer = self.app.ledger, "refused"
        try:
            items = wire.items(asked, supplier)
            with ledger.transaction():
                known = ledger.orders_find(supplier.code, asked.reference)
                if known and Kind.NO_DUPLICATE_CHECK not in struck:
                    text = f"We have an order {asked.reference} already."
                    response = wire.fault(asked.version, "Client", text, detail="OrderExists")
                elif not (seen := assess(supplier, items, ledger, struck)).lines:
                    response = wire.refusal(asked, seen.unavailable, supplier)
                else:
                    order = place(supplier, asked.reference, items, ledger, struck)
                    self.schedule_answers(supplier, order)
                    response, answer = wire.answer(asked, wire.order_members(order, "received")), "placed"
                    self._receive(supplier, asked, body, effect=True, answer=answer)
        except (BadRequest, Refused) as error:
            response = wire.fault(asked.version, "Client", str(error))
        if answer == "refused":
            self._receive(supplier, asked, body, effect=False, answer=answer)
        return response

    def _look_up(self, supplier: SandboxSupplier, asked: wire.Asked, struck: Struck) -> Response:
        if Kind.NO_LOOK_UP in struck:
            return wire.fault(asked.version, "Client", "There is no operation GetOrder.")
        status = "cancelled" if (supplier.code, asked.reference) in self._cancelled else "received"
        found = self.app.ledger.orders_find(supplier.code, asked.reference)
        return wire.answer(asked, [("order", wire.order_members(order, status)) for order in found])

    def _cancel(self, supplier: SandboxSupplier, asked: wire.Asked) -> Response:
        orders = self.app.ledger.orders_find(supplier.code, asked.reference)
        if not orders:
            return wire.fault(asked.version, "Client", "There is no such order.", detail="OrderUnknown")
        if not all(self.app.ledger.callbacks_withdraw(order.id) for order in orders):
            text = "We have answered this order already."
            return wire.fault(asked.version, "Client", text, detail="OrderAnswered")
        self._cancelled.add((supplier.code, asked.reference))
        return wire.answer(asked, wire.order_members(orders[0], "cancelled"))

    # -- answers ------------------------------------------------------------------------------------------
    def callback_body(self, supplier: SandboxSupplier, order: PlacedOrder, answer: Answer) -> bytes:
        return wire.callback(order, answer, self.callback_id(order, answer))

    def callback_headers(self, supplier: SandboxSupplier, message_id: str, body: bytes) -> dict[str, str]:
        signature = hmac.digest(supplier.webhook_secret.encode(), body, "sha256").hex()
        return {"content-type": "text/xml; charset=utf-8", "x-signature": signature}
