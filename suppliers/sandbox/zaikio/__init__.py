"""The hub of Zaikio with one supplier behind it, as docs/connectors/zaikio.md describes the protocol.

Events are sent as the hub sends them: with ids only. An order is in the state of which an event has spoken.
"""

import json
import threading
import uuid
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from werkzeug.routing import Map, Rule
from werkzeug.wrappers import Request, Response

from suppliers.connectors.jsondata import dumps
from suppliers.connectors.zaikio.loom import HEADER, signature
from suppliers.sandbox.app import SandboxApp, json_response
from suppliers.sandbox.faults import Kind
from suppliers.sandbox.ledger import PlacedOrder
from suppliers.sandbox.protocol import AnsweringProtocol, Call
from suppliers.sandbox.tokens import Tokens
from suppliers.sandbox.trade import Answer, Refused, Struck, answers, place
from suppliers.sandbox.web import BadRequest, routed
from suppliers.sandbox.world import SandboxSupplier
from suppliers.sandbox.zaikio import wire

API = "/zaikio/api/v2"
ROUTES = Map(
    [
        Rule("/zaikio/oauth/access_token", endpoint="token", methods=["POST"]),
        Rule(f"{API}/material_requirements", endpoint="requirement", methods=["POST"]),
        Rule(f"{API}/orders", endpoint="draft", methods=["POST"]),
        Rule(f"{API}/orders", endpoint="orders", methods=["GET"]),
        Rule(f"{API}/orders/<order_id>", endpoint="order", methods=["GET"]),
        Rule(f"{API}/orders/<order_id>", endpoint="withdraw", methods=["DELETE"]),
        Rule(f"{API}/orders/<order_id>/place", endpoint="submit", methods=["PATCH"]),
        Rule(f"{API}/orders/<order_id>/cancel", endpoint="cancel", methods=["PATCH"]),
    ]
)
OPERATIONS = {"orders": "look_up", "order": "look_up"}
NAMESPACE = uuid.UUID("6f1c6f0e-6f5e-4f0b-9a57-0d2f3a8f5b11")


