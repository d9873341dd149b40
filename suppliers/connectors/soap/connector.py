"""The glue: what a supplier with a SOAP service can do, in the terms of the connector contract."""

import json
import time
from collections.abc import Mapping
from decimal import Decimal
from functools import cached_property
from typing import Any

from suppliers.connectors.base import CallbackReply
from suppliers.connectors.conflict import earlier_attempt
from suppliers.connectors.declared import callbacks
from suppliers.connectors.declared.base import DeclaredConnector
from suppliers.connectors.declared.template import Template
from suppliers.connectors.http import Reply
from suppliers.connectors.jsondata import Json
from suppliers.connectors.soap import mapping, settings
from suppliers.connectors.soap.account import CHECKS, Account
from suppliers.connectors.soap.client import Signing, SoapClient
from suppliers.connectors.soap.faults import Fault, FaultMeaning
from suppliers.connectors.soap.sample import SAMPLE
from suppliers.connectors.soap.wsdl import Service
from suppliers.exceptions import (
    ConnectorConfigurationError,
    NotDelivered,
    ProtocolError,
    UnsupportedOperation,
)
from suppliers.messages import (
    Order,
    OrderAcknowledgement,
    OrderRefusal,
    OrderResponse,
    RawDocument,
    RenderedOrder,
)

Request = tuple[bytes, dict[str, str], str]  # body, headers, address
SENT_WITHIN = 15.0  # seconds from the request to send an order to its POST, fetching the WSDL included


