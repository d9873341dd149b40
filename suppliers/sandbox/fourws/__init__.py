"""A retailer's 4ws.trade suite, as docs/connectors/fourws.md describes the protocol."""

import hmac
from datetime import UTC, datetime, timedelta

from werkzeug.wrappers import Request, Response

from suppliers.connectors.jsondata import dumps
from suppliers.sandbox.app import SandboxApp, error_response, json_response
from suppliers.sandbox.faults import Kind
from suppliers.sandbox.fourws import wire
from suppliers.sandbox.ledger import PlacedOrder
from suppliers.sandbox.protocol import AnsweringProtocol, Call
from suppliers.sandbox.trade import Answer, Refused, Struck, assess, place
from suppliers.sandbox.web import BadRequest, text_at
from suppliers.sandbox.world import SandboxSupplier


class Protocol(AnsweringProtocol):
    # It says whether a document was made; it has no words for prices, part quantities or despatches.
    tells = frozenset({"confirmed", "rejected"})

    def __init__(self, app: SandboxApp) -> None:
        super().__init__(app)
        self._by_path = {_path(s): s for s in app.suppliers.values() if s.protocol == "fourws"}

    @staticmethod
    def account_settings(supplier: SandboxSupplier, origin: str) -> dict[str, str]:
        return {
            "save_purchase_url": f"{origin}{_path(supplier)}",
            "branch_code": "2",
            "buyer_code": "2",
            "supplier_code": supplier.customer_id,
            "tax_rate": "22",
            "markup_percent": "60",
        }

    @staticmethod
    def account_credentials(supplier: SandboxSupplier) -> dict[str, str]:
        return {"api_token": supplier.client_secret, "callback_secret": supplier.webhook_secret}

    def recognise(self, request: Request) -> Call | Response | None:
        supplier = self._by_path.get(request.path)
        if supplier is None:
            return None
        body = request.get_data()

        def note(why: str) -> None:
            if request.method == "POST":
                self._receipt(supplier, body, effect=False, answer=why)

        def act(struck: Struck) -> Response:
            response = self._objection(request, supplier, struck)
            if response is None:
                try:
                    return self._save(supplier, wire.purchase_read(body), body, struck)
                except BadRequest as error:
                    response = json_response(wire.failure(str(error)), 400)
            note(str(response.status_code))
            return response

        return Call(supplier, "submit" if request.method == "POST" else "check", act, note)

    def _objection(self, request: Request, supplier: SandboxSupplier, struck: Struck) -> Response | None:
        given = request.headers.get("Authorization", "").encode()
        expected = f"Bearer {supplier.client_secret}".encode()
        if Kind.TOKEN_EXPIRED in struck or not hmac.compare_digest(given, expected):
            return error_response(401, "The token is not valid.")
        if request.method != "POST":
            return error_response(405, "Documents are posted.")
        return None

    def _save(
        self, supplier: SandboxSupplier, purchase: wire.Purchase, body: bytes, struck: Struck
    ) -> Response:
        """Answers that the document came; what became of it is told at its callback address.

        Whether an id is taken twice is not documented: here it is, so that a doubled order can be seen.
        """
        with self.app.ledger.transaction():
            try:
                items = wire.items_read(purchase, supplier)
                for sku, reason in assess(supplier, items, self.app.ledger, struck).unavailable:
                    raise Refused(f"{sku}: {reason}.")
                order = place(supplier, purchase.id, items, self.app.ledger, struck)
            except Refused as refused:
                self._schedule_failure(supplier, purchase, str(refused))
                self._receipt(supplier, body, effect=False, answer="200, not made")
            else:
                self.schedule_answers(supplier, order, address=purchase.callback)
                self._receipt(supplier, body, effect=True, answer="200")
        return json_response({"id": purchase.id})

    def _schedule_failure(self, supplier: SandboxSupplier, purchase: wire.Purchase, why: str) -> None:
        due_at = datetime.now(UTC) + timedelta(seconds=self.app.timing.confirm_after)
        for copy in range(2 if supplier.duplicate_callbacks else 1):
            self.app.ledger.callback_add(
                supplier=supplier.code,
                order_id=0,
                message_id="",
                body=dumps(wire.failure(why)).decode(),
                due_at=due_at + timedelta(milliseconds=300 * copy),
                address=purchase.callback,
            )
        self.app.said_something.set()

    def _receipt(self, supplier: SandboxSupplier, body: bytes, *, effect: bool, answer: str) -> None:
        self.app.ledger.receipt_add(
            supplier=supplier.code,
            reference=text_at(body, "documentHeader", "id"),
            body=body.decode("utf-8", "replace"),
            effect=effect,
            answer=answer,
        )

    # -- callbacks ----------------------------------------------------------------------------------------
    def callback_body(self, supplier: SandboxSupplier, order: PlacedOrder, answer: Answer) -> bytes:
        return dumps(wire.answer(order, answer))

    def callback_id(self, order: PlacedOrder, answer: Answer) -> str:
        return ""

    def callback_headers(self, supplier: SandboxSupplier, message_id: str, body: bytes) -> dict[str, str]:
        return {"content-type": "application/json"}


def _path(supplier: SandboxSupplier) -> str:
    return f"/fourws/{supplier.supplier_id}/api"