class Protocol(AnsweringProtocol):
    def __init__(self, app: SandboxApp) -> None:
        super().__init__(app)
        self._suppliers = {s.code: s for s in app.suppliers.values() if s.protocol == "zaikio"}
        self._tokens = Tokens({s.client_id: s for s in self._suppliers.values()}, app.timing.token_lifetime)
        self._lock = threading.RLock()
        self._requirements: dict[str, wire.Requirement] = {}
        self._drafts: dict[str, wire.Draft] = {}
        self._cancelled: set[int] = set()
        self._told: set[str] = set()  # events that have gone out, whether anybody took them or not

    @staticmethod
    def account_settings(supplier: SandboxSupplier, origin: str) -> dict[str, str]:
        return {
            "base_url": origin + API,
            "token_url": f"{origin}/zaikio/oauth/access_token",
            "organization": f"Org/{supplier.customer_id}",
            "supplier_id": supplier.supplier_id,
            "variant_field": "supplier_sku",
        }

    def recognise(self, request: Request) -> Call | Response | None:
        found = routed(ROUTES, request)
        if not isinstance(found, tuple):
            return found
        endpoint, values = found
        if endpoint == "token":
            return self._tokens.recognise(request)
        supplier = self._suppliers.get(self._tokens.known(request))
        if supplier is None:
            return json_response({"errors": ["unauthorized"]}, 401)
        order_id = values.get("order_id", "")
        act: Callable[[Struck], Response] = {
            "requirement": lambda struck: self._require(supplier, request),
            "draft": lambda struck: self._prepare(supplier, request),
            "orders": lambda struck: self._list(supplier, request, struck),
            "order": lambda struck: self._one(supplier, order_id, struck),
            "withdraw": lambda struck: self._withdraw(supplier, order_id),
            "submit": lambda struck: self._place(supplier, order_id, struck),
            "cancel": lambda struck: self._cancel(supplier, order_id),
        }[endpoint]

        def let_in(struck: Struck) -> Response:
            if self._tokens.holder(request, struck) != supplier.code:
                response = json_response({"errors": ["unauthorized"]}, 401)
            else:
                response = self._said(act, struck)
            if endpoint == "submit" and response.status_code != 200:
                note(str(response.status_code))
            return response

        def note(why: str) -> None:
            if endpoint == "submit":
                self._receipt(supplier, self._drafts.get(order_id), effect=False, answer=why)

        return Call(supplier, OPERATIONS.get(endpoint, endpoint), let_in, note)

    @staticmethod
    def _said(act: Callable[[Struck], Response], struck: Struck) -> Response:
        try:
            return act(struck)
        except wire.Invalid as error:
            return json_response({"errors": {error.field: [error.words]}}, 422)
        except Refused as error:
            return json_response({"errors": {"base": [str(error)]}}, 422)
        except BadRequest as error:
            return json_response({"errors": [str(error)]}, 400)

    # -- before it is an order ----------------------------------------------------------------------------
    def _require(self, supplier: SandboxSupplier, request: Request) -> Response:
        requirement, own = wire.requirement_read(request.get_data(), supplier), str(uuid.uuid4())
        with self._lock:
            self._requirements[own] = requirement
        return json_response({"id": own}, 201)

    def _prepare(self, supplier: SandboxSupplier, request: Request) -> Response:
        wanted, references = wire.draft_read(request.get_data())
        with self._lock:
            if not wanted or not all(own in self._requirements for own in wanted):
                raise wire.Invalid("material_requirements", "must exist")
            lines = [self._requirements[own] for own in wanted]
            draft = wire.Draft(str(uuid.uuid4()), supplier.code, lines, references)
            self._drafts[draft.id] = draft
        return json_response(wire.draft_body(draft), 201)

    def _withdraw(self, supplier: SandboxSupplier, order_id: str) -> Response:
        with self._lock:
            if self._drafts.pop(order_id, None):
                return Response(status=204)
        if order_id in self._placed(supplier):
            raise wire.Invalid("state", "is not draft")
        return json_response({"errors": ["not_found"]}, 404)

    # -- orders -------------------------------------------------------------------------------------------
    def _place(self, supplier: SandboxSupplier, order_id: str, struck: Struck) -> Response:
        ledger = self.app.ledger
        with self._lock:
            draft = self._drafts.get(order_id)
            if draft is None:
                if order_id in self._placed(supplier):
                    raise wire.Invalid("state", "is not draft")
                return json_response({"errors": ["not_found"]}, 404)
            with ledger.transaction():
                items = [requirement.item for requirement in draft.requirements]
                order = place(supplier, _own_reference(draft), items, ledger, struck)
                self._receipt(supplier, draft, effect=True, answer="200")
                self.schedule_answers(supplier, order)
            del self._drafts[order_id]
        return json_response(wire.order_body(supplier, order, draft.kept(), "placed", {}))

    def _receipt(
        self, supplier: SandboxSupplier, draft: wire.Draft | None, *, effect: bool, answer: str
    ) -> None:
        self.app.ledger.receipt_add(
            supplier=supplier.code,
            reference=_own_reference(draft) if draft else "",
            body=dumps(draft.kept()).decode() if draft else "",
            effect=effect,
            answer=answer,
        )

    def _list(self, supplier: SandboxSupplier, request: Request, struck: Struck) -> Response:
        if Kind.NO_LOOK_UP in struck:
            return json_response({"errors": ["not_found"]}, 404)
        with self._lock:
            drafts = [wire.draft_body(d) for d in self._drafts.values() if d.supplier == supplier.code]
        found = [self._body(supplier, order, kept) for order, kept in self._placed(supplier).values()]
        return wire.page([*drafts, *found], request)

    def _one(self, supplier: SandboxSupplier, order_id: str, struck: Struck) -> Response:
        draft = self._drafts.get(order_id)
        if draft and draft.supplier == supplier.code:
            return json_response(wire.draft_body(draft))
        found = self._placed(supplier).get(order_id)
        if found is None or Kind.NO_LOOK_UP in struck:
            return json_response({"errors": ["not_found"]}, 404)
        return json_response(self._body(supplier, *found))

    def _cancel(self, supplier: SandboxSupplier, order_id: str) -> Response:
        found = self._placed(supplier).get(order_id)
        if found is None:
            return json_response({"errors": ["not_found"]}, 404)
        order, kept = found
        if not self.app.ledger.callbacks_withdraw(order.id):
            raise wire.Invalid("state", "cannot transition via cancel")
        self._cancelled.add(order.id)
        return json_response(self._body(supplier, order, kept))

    def _placed(self, supplier: SandboxSupplier) -> dict[str, tuple[PlacedOrder, dict[str, Any]]]:
        """By the hub's id, also of orders that were placed before this server was started."""
        found = {}
        for order in self.app.ledger.orders_all(supplier.code):
            kept = json.loads(self.app.ledger.order_request(supplier.code, order.reference))
            found[kept["id"]] = (order, kept)
        return found

    def _body(self, supplier: SandboxSupplier, order: PlacedOrder, kept: dict[str, Any]) -> dict[str, Any]:
        told = self._told | self.app.ledger.callbacks_delivered(order.id)
        said = {a.kind: a for a in answers(supplier, order) if self.callback_id(order, a) in told}
        state = "transferred"
        if order.id in self._cancelled:
            state = "canceled_by_consumer"
        elif "rejected" in said:
            state = "canceled_by_supplier"
        elif "shipped" in said:
            state = "shipped"
            said |= {a.kind: a for a in answers(supplier, order) if a.kind == "confirmed"}
        elif "confirmed" in said:
            state = "confirmed"
        return wire.order_body(supplier, order, kept, state, said)

    # -- events -------------------------------------------------------------------------------------------
    def callback_id(self, order: PlacedOrder, answer: Answer) -> str:
        return str(uuid.uuid5(NAMESPACE, super().callback_id(order, answer)))

    def callback_body(self, supplier: SandboxSupplier, order: PlacedOrder, answer: Answer) -> bytes:
        kept = json.loads(self.app.ledger.order_request(supplier.code, order.reference))
        now = datetime.now(UTC).isoformat()
        event = {
            "id": self.callback_id(order, answer),
            "name": f"procurement_consumer.order_{answer.kind}",
            "subject": f"Org/{supplier.customer_id}",
            "timestamp": now,
            "received_at": now,
            "version": "1.0",
            "payload": {"order_id": kept["id"]},
        }
        return dumps(event)

    def callback_headers(self, supplier: SandboxSupplier, message_id: str, body: bytes) -> dict[str, str]:
        self._told.add(message_id)
        return {"content-type": "application/json", HEADER: signature(supplier.webhook_secret, body)}


def _own_reference(draft: wire.Draft) -> str:
    """The buyer's own, without the prefix that tells it from others."""
    return draft.references[0].partition(":")[2] if draft.references else ""