class SoapConnector(DeclaredConnector):
    protocol = "soap"
    label = "SOAP service"
    credential_fields = settings.CREDENTIALS
    setting_fields = settings.SETTINGS
    checks = CHECKS
    lookup_setting = "lookup_operation"
    cancel_setting = "cancel_operation"

    @cached_property
    def _account(self) -> Account:
        return Account(self.setting)

    def _answer_read(self, body: bytes, what: str) -> Json:
        return mapping.answer_of(body, what, self._account.replies.mapping)

    def _looked_up_read(self, body: bytes, what: str) -> Json:
        replies, orders_at = self._account.replies, self.setting("lookup_list")
        return mapping.answer_of(body, what, replies.mapping, orders_at=orders_at)

    def _message_read(self, body: bytes, what: str) -> Json:
        return mapping.message_of(body, what, self._account.callbacks.mapping)

    def _is_empty(self, body: bytes, what: str) -> bool:
        return mapping.is_empty(body, what)

    def _has_none(self, looked_up: Json) -> bool:
        return mapping.says_nothing(looked_up, self.setting("lookup_list") or "order")

    def open(self) -> None:
        super().open()
        self._client = SoapClient(
            self._http,
            self._signing,
            self._account.fault_words,
            fault_code=self.setting("fault_code"),
            supplier_code=self.config.supplier_code,
        )
        self._described: Service | None = None

    def check(self) -> str:
        self._described = service = self._service(fresh=True)
        self._order_request(service, SAMPLE)
        if name := self.setting("cancel_operation"):
            self._request(service, name, self._arguments(self._account.cancel_template, SAMPLE, "test"))
        fits = f"The WSDL is read, and our orders fit its operation {self.setting('order_operation')}."
        if not self.setting("lookup_operation"):
            return f"{fits} Whether we are let in cannot be tried without ordering."
        self.find_order(SAMPLE.buyer_reference)
        return f"{fits} The look-up of orders answers."

    # -- orders -------------------------------------------------------------------------------------------
    def render_order(self, order: Order) -> tuple[RenderedOrder, ...]:
        if not self.setting("wsdl"):
            raise UnsupportedOperation(f"{self.label} has a dry run only where the WSDL itself is entered.")
        body, headers, address = self._order_request(self._pasted(), order)
        return (RenderedOrder(where=f"POST {address}", content_type=headers["Content-Type"], body=body),)

    def submit_order(self, order: Order) -> OrderAcknowledgement | OrderRefusal:
        reference, started = order.buyer_reference, time.monotonic()
        body, headers, address = self._order_request(self._described_service(), order)
        # Whoever asked us to send may have been given up for dead while we waited for the WSDL.
        if time.monotonic() - started > SENT_WITHIN:
            raise NotDelivered("It took too long to fetch the WSDL, so nothing was sent.")
        reply, fault, meaning = self._client.place("submit", address, body, headers, reference=reference)
        if meaning is FaultMeaning.PLACED_BEFORE:
            said = self._said(reply, fault)
            words = self._what(f"it says that it has {reference} already ({said})")
            return earlier_attempt(self, reference, words, status=reply.status, detail=said)
        if meaning is FaultMeaning.ORDER_REFUSED:
            text = (fault and fault.text) or "The supplier did not take the order."
            return OrderRefusal(text=self._http.redactor.text(text))
        return self._order_answered(reply, reference)

    def find_order(self, buyer_reference: str) -> OrderResponse | None:
        name = self.setting("lookup_operation")
        if not name:
            raise self._unsupported("an order look-up")
        asked = self._account.lookup_template.filled(
            self._about_us() | {"buyer_reference": buyer_reference}, []
        )
        service = self._described_service()
        address = service.address(self.setting("endpoint_url"))
        reply = self._client.ask("look_up", service, address, name, _as_arguments(asked))
        return self._order_looked_up(reply, buyer_reference) if reply else None

    def cancel_order(self, order: Order, reason: str) -> OrderResponse | OrderRefusal:
        name, reference = self.setting("cancel_operation"), order.buyer_reference
        if not name:
            raise self._unsupported("cancelling")
        arguments = self._arguments(self._account.cancel_template, order, reason)
        body, headers, address = self._request(self._described_service(), name, arguments)
        try:
            reply, fault, meaning = self._client.place("cancel", address, body, headers, reference=reference)
        except ProtocolError as error:  # their no, in a fault that the table knows
            return OrderRefusal(text=str(error))
        if meaning is not None:  # not to be cancelled any more
            said = self._said(reply, fault)
            return OrderRefusal(text=self._what(f"the order was not cancelled: {said}."))
        return self._order_cancelled(reply, reference)

    # -- answers ------------------------------------------------------------------------------------------
    def callback_taken(self, raw: RawDocument, *, repeated: bool) -> CallbackReply | None:
        """Who calls in an envelope expects an answer in one."""
        envelope = mapping.empty_answer(raw.body)
        return CallbackReply(200, *envelope) if envelope else None

    # -- own ----------------------------------------------------------------------------------------------
    @cached_property
    def _signing(self) -> Signing:
        kind = self._account.authentication
        if kind == "none":
            return Signing()
        name, password = self.credential("username"), self.credential("password")
        if kind == "basic":
            return Signing(headers={"Authorization": callbacks.basic_header(f"{name}:{password}")})
        return Signing(user=(name, password), digest=kind == "wss_digest")

    def _described_service(self) -> Service:
        if self._described is None:
            self._described = self._service(fresh=False)
        return self._described

    def _service(self, *, fresh: bool) -> Service:
        if self.setting("wsdl"):
            return self._pasted()
        url = self.setting("wsdl_url")
        if not url:
            raise ConnectorConfigurationError(self._what("the WSDL is not set, nor its address."))

        def fetch(address: str) -> bytes:
            return self._client.document(address, fresh=fresh)

        try:
            return Service(fetch(url), url, fetch, **self._port())
        except ProtocolError:
            self._client.forget()
            raise

    def _pasted(self) -> Service:
        return Service(self.setting("wsdl").encode(), "", lambda url: b"", **self._port())

    def _port(self) -> dict[str, str]:
        return {name: self.setting(name) for name in ("service_name", "port_name")}

    def _order_request(self, service: Service, order: Order) -> Request:
        arguments = self._arguments(self._account.template, order)
        return self._request(service, self.setting("order_operation"), arguments)

    def _request(self, service: Service, name: str, arguments: Mapping[str, Any]) -> Request:
        address = service.address(self.setting("endpoint_url"))
        return *service.request(name, arguments, self._signing.token(), address), address

    def _arguments(self, template: Template, order: Order, reason: str = "") -> Mapping[str, Any]:
        return _as_arguments(self._order_body(template, order, reason))

    def _said(self, reply: Reply, fault: Fault | None) -> str:
        return self._http.redactor.text(str(fault)) if fault else f"HTTP {reply.status}"


def _as_arguments(filled: bytes) -> Mapping[str, Any]:
    found = json.loads(filled, parse_float=Decimal, parse_int=Decimal)
    if not isinstance(found, dict):
        raise ConnectorConfigurationError("The arguments of an operation are an object of names and values.")
    return found
