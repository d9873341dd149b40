"""A supplier with an API of its own, in the form that the REST connector expects where no setting says otherwise.

It lets in whoever proves to be its customer in any of the ways the connector knows, with the client secret.
"""

import hmac

from werkzeug.routing import Map, Rule
from werkzeug.wrappers import Request, Response

from suppliers.sandbox.app import SandboxApp, error_response, json_response
from suppliers.sandbox.faults import Kind
from suppliers.sandbox.ledger import PlacedOrder
from suppliers.sandbox.protocol import AnsweringProtocol, Call
from suppliers.sandbox.rest import wire
from suppliers.sandbox.tokens import Tokens, basic_pair
from suppliers.sandbox.trade import Answer, Item, Refused, Struck, assess, place
from suppliers.sandbox.web import BadRequest, routed, standard_webhook_headers, text_at
from suppliers.sandbox.world import SandboxSupplier

ROUTES = Map(
    [
        Rule("/rest/token", endpoint="token", methods=["POST"]),
        Rule("/rest/<supplier_id>/orders", endpoint="submit", methods=["POST"]),
        Rule("/rest/<supplier_id>/orders", endpoint="search", methods=["GET"]),
        Rule("/rest/<supplier_id>/orders/<reference>", endpoint="look_up", methods=["GET"]),
        Rule("/rest/<supplier_id>/orders/<reference>/cancel", endpoint="cancel", methods=["POST"]),
    ]
)


class Protocol(AnsweringProtocol):
    def __init__(self, app: SandboxApp) -> None:
        super().__init__(app)
        self._by_id = {s.supplier_id: s for s in app.suppliers.values() if s.protocol == "rest"}
        self._tokens = Tokens({s.client_id: s for s in self._by_id.values()}, app.timing.token_lifetime)
        self._cancelled: set[tuple[str, str]] = set()

    @staticmethod
    def account_settings(supplier: SandboxSupplier, origin: str) -> dict[str, str]:
        orders = f"{origin}/rest/{supplier.supplier_id}/orders"
        return {
            "order_url": orders,
            "lookup_url": orders + "/{reference}",
            "cancel_url": orders + "/{reference}/cancel",
            "authentication": "oauth2",
            "token_url": f"{origin}/rest/token",
            "customer_number": supplier.customer_id,
            "duplicate_check": "yes",
        }

    def recognise(self, request: Request) -> Call | Response | None:
        found = routed(ROUTES, request)
        if not isinstance(found, tuple):
            return found
        endpoint, values = found
        if endpoint == "token":
            return self._tokens.recognise(request)
        supplier = self._by_id.get(values["supplier_id"])
        if supplier is None:
            return error_response(404, "There is no such supplier.")
        if endpoint == "submit":
            return self._order_call(request, supplier)
        reference = values.get("reference") or request.args.get("order_number", "")

        def act(struck: Struck) -> Response:
            if objection := self._objection(request, supplier, struck):
                return objection
            if endpoint == "cancel":
                return self._cancel(supplier, reference)
            return self._look_up(supplier, reference, struck, listed=endpoint == "search")

        return Call(supplier, "cancel" if endpoint == "cancel" else "look_up", act)

    def _objection(self, request: Request, supplier: SandboxSupplier, struck: Struck) -> Response | None:
        secret = supplier.client_secret.encode()
        signature = hmac.digest(secret, request.get_data(), "sha256").hex()
        name, password = basic_pair(request)
        shown = (
            (request.headers.get("X-API-Key", ""), supplier.client_secret),
            (f"{name}:{password}", f"{supplier.client_id}:{supplier.client_secret}"),
            (request.headers.get("X-Signature", ""), signature),
            (self._tokens.holder(request, struck), supplier.code),
        )
        if any(hmac.compare_digest(said.encode(), right.encode()) for said, right in shown):
            return None
        return error_response(401, "We do not know you.")

    def _look_up(
        self, supplier: SandboxSupplier, reference: str, struck: Struck, *, listed: bool
    ) -> Response:
        if Kind.NO_LOOK_UP in struck:
            return error_response(404, "There is no such address.")
        status = "cancelled" if (supplier.code, reference) in self._cancelled else "received"
        found = [wire.order_body(o, status) for o in self.app.ledger.orders_find(supplier.code, reference)]
        if listed:
            return json_response({"orders": found})
        return json_response(found[0]) if found else error_response(404, "There is no such order.")

    def _cancel(self, supplier: SandboxSupplier, reference: str) -> Response:
        orders = self.app.ledger.orders_find(supplier.code, reference)
        if not orders:
            return error_response(404, "There is no such order.")
        if not all(self.app.ledger.callbacks_withdraw(order.id) for order in orders):
            return error_response(409, "We have answered this order already.")
        self._cancelled.add((supplier.code, reference))
        return json_response(wire.order_body(orders[0], "cancelled"))

    # -- orders -------------------------------------------------------------------------------------------
    def _order_call(self, request: Request, supplier: SandboxSupplier) -> Call:
        body = request.get_data()

        def receive(reference: str, effect: bool, answer: str) -> None:
            self.app.ledger.receipt_add(
                supplier=supplier.code,
                reference=reference,
                body=body.decode("utf-8", "replace"),
                effect=effect,
                answer=answer,
            )

        def note(why: str) -> None:
            receive(text_at(body, "order_number"), False, why)

        def act(struck: Struck) -> Response:
            response = self._objection(request, supplier, struck)
            if response is None:
                try:
                    reference, items = wire.order_read(body, supplier)
                    with self.app.ledger.transaction():
                        response = self._placed(supplier, reference, items, struck)
                        if response.status_code == 201:
                            receive(reference, True, "201")
                            return response
                except (BadRequest, Refused) as error:
                    response = error_response(400, str(error))
            note(str(response.status_code))
            return response

        return Call(supplier, "submit", act, note)

    def _placed(
        self, supplier: SandboxSupplier, reference: str, items: list[Item], struck: Struck
    ) -> Response:
        ledger = self.app.ledger
        if ledger.orders_find(supplier.code, reference) and Kind.NO_DUPLICATE_CHECK not in struck:
            return error_response(409, f"We have an order {reference} already.")
        seen = assess(supplier, items, ledger, struck)
        if not seen.lines:
            return json_response(wire.refusal_body(reference, seen.unavailable, supplier), 422)
        order = place(supplier, reference, items, ledger, struck)
        self.schedule_answers(supplier, order)
        return json_response(wire.order_body(order), 201)

    # -- callbacks ----------------------------------------------------------------------------------------
    def callback_body(self, supplier: SandboxSupplier, order: PlacedOrder, answer: Answer) -> bytes:
        return wire.callback_body(order, answer)

    def callback_headers(self, supplier: SandboxSupplier, message_id: str, body: bytes) -> dict[str, str]:
        return standard_webhook_headers(supplier, message_id, body)
