"""The glue: what a Cerve supplier can do, in the terms of the connector contract."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from urllib.parse import quote

from suppliers.connectors import entered
from suppliers.connectors.account import CredentialField, SettingField
from suppliers.connectors.base import (
    PRICE_REACH,
    TIMEOUT,
    CallbackRequest,
    Capability,
    Connector,
    InboundDocument,
)
from suppliers.connectors.cerve import documents, mapping
from suppliers.connectors.cerve.client import CerveClient, orders_address
from suppliers.connectors.conflict import http_conflict
from suppliers.connectors.http import HttpClient
from suppliers.connectors.jsondata import Json
from suppliers.connectors.network import url_problem
from suppliers.connectors.oauth import ClientCredentials
from suppliers.connectors.replies import lookup_document, reply_document
from suppliers.connectors.standard_webhooks import signature_verify, signing_key_problem
from suppliers.connectors.units import UnitWords
from suppliers.exceptions import OutcomeUnknown, ProtocolError
from suppliers.messages import (
    CatalogueItem,
    Order,
    OrderAcknowledgement,
    OrderPreview,
    OrderResponse,
    Quotation,
    QuotationRequest,
    QuotedPrice,
    RawDocument,
    RenderedOrder,
    StockAvailability,
    UnreadableItem,
)
from suppliers.packing import plain


class CerveConnector(Connector):
    protocol = "cerve"
    label = "Cerve"
    credential_fields = (
        CredentialField("client_id", "Client id", secret=False),
        CredentialField("client_secret", "Client secret"),
        CredentialField(
            "webhook_secret",
            "Callback signing key",
            help="Begins with whsec_. During a rotation enter the new one beside the old one.",
            required=False,
        ),
    )
    setting_fields = (
        SettingField("base_url", "API address", default="https://api.cerve.com/v2", required=True),
        SettingField("token_url", "Token address", default="https://auth.cerve.com/v2/token", required=True),
        SettingField("supplier_id", "Supplier id", required=True),
        SettingField("customer_id", "Our customer id", required=True),
        SettingField(
            "order_lookup_path",
            "Order look-up",
            default="orders?customer_order_id={reference}",
            help="Below the customer's address. Empty if this supplier answers no look-ups.",
        ),
        SettingField(
            "duplicate_check",
            "Refuses a reference it has seen",
            default="yes",
            help="yes or no: whether a second order with the same customer_order_id is refused with 409.",
        ),
        SettingField("shipping_method_id", "Shipping method id"),
        SettingField("stock_field", "Field of the quantity in a stock answer", default="quantity"),
        SettingField(
            "unit_words",
            "Unit words",
            default="C62=each, KGM=kg, GRM=g, LTR=l, MLT=ml",
            help="Our UN/ECE code = the supplier's word.",
        ),
        PRICE_REACH,
        TIMEOUT,
    )

    def _objection(self, name: str, value: str) -> str:
        match name:
            case "base_url" | "token_url":
                return url_problem(value)
            case "webhook_secret":
                return signing_key_problem(value)
            case "order_lookup_path" if value and "{reference}" not in value:
                return "The look-up must say where our reference goes: {reference}."
            case "duplicate_check":
                entered.yes(self, name)
            case "unit_words":
                UnitWords(value)
        return super()._objection(name, value)

    def open(self) -> None:
        self._http = HttpClient.for_account(self, timeout=self.timeout)
        oauth = ClientCredentials(
            self._http,
            token_url=self.setting("token_url"),
            client_id=self.credential("client_id"),
            client_secret=self.credential("client_secret"),
        )
        self._client = CerveClient(
            self._http,
            oauth,
            base_url=self.setting("base_url"),
            supplier_id=self.setting("supplier_id"),
            customer_id=self.setting("customer_id"),
        )
        self._units = UnitWords(self.setting("unit_words"))
        entered.yes(self, "duplicate_check")

    def close(self) -> None:
        self._http.close()

    @property
    def capabilities(self) -> frozenset[Capability]:
        can = {Capability.CATALOGUE, Capability.QUOTATION, Capability.STOCK, Capability.PREVIEW}
        if self.setting("order_lookup_path"):
            can.add(Capability.LOOKUP)
        if entered.yes(self, "duplicate_check"):
            can.add(Capability.IDEMPOTENT_SUBMIT)
        if self.config.credentials.get("webhook_secret"):
            can.add(Capability.CALLBACK)
        return frozenset(can)

    def check(self) -> str:
        self._client.prove_credentials()
        offered = sum(isinstance(item, CatalogueItem) for item in self.fetch_catalogue())
        return f"Signed in; {offered} products are offered to customer {self.setting('customer_id')}."

    # -- pull ---------------------------------------------------------------------------------------------
    def fetch_catalogue(self) -> Iterator[CatalogueItem | UnreadableItem]:
        return mapping.catalogue_items(
            self._client.products().body, self._what("the product list"), self._units
        )

    def fetch_quotation(self, items: Iterable[QuotationRequest]) -> Quotation:
        prices: list[QuotedPrice] = []
        not_offered: list[str] = []
        unreadable: list[UnreadableItem] = []
        for item in items:
            try:
                reply = self._client.price(_product_id(item), plain(item.quantity))
                if reply.status == 404:
                    not_offered.append(item.supplier_sku)
                else:
                    what = self._what(f"the price of {item.supplier_sku}")
                    prices.append(mapping.quoted_price(reply.body, what, item))
            except ProtocolError as error:
                unreadable.append(UnreadableItem(supplier_sku=item.supplier_sku, problem=str(error)))
        return Quotation(prices=tuple(prices), not_offered=tuple(not_offered), unreadable=tuple(unreadable))

    def fetch_stock_availability(
        self, items: Iterable[QuotationRequest]
    ) -> Iterator[StockAvailability | UnreadableItem]:
        field = self.setting("stock_field")
        for item in items:
            try:
                reply = self._client.stock(_product_id(item))
                if reply.status == 404:
                    yield StockAvailability(supplier_sku=item.supplier_sku, quantity=None)
                else:
                    what = self._what(f"the stock of {item.supplier_sku}")
                    yield mapping.stock_availability(reply.body, what, item, field)
            except ProtocolError as error:
                yield UnreadableItem(supplier_sku=item.supplier_sku, problem=str(error))

    # -- orders -------------------------------------------------------------------------------------------
    def preview_order(self, order: Order) -> OrderPreview:
        reply = self._client.draft(self._body(order))
        return mapping.order_preview(reply.body, self._what("the draft"), order)

    def render_order(self, order: Order) -> tuple[RenderedOrder, ...]:
        where = orders_address(
            self.setting("base_url"), self.setting("supplier_id"), self.setting("customer_id")
        )
        return (
            RenderedOrder(content_type="application/json", body=self._body(order), where=f"POST {where}"),
        )

    def submit_order(self, order: Order) -> OrderAcknowledgement:
        reply = self._client.order(self._body(order), order.buyer_reference)
        if reply.status == 409:
            return http_conflict(self, self._http, reply, order.buyer_reference)
        raw = reply_document(reply, order.buyer_reference)
        try:
            answer = Json.parse(reply.body, self._what("the reply to our order"))
            response = documents.placed_order(
                answer, raw.message_id, order.buyer_reference, reply.received_at
            )
        except ProtocolError as error:
            # They said yes in words we cannot read: it may well be placed.
            raise OutcomeUnknown(f"The order may have been placed. {error}", status=reply.status) from None
        return OrderAcknowledgement(supplier_reference=response.supplier_reference, raw=raw)

    def find_order(self, buyer_reference: str) -> OrderResponse | None:
        path = self.setting("order_lookup_path")
        if not path:
            raise self._unsupported("an order look-up")
        reply = self._client.look_up(path.replace("{reference}", quote(buyer_reference, safe="")))
        if reply.status == 404:
            # A search that finds nothing answers with an empty list, so this address does not exist.
            if "?" in path:
                raise ProtocolError(self._what(f"there is no order look-up at {path}."), status=404)
            return None
        raw = lookup_document(reply, buyer_reference)
        found = documents.found_order(raw, self._what("the look-up"), reply.received_at)
        return replace(found, raw=raw) if found else None

    # -- answers ------------------------------------------------------------------------------------------
    def verify_callback(self, request: CallbackRequest) -> RawDocument:
        return RawDocument(
            message_id=signature_verify(request, self.config.credentials.get("webhook_secret", ())),
            channel="callback",
            content_type=request.headers.get("content-type", "")[:100],
            body=request.body,
            headers={name: request.headers[name] for name in ("webhook-id", "webhook-timestamp")},
        )

    def parse_documents(self, raw: RawDocument) -> list[InboundDocument]:
        return documents.documents(raw)

    # -- own ----------------------------------------------------------------------------------------------
    def _body(self, order: Order) -> bytes:
        units = UnitWords(self.setting("unit_words"))
        return mapping.order_body(order, units, self.setting("shipping_method_id"))


def _product_id(item: QuotationRequest) -> str:
    """Their id of the product, which addresses want; their code, which orders want, is another."""
    if not item.external_id:
        raise ProtocolError(f"{item.supplier_sku} has no product id of the supplier. Fetch the product list.")
    return item.external_id
