"""The glue: what a supplier with a SOAP service can do, in the terms of the connector contract."""

import hashlib
import json
import time
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from functools import cached_property
from typing import Any

from suppliers.connectors.base import (
    CallbackReply,
    CallbackRequest,
    Capability,
    Connector,
    InboundDocument,
)
from suppliers.connectors.declared import callbacks
from suppliers.connectors.declared.answers import found_order
from suppliers.connectors.declared.mapping import Outcome, path_follow
from suppliers.connectors.declared.template import Template, order_body
from suppliers.connectors.http import HttpClient, HttpPolicy, Reply
from suppliers.connectors.jsondata import Json
from suppliers.connectors.lookups import CHANNEL as LOOKUP
from suppliers.connectors.lookups import lookup_document, reference_asked
from suppliers.connectors.redaction import Redactor
from suppliers.connectors.soap import mapping, settings
from suppliers.connectors.soap.account import Account, setting_problem
from suppliers.connectors.soap.client import Signing, SoapClient
from suppliers.connectors.soap.faults import Fault, FaultMeaning
from suppliers.connectors.soap.sample import SAMPLE
from suppliers.connectors.soap.wsdl import Service
from suppliers.exceptions import (
    ConnectorConfigurationError,
    ConnectorError,
    NotDelivered,
    OutcomeUnknown,
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

SENT_WITHIN = 15.0  # seconds from the request to send an order to its POST, fetching the WSDL included


class SoapConnector(Connector):
    protocol = "soap"
    label = "SOAP service"
    credential_fields = settings.CREDENTIALS
    setting_fields = settings.SETTINGS

    @classmethod
    def problem_with(cls, name: str, value: str) -> str:
        return setting_problem(name, value)

    def open(self) -> None:
        redactor = Redactor()
        secret = {field.name for field in self.credential_fields if field.secret}
        for name, values in self.config.credentials.items():
            if name in secret:
                redactor.add(*values)
        self._account.read_all()
        timeout = self._account.timeout
        self._http = HttpClient(
            supplier_name=self.config.supplier_name,
            journal=self.journal,
            redactor=redactor,
            allow_private_network=self.config.allow_private_network,
            policy=HttpPolicy(read_timeout=timeout, total_timeout=2 * timeout),
        )
        self._client = SoapClient(
            self._http,
            self._signing,
            self._account.fault_words,
            fault_code=self.setting("fault_code"),
            supplier_code=self.config.supplier_code,
        )
        self._described: Service | None = None

    def close(self) -> None:
        self._http.close()

    @property
    def capabilities(self) -> frozenset[Capability]:
        can = set()
        if self.setting("lookup_operation"):
            can.add(Capability.LOOKUP)
        if self.setting("cancel_operation"):
            can.add(Capability.CANCEL)
        if self._account.duplicate_check:
            can.add(Capability.IDEMPOTENT_SUBMIT)
        if self._account.callback_kind != "none" and any(self.config.credentials.get("webhook_secret", ())):
            can.add(Capability.CALLBACK)
        return frozenset(can)

    def check(self) -> str:
        self._described = self._service(fresh=True)
        account = self._account
        self._request(self.setting("order_operation"), self._arguments(account.template, SAMPLE))
        if name := self.setting("cancel_operation"):
            self._request(name, self._arguments(account.cancel_template, SAMPLE, "test"))
        fits = f"The WSDL is read, and our orders fit its operation {self.setting('order_operation')}."
        if not self.setting("lookup_operation"):
            return f"{fits} Whether we are let in cannot be tried without ordering."
        self.find_order(SAMPLE.buyer_reference)
        return f"{fits} The look-up of orders answers."

    # -- orders -------------------------------------------------------------------------------------------
    def render_order(self, order: Order) -> tuple[RenderedOrder, ...]:
        if not self.setting("wsdl"):
            raise UnsupportedOperation(f"{self.label} has a dry run only where the WSDL itself is entered.")
        body, headers, address = self._order_request(order, self._pasted())
        return (RenderedOrder(where=f"POST {address}", content_type=headers["Content-Type"], body=body),)

    def submit_order(self, order: Order) -> OrderAcknowledgement | OrderRefusal:
        account, reference, started = self._account, order.buyer_reference, time.monotonic()
        body, headers, address = self._order_request(order, self._described_service())
        # Whoever asked us to send may have been given up for dead while we waited for the WSDL.
        if time.monotonic() - started > SENT_WITHIN:
            raise NotDelivered("It took too long to fetch the WSDL, so nothing was sent.")
        reply, fault, meaning = self._client.place("submit", address, body, headers, reference=reference)
        if meaning is FaultMeaning.PLACED_BEFORE:
            return self._placed_before(reply, fault, reference)
        if meaning is FaultMeaning.ORDER_REFUSED:
            text = (fault and fault.text) or "The supplier did not take the order."
            return OrderRefusal(text=self._http.redactor.text(text))
        raw = RawDocument(
            message_id=f"reply:{reference}",
            channel="reply",
            content_type=reply.content_type,
            body=reply.body,
            headers={callbacks.RECEIVED_AT: reply.received_at.isoformat()},
        )
        try:
            if not account.reply_expected and mapping.is_empty(reply.body, self._what("the reply")):
                return OrderAcknowledgement(supplier_reference="")
            answer = self._answer(reply, "the reply to our order")
            if account.replies.reply_outcome(answer) is Outcome.REFUSED:
                return account.replies.refusal(answer)
            response = account.replies.reply(answer, raw.message_id, reference, reply.received_at)
        except ProtocolError as error:
            # They said yes in words we cannot read: it may well be placed.
            raise OutcomeUnknown(f"The order may have been placed. {error}", status=reply.status) from None
        return OrderAcknowledgement(supplier_reference=response.supplier_reference, raw=raw)

    def _placed_before(self, reply: Reply, fault: Fault | None, reference: str) -> OrderAcknowledgement:
        """Perhaps an earlier attempt of ours arrived. Only a look-up can tell."""
        seen = "it answers no look-ups"
        if Capability.LOOKUP in self.capabilities:
            try:
                if found := self.find_order(reference):
                    return OrderAcknowledgement(supplier_reference=found.supplier_reference, raw=found.raw)
                seen = "a look-up does not show it"
            except ConnectorError as error:  # whatever went wrong with the look-up, the order may be there
                seen = f"the look-up failed: {error}"
        said = self._http.redactor.text(str(fault)) if fault else f"HTTP {reply.status}"
        raise OutcomeUnknown(
            self._what(f"it says that it has {reference} already ({said}), but {seen}."),
            status=reply.status,
            detail=said,
        )

    def find_order(self, buyer_reference: str) -> OrderResponse | None:
        name = self.setting("lookup_operation")
        if not name:
            raise self._unsupported("an order look-up")
        asked = self._account.lookup_template.filled(self._held() | {"buyer_reference": buyer_reference}, [])
        service = self._described_service()
        address = service.address(self.setting("endpoint_url"))
        reply = self._client.ask("look_up", service, address, name, _as_arguments(asked))
        if reply is None:
            return None
        raw = lookup_document(reply, buyer_reference)
        found = self._found(raw, self._what("the look-up"), reply.received_at)
        return replace(found, raw=raw) if found else None

    def _found(self, raw: RawDocument, what: str, moment: datetime) -> OrderResponse | None:
        replies, path, reference = self._account.replies, self.setting("lookup_list"), reference_asked(raw)
        answer = mapping.answer_of(raw.body, what, replies.mapping)
        listed = path_follow(answer, path)
        if mapping.says_nothing(answer, path or "order"):
            return None
        found = found_order(replies, listed, reference)
        return replies.reply(found, raw.message_id, reference, moment) if found else None

    def cancel_order(self, order: Order, reason: str) -> OrderResponse:
        name, account, reference = self.setting("cancel_operation"), self._account, order.buyer_reference
        if not name:
            raise self._unsupported("cancelling")
        arguments = self._arguments(account.cancel_template, order, reason)
        body, headers, address = self._request(name, arguments)
        reply, fault, meaning = self._client.place("cancel", address, body, headers, reference=reference)
        if meaning is not None:  # not to be cancelled any more
            said = self._http.redactor.text(str(fault)) if fault else f"HTTP {reply.status}"
            raise ProtocolError(self._what(f"the order was not cancelled: {said}."), status=reply.status)
        # An answer without a word of their own is their word that the order is withdrawn.
        what = self._what("the answer to our cancelling")
        empty = mapping.is_empty(reply.body, what)
        said_so = Json({}, what) if empty else self._answer(reply, "the answer to our cancelling")
        outcome = account.replies.outcome(said_so, absent=Outcome.REJECTED)
        message_id = f"cancel:{reference}:{hashlib.sha256(reply.body).hexdigest()[:16]}"
        return account.replies.response(said_so, message_id, reference, outcome, reply.received_at)

    # -- answers ------------------------------------------------------------------------------------------
    def verify_callback(self, request: CallbackRequest) -> RawDocument:
        account = self._account
        theirs = account.callbacks.mapping
        return callbacks.callback_document(
            request,
            account.callback_kind,
            account.callback_form,
            self.config.credentials.get("webhook_secret", ()),
            theirs,
            lambda body: mapping.message_of(body, "The body", theirs),
        )

    def callback_taken(self, raw: RawDocument, *, repeated: bool) -> CallbackReply | None:
        """Who calls in an envelope expects an answer in one."""
        envelope = mapping.empty_answer(raw.body)
        return CallbackReply(200, *envelope) if envelope else None

    def parse_documents(self, raw: RawDocument) -> list[InboundDocument]:
        what, account = f"Message {raw.message_id}", self._account
        moment = Json(raw.headers.get(callbacks.RECEIVED_AT), what, callbacks.RECEIVED_AT).moment()
        if raw.channel == LOOKUP:
            found = self._found(raw, what, moment)
            return [found] if found else []
        if raw.channel == "reply":
            reference = raw.message_id.removeprefix("reply:")
            answer = mapping.answer_of(raw.body, what, account.replies.mapping)
            return [account.replies.reply(answer, raw.message_id, reference, moment)]
        message = mapping.message_of(raw.body, what, account.callbacks.mapping)
        return [account.callbacks.document(message, raw.message_id, moment)]

    # -- own ----------------------------------------------------------------------------------------------
    @cached_property
    def _account(self) -> Account:
        return Account(self.setting)

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

        return Service(fetch(url), url, fetch, **self._port())

    def _pasted(self) -> Service:
        return Service(self.setting("wsdl").encode(), "", lambda url: b"", **self._port())

    def _port(self) -> dict[str, str]:
        return {name: self.setting(name) for name in ("service_name", "port_name")}

    def _order_request(self, order: Order, service: Service) -> tuple[bytes, dict[str, str], str]:
        arguments = self._arguments(self._account.template, order)
        address = service.address(self.setting("endpoint_url"))
        name = self.setting("order_operation")
        return *service.request(name, arguments, self._signing.token(), address), address

    def _request(self, name: str, arguments: Mapping[str, Any]) -> tuple[bytes, dict[str, str], str]:
        service = self._described_service()
        address = service.address(self.setting("endpoint_url"))
        return *service.request(name, arguments, self._signing.token(), address), address

    def _arguments(self, template: Template, order: Order, reason: str = "") -> Mapping[str, Any]:
        return _as_arguments(order_body(template, order, self._held(), self._account.units, reason=reason))

    def _held(self) -> dict[str, str]:
        """What an order may have to say about us."""
        held = {name: (self.config.credentials.get(name) or ("",))[0] for name in ("username", "password")}
        return held | {"customer_number": self.setting("customer_number")}

    def _answer(self, reply: Reply, thing: str) -> Json:
        return mapping.answer_of(reply.body, self._what(thing), self._account.replies.mapping)

    def _what(self, thing: str) -> str:
        return f"{self.config.supplier_name}: {thing}"


def _as_arguments(filled: bytes) -> Mapping[str, Any]:
    found = json.loads(filled, parse_float=Decimal, parse_int=Decimal)
    if not isinstance(found, dict):
        raise ConnectorConfigurationError("The arguments of an operation are an object of names and values.")
    return found
