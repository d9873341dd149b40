"""A supplier on the SQUIZZ.com platform, as docs/connectors/squizz.md describes the protocol.

The platform answers business failures with HTTP 200 and a code. It takes the same purchase order twice, calls
nobody back, and takes an order as a whole or not at all.
"""

import hmac
import secrets
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from werkzeug.routing import Map, Rule
from werkzeug.wrappers import Request, Response

from suppliers.sandbox.app import SandboxApp, error_response
from suppliers.sandbox.faults import Kind
from suppliers.sandbox.ledger import PlacedOrder
from suppliers.sandbox.protocol import Call, SandboxProtocol
from suppliers.sandbox.squizz import wire
from suppliers.sandbox.squizz.wire import Refusal
from suppliers.sandbox.trade import Refused, Struck, assess, current_price, current_stock, place
from suppliers.sandbox.web import routed, text_at
from suppliers.sandbox.world import Behaviour, SandboxSupplier

ROOT = "/rest/1/org"
ROUTES = Map(
    [
        Rule(f"{ROOT}/create_session", endpoint="create", methods=["POST"]),
        Rule(f"{ROOT}/validate_session/<session>", endpoint="validate", methods=["GET"]),
        Rule(f"{ROOT}/destroy_session/<session>", endpoint="destroy", methods=["GET"]),
        Rule(f"{ROOT}/procure_purchase_order_from_supplier/<session>", endpoint="submit", methods=["POST"]),
        Rule(f"{ROOT}/retrieve_esd/<session>", endpoint="retrieve", methods=["GET"]),
        Rule(f"{ROOT}/search_customer_account_records_esd/<session>", endpoint="look_up", methods=["GET"]),
    ],
    strict_slashes=False,
)
LISTS = {"3": "catalogue", "10": "stock", "37": "price"}


