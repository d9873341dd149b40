"""A supplier behind Cerve, as docs/connectors/cerve.md describes the protocol."""

import secrets
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from werkzeug.routing import Map, Rule
from werkzeug.wrappers import Request, Response

from suppliers.sandbox.app import SandboxApp, error_response, json_response
from suppliers.sandbox.cerve import wire
from suppliers.sandbox.faults import Kind
from suppliers.sandbox.ledger import PlacedOrder
from suppliers.sandbox.protocol import AnsweringProtocol, Call
from suppliers.sandbox.tokens import Tokens
from suppliers.sandbox.trade import (
    Answer,
    Item,
    Refused,
    Struck,
    assess,
    current_price,
    current_stock,
    place,
)
from suppliers.sandbox.web import BadRequest, routed, standard_webhook_headers, text_at
from suppliers.sandbox.world import SandboxSupplier

CUSTOMER = "/v2/suppliers/<supplier_id>/customers/<customer_id>"
ROUTES = Map(
    [
        Rule("/v2/token", endpoint="token", methods=["POST"]),
        Rule(f"{CUSTOMER}/products", endpoint="catalogue", methods=["GET"]),
        Rule(f"{CUSTOMER}/products/<product_id>/price", endpoint="price", methods=["GET"]),
        Rule(f"{CUSTOMER}/products/<product_id>/stock", endpoint="stock", methods=["GET"]),
        Rule(f"{CUSTOMER}/orders", endpoint="orders", methods=["POST"]),
        Rule(f"{CUSTOMER}/orders", endpoint="look_up", methods=["GET"]),
        Rule(f"{CUSTOMER}/orders/<reference>", endpoint="look_up", methods=["GET"]),
    ],
    strict_slashes=False,
)


class Protocol(AnsweringProtocol):
    def __init__(self, app: SandboxApp) -> None:
        super().__init__(app)
        self._by_id = {s.supplier_id: s for s in app.suppliers.values() if s.protocol == "cerve"}
        self._by_client = {s.client_id: s for s in self._by_id.values()}
        self._products = {s.code: {p.product_id: p for p in s.products} for s in self._by_id.values()}
        self._tokens = Tokens(self._by_client, app.timing.token_lifetime)

    @staticmethod
    def account_settings(supplier: SandboxSupplier, origin: str) -> dict[str, str]:
        return {
            "base_url": f"{origin}/v2",
            "token_url": f"{origin}/v2/token",
            "supplier_id": supplier.supplier_id,
            "customer_id": supplier.customer_id,
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
        if endpoint == "orders":
            draft = request.args.get("draft") == "true"
            return self._order_call(request, supplier, values["customer_id"], draft=draft)
        answer: Callable[[SandboxSupplier, Request, Struck, dict[str, Any]], Response] = {
            "catalogue": self._catalogue,
            "price": self._price,
            "stock": self._stock,
            "look_up": self._look_up,
        }[endpoint]

        def act(struck: Struck) -> Response:
            objection = self._objection(request, supplier, values["customer_id"], struck)
            return objection or answer(supplier, request, struck, dict(values))

        return Call(supplier, endpoint, act)

    def _objection(
        self, request: Request, supplier: SandboxSupplier, customer_id: str, struck: Struck
    ) -> Response | None:
        code = self._tokens.holder(request, struck)
        if not code:
            return error_response(401, "The token is not valid any more.")
        if code != supplier.code or customer_id != supplier.customer_id:
            return error_response(403, "This token does not open this account.")
        return None

    # -- questions ----------------------------------------------------------------------------------------
    def _catalogue(
        self, supplier: SandboxSupplier, request: Request, struck: Struck, values: dict[str, Any]
    ) -> Response:
        return json_response(
            {
                "products": [
                    {
                        "product_id": product.product_id,
                        "supplier_product_id": product.supplier_product_id,
                        "customer_product_id": product.buyer_sku or None,
                        "name": product.name,
                        "unit_of_measure": wire.unit_word(product),
                        "pack_size": product.pack_size,
                        "minimum_quantity": product.minimum_quantity,
                        "barcode": product.barcode or None,
                    }
                    for product in supplier.products
                ]
            }
        )

    def _price(
        self, supplier: SandboxSupplier, request: Request, struck: Struck, values: dict[str, Any]
    ) -> Response:
        product = self._products[supplier.code].get(values["product_id"])
        if product is None:
            return error_response(404, "This product is not offered to you.")
        try:
            quantity = wire.quantity_written(request.args.get("quantity", ""))
        except BadRequest as error:
            return error_response(400, str(error))
        unit_price = current_price(product, quantity, struck)
        return json_response(
            {
                "product_id": product.product_id,
                "quantity": quantity,
                "unit_price": unit_price,
                "total_price": quantity * unit_price,
                "discount": Decimal(0),
                "currency": supplier.currency,
            }
        )

    def _stock(
        self, supplier: SandboxSupplier, request: Request, struck: Struck, values: dict[str, Any]
    ) -> Response:
        product = self._products[supplier.code].get(values["product_id"])
        if product is None:
            return error_response(404, "This product is not offered to you.")
        quantity = current_stock(supplier, product, self.app.ledger)
        return json_response({"product_id": product.product_id, "quantity": quantity})

    def _look_up(
        self, supplier: SandboxSupplier, request: Request, struck: Struck, values: dict[str, Any]
    ) -> Response:
        if Kind.NO_LOOK_UP in struck:
            return error_response(404, "There is no such address.")
        reference = values.get("reference") or request.args.get("customer_order_id") or ""
        orders = [wire.order_body(order) for order in self.app.ledger.orders_find(supplier.code, reference)]
        if "reference" not in values:
            return json_response({"orders": orders})
        return json_response(orders[0]) if orders else error_response(404, "There is no such order.")

    # -- orders -------------------------------------------------------------------------------------------
    def _order_call(
        self, request: Request, supplier: SandboxSupplier, customer_id: str, *, draft: bool
    ) -> Call:
        body = request.get_data()

        def note(why: str) -> None:
            if not draft:
                self.app.ledger.receipt_add(
                    supplier=supplier.code,
                    reference=text_at(body, "customer_order_id"),
                    body=wire.body_text(body),
                    effect=False,
                    answer=why,
                )

        def act(struck: Struck) -> Response:
            response = self._objection(request, supplier, customer_id, struck)
            if response is None:
                try:
                    reference, items = wire.order_read(body, supplier)
                    if draft:
                        return self._draft(supplier, reference, items, struck)
                    return self._place(supplier, reference, items, body, struck)
                except BadRequest as error:
                    response = error_response(400, str(error))
                except Refused as error:
                    response = error_response(422, str(error))
            note(str(response.status_code))
            return response

        return Call(supplier, "preview" if draft else "submit", act, note)

    def _draft(
        self, supplier: SandboxSupplier, reference: str, items: list[Item], struck: Struck
    ) -> Response:
        seen = assess(supplier, items, self.app.ledger, struck)
        return json_response(
            {
                "supplier_order_id": f"DRAFT-{secrets.token_hex(4)}",
                "customer_order_id": reference,
                "status": "draft",
                "currency": supplier.currency,
                "total": seen.total,
                "line_items": [wire.order_line(line) for line in seen.lines],
                "unavailable_line_items": [
                    {"supplier_product_id": sku, "reason": reason} for sku, reason in seen.unavailable
                ],
                "shipping": {"price": seen.delivery_fee},
            }
        )

    def _place(
        self, supplier: SandboxSupplier, reference: str, items: list[Item], body: bytes, struck: Struck
    ) -> Response:
        ledger = self.app.ledger

        def receive(effect: bool, answer: str) -> None:
            ledger.receipt_add(
                supplier=supplier.code,
                reference=reference,
                body=wire.body_text(body),
                effect=effect,
                answer=answer,
            )

        with ledger.transaction():
            before = ledger.orders_find(supplier.code, reference)
            if before and Kind.NO_DUPLICATE_CHECK not in struck:
                receive(False, "409")
                return error_response(409, f"We have an order {reference} already.")
            order = place(supplier, reference, items, ledger, struck)
            self.schedule_answers(supplier, order)
            receive(True, "201")
        return json_response(wire.order_body(order), 201)

    # -- callbacks ----------------------------------------------------------------------------------------
    def callback_body(self, supplier: SandboxSupplier, order: PlacedOrder, answer: Answer) -> bytes:
        return wire.callback_body(order, answer)

    def callback_headers(self, supplier: SandboxSupplier, message_id: str, body: bytes) -> dict[str, str]:
        return standard_webhook_headers(supplier, message_id, body)