class Protocol(SandboxProtocol):
    def __init__(self, app: SandboxApp) -> None:
        super().__init__(app)
        self._by_id = {s.supplier_id: s for s in app.suppliers.values() if s.protocol == "squizz"}
        self._by_client = {s.client_id: s for s in self._by_id.values()}
        self._sessions: dict[str, str] = {}  # session: supplier code
        self._lock = threading.Lock()

    @staticmethod
    def account_settings(supplier: SandboxSupplier, origin: str) -> dict[str, str]:
        return {
            "base_url": f"{origin}{ROOT}",
            "supplier_org_id": supplier.supplier_id,
            "customer_account_code": supplier.customer_id,
            "currency": supplier.currency,
            "follow_orders": "yes",
            "follow_minutes": "0",
        }

    @staticmethod
    def account_credentials(supplier: SandboxSupplier) -> dict[str, str]:
        return {
            "org_id": supplier.client_id,
            "api_org_key": supplier.client_secret,
            "api_org_pw": supplier.webhook_secret,
        }

    def recognise(self, request: Request) -> Call | Response | None:
        found = routed(ROUTES, request)
        if not isinstance(found, tuple):
            return found
        endpoint, values = found
        if endpoint == "create":
            return self._recognise_sign_in(request)
        session = values["session"]
        if endpoint in ("validate", "destroy"):
            return self._about_session(session, end=endpoint == "destroy")
        supplier = self._by_id.get(request.args.get("supplier_org_id", ""))
        if supplier is None:
            return wire.refused(Refusal("SERVER_ERROR_ORG_DOES_NOT_EXIST"))
        if endpoint == "submit":
            return self._order_call(request, supplier, session)
        answer: Callable[[SandboxSupplier, Request, Struck], Response] = self._look_up
        operation = endpoint
        if endpoint == "retrieve":
            operation = LISTS.get(request.args.get("data_type_id", ""), "")
            answer = self._retrieve
            if not operation:
                return wire.refused(Refusal("SERVER_ERROR_INCORRECT_DATA_TYPE"))

        def act(struck: Struck) -> Response:
            try:
                self._let_in(request, supplier, session, struck)
                return answer(supplier, request, struck)
            except Refusal as refusal:
                return wire.refused(refusal)

        return Call(supplier, operation, act)

    # -- sessions -----------------------------------------------------------------------------------------
    def _recognise_sign_in(self, request: Request) -> Call | Response:
        form = request.form
        supplier = self._by_client.get(form.get("org_id", ""))
        if supplier is None:
            return wire.flat("SERVER_ERROR_ORG_NOT_FOUND")
        said = (form.get("api_org_key", ""), form.get("api_org_pw", ""))
        known = (supplier.client_secret, supplier.webhook_secret)
        if not all(hmac.compare_digest(a.encode(), b.encode()) for a, b in zip(said, known, strict=True)):
            return wire.flat("SERVER_ERROR_INCORRECT_API_CREDENTIALS")

        def act(struck: Struck) -> Response:
            session = secrets.token_hex(13).upper()
            with self._lock:
                self._sessions[session] = supplier.code
            return wire.flat(wire.OK, session_id=session)

        return Call(supplier, "token", act)

    def _about_session(self, session: str, *, end: bool) -> Response:
        with self._lock:
            known = self._sessions.pop(session, "") if end else self._sessions.get(session, "")
        return wire.flat(wire.OK if known else "SERVER_ERROR_SESSION_INVALID")

    def _let_in(self, request: Request, supplier: SandboxSupplier, session: str, struck: Struck) -> None:
        with self._lock:
            if Kind.TOKEN_EXPIRED in struck:
                self._sessions.pop(session, None)
            code = self._sessions.get(session)
        if code is None:
            raise Refusal("SERVER_ERROR_SESSION_INVALID")
        if code != supplier.code:
            raise Refusal("SERVER_ERROR_NO_ORG_CUSTOMER_ACCOUNT_ASSIGNED")
        if request.args.get("customer_account_code", "") not in ("", supplier.customer_id):
            raise Refusal("SERVER_ERROR_NO_CUSTOMER_ACCOUNT_FOUND")

    # -- questions ----------------------------------------------------------------------------------------
    def _retrieve(self, supplier: SandboxSupplier, request: Request, struck: Struck) -> Response:
        kind = LISTS[request.args["data_type_id"]]
        records: list[dict[str, Any]] = []
        configs = {"result_code": wire.OK}
        if kind == "catalogue":
            records = [wire.product_record(product) for product in supplier.products]
        elif kind == "stock":
            configs["dataFields"] = "keyProductID,qtyAvailable"
            records = [
                {"keyProductID": p.product_id, "qtyAvailable": current_stock(supplier, p, self.app.ledger)}
                for p in supplier.products
            ]
        else:
            records = [
                {
                    "keyProductID": product.product_id,
                    "keySellUnitID": 1,
                    "quantity": start,
                    "taxRate": wire.TAX * 100,
                    "price": current_price(product, start, struck),
                    "referenceType": "",
                }
                for product in supplier.products
                for start, _ in product.tiers
            ]
        start, most = (
            request.args.get(name, type=int) for name in ("records_start_index", "records_max_amount")
        )
        chosen = wire.page(records, start or 0, most or 5000)
        return wire.answer({"configs": configs, "totalDataRecords": len(chosen), "dataRecords": chosen})

    def _look_up(self, supplier: SandboxSupplier, request: Request, struck: Struck) -> Response:
        """Pages count from 1; page 0 is the first, too."""
        if Kind.NO_LOOK_UP in struck:
            return error_response(404, "There is no such address.")
        if request.args.get("record_type") != "ORDER_SALE":
            raise Refusal("SERVER_ERROR_INCORRECT_RECORD_TYPE")
        text = request.args.get("search_string", "")
        ledger = self.app.ledger
        orders = ledger.orders_find(supplier.code, text) if text else ledger.orders_all(supplier.code)
        timing = self.app.timing
        shipped_until = datetime.now(UTC) - timedelta(seconds=timing.confirm_after + timing.ship_after)
        most = request.args.get("records_max_amount", 100, type=int)
        start = max(request.args.get("page_number", 1, type=int) - 1, 0) * most
        records = wire.page(
            [wire.enquiry(order, supplier, shipped=order.at <= shipped_until) for order in orders],
            start,
            most,
        )
        return wire.answer({"totalDataRecords": len(records), "orderSaleRecords": records})

    # -- orders -------------------------------------------------------------------------------------------
    def _order_call(self, request: Request, supplier: SandboxSupplier, session: str) -> Call:
        text = wire.body_text(request)

        def note(why: str, *, effect: bool = False) -> None:
            self.app.ledger.receipt_add(
                supplier=supplier.code,
                reference=text_at(text, "dataRecords", 0, "purchaseOrderNumber"),
                body=text,
                effect=effect,
                answer=why,
            )

        def act(struck: Struck) -> Response:
            try:
                self._let_in(request, supplier, session, struck)
                if request.mimetype != "application/json":
                    raise Refusal("SERVER_ERROR_DATA_JSON_WRONG_CONTENT_TYPE")
                wanted = wire.order_read(text, supplier)
                with self.app.ledger.transaction():
                    order = self._place(supplier, wanted, struck)
                    note(wire.OK, effect=True)
            except Refusal as refusal:
                note(refusal.code)
                return wire.refused(refusal)
            return wire.answer(
                {
                    "totalDataRecords": 1,
                    "dataRecords": [wire.sales_order(order, supplier, wanted.buyer_codes)],
                }
            )

        return Call(supplier, "submit", act, note)

    def _place(self, supplier: SandboxSupplier, wanted: wire.PurchaseOrder, struck: Struck) -> PlacedOrder:
        if supplier.confirm is Behaviour.REJECT:
            raise Refusal("SERVER_ERROR_CUSTOMER_ACCOUNT_ON_HOLD", "We cannot deliver this order.")
        if wanted.unmapped:
            raise Refusal(
                "SERVER_ERROR_ORDER_PRODUCT_NOT_MAPPED",
                orders_with_unmapped_lines=wire.index_list(wanted.unmapped),
            )
        try:
            seen = assess(supplier, wanted.items, self.app.ledger, struck)
            if seen.unavailable:
                raise Refusal(
                    "SERVER_ERROR_ORDER_MAPPED_PRODUCT_STOCK_NOT_AVAILABLE",
                    orders_with_unstocked_lines=wire.index_list(
                        wanted.places[sku] for sku, _ in seen.unavailable
                    ),
                )
            return place(supplier, wanted.reference, wanted.items, self.app.ledger, struck)
        except Refused as refused:
            # The platform has no code for a supplier's minimum; the nearest is a limit of the account.
            raise Refusal("SERVER_ERROR_CUSTOMER_ACCOUNT_OUTSIDE_BALANCE_LIMIT", str(refused)) from None
