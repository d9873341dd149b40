"""The glue: what a supplier with an API of its own can do, in the terms of the connector contract."""

import hashlib
from dataclasses import replace
from datetime import datetime
from functools import cached_property

from suppliers.connectors.base import (
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
from suppliers.connectors.oauth import ClientCredentials
from suppliers.connectors.redaction import Redactor
from suppliers.connectors.rest import authentication, settings
from suppliers.connectors.rest.account import Account, setting_problem
from suppliers.connectors.rest.client import RestClient, address
from suppliers.exceptions import ConnectorError, OutcomeUnknown, ProtocolError
from suppliers.messages import (
    Order,
    OrderAcknowledgement,
    OrderRefusal,
    OrderResponse,
    RawDocument,
    RenderedOrder,
)

NOBODYS_REFERENCE = "connection-test"


class RestConnector(Connector):
    protocol = "rest"
    label = "REST API"
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
        self._authentication = self._signing_in()
        self._client = RestClient(self._http, self._authentication)

    def close(self) -> None:
        self._http.close()

    @property
    def capabilities(self) -> frozenset[Capability]:
        can = set()
        if self.setting("lookup_url"):
            can.add(Capability.LOOKUP)
        if self.setting("cancel_url"):
            can.add(Capability.CANCEL)
        if self._account.duplicate_check:
            can.add(Capability.IDEMPOTENT_SUBMIT)
        if self._account.callback_kind != "none" and self.config.credentials.get("webhook_secret"):
            can.add(Capability.CALLBACK)
        return frozenset(can)

    def check(self) -> str:
        if url := self.setting("check_url"):
            self._client.ask("check", url)
            return f"{url} answered: we are let in."
        if url := self.setting("lookup_url"):
            self._client.ask("check", address(url, NOBODYS_REFERENCE), accept=(404,))
            return "Signed in; the look-up of orders answers."
        if isinstance(self._authentication, authentication.Token):
            self._authentication.prove()
            return "We got a token. Nothing else can be tried without ordering."
        return "The settings are complete. Nothing can be tried without ordering: no address to test is set."

    # -- orders -------------------------------------------------------------------------------------------
    def render_order(self, order: Order) -> tuple[RenderedOrder, ...]:
        body = self._body(self._account.template, order)
        where = f"POST {self.setting('order_url')}"
        return (RenderedOrder(content_type="application/json", body=body, where=where),)

    def submit_order(self, order: Order) -> OrderAcknowledgement | OrderRefusal:
        account, reference = self._account, order.buyer_reference
        body = self._body(account.template, order)
        reply = self._client.place(
            "submit",
            self.setting("order_url"),
            body,
            reference=reference,
            key_header=self.setting("idempotency_header"),
            accept=account.refusals,
        )
        if reply.status == 409:
            return self._placed_before(reply, reference)
        what = self._what("the reply to our order")
        if reply.status in account.refusals:
            return account.replies.refusal(Json.parse(reply.body, what))
        if not reply.body.strip() and not account.reply_expected:
            return OrderAcknowledgement(supplier_reference="")
        raw = RawDocument(
            message_id=f"reply:{reference}",
            channel="reply",
            content_type=reply.content_type,
            body=reply.body,
            headers={callbacks.RECEIVED_AT: reply.received_at.isoformat()},
        )
        try:
            answer = Json.parse(reply.body, what)
            if account.replies.reply_outcome(answer) is Outcome.REFUSED:
                return account.replies.refusal(answer)
            response = account.replies.reply(answer, raw.message_id, reference, reply.received_at)
        except ProtocolError as error:
            # They said yes in words we cannot read: it may well be placed.
            raise OutcomeUnknown(f"The order may have been placed. {error}", status=reply.status) from None
        return OrderAcknowledgement(supplier_reference=response.supplier_reference, raw=raw)

    def _placed_before(self, refusal: Reply, reference: str) -> OrderAcknowledgement:
        """409: perhaps an earlier attempt of ours arrived. Only a look-up can tell."""
        seen = "it answers no look-ups"
        if Capability.LOOKUP in self.capabilities:
            try:
                if found := self.find_order(reference):
                    return OrderAcknowledgement(supplier_reference=found.supplier_reference, raw=found.raw)
                seen = "a look-up does not show it"
            except ConnectorError as error:  # whatever went wrong with the look-up, the order may be there
                seen = f"the look-up failed: {error}"
        raise OutcomeUnknown(
            f"{self.config.supplier_name} reports a conflict with {reference} (HTTP 409): perhaps it has the "
            f"order already, but {seen}.",
            status=409,
            detail=self._http.failure(refusal).detail,
        )

    def find_order(self, buyer_reference: str) -> OrderResponse | None:
        url = self.setting("lookup_url")
        if not url:
            raise self._unsupported("an order look-up")
        reply = self._client.ask("look_up", address(url, buyer_reference), accept=(404,))
        if reply.status == 404:
            # A search that finds nothing answers with an empty list, so this address does not exist.
            if "?" in url:
                raise ProtocolError(self._what(f"there is no order look-up at {url}."), status=404)
            return None
        raw = lookup_document(reply, buyer_reference)
        found = self._found(raw, self._what("the look-up"), reply.received_at)
        return replace(found, raw=raw) if found else None

    def _found(self, raw: RawDocument, what: str, moment: datetime) -> OrderResponse | None:
        reference, answer = reference_asked(raw), Json.parse(raw.body, what)
        listed = path_follow(answer, self.setting("lookup_list"))
        found = found_order(self._account.replies, listed, reference)
        return self._account.replies.reply(found, raw.message_id, reference, moment) if found else None

    def cancel_order(self, order: Order, reason: str) -> OrderResponse:
        url = self.setting("cancel_url")
        if not url:
            raise self._unsupported("cancelling")
        account, reference = self._account, order.buyer_reference
        body = self._body(account.cancel_template, order, reason)
        reply = self._client.place(
            "cancel",
            address(url, reference),
            b"" if account.cancel_method == "DELETE" else body,
            reference=reference,
            method=account.cancel_method,
        )
        if reply.status == 409:  # not to be cancelled any more
            raise self._http.failure(reply)
        # 2xx without a word of their own is their word that the order is withdrawn.
        answer = Json.parse(reply.body or b"{}", self._what("the answer to our cancelling"))
        outcome = account.replies.outcome(answer, absent=Outcome.REJECTED)
        message_id = f"cancel:{reference}:{hashlib.sha256(reply.body).hexdigest()[:16]}"
        return account.replies.response(answer, message_id, reference, outcome, reply.received_at)

    # -- answers ------------------------------------------------------------------------------------------
    def verify_callback(self, request: CallbackRequest) -> RawDocument:
        account = self._account
        return callbacks.callback_document(
            request,
            account.callback_kind,
            account.callback_form,
            self.config.credentials.get("webhook_secret", ()),
            account.callbacks.mapping,
            _body_read,
        )

    def parse_documents(self, raw: RawDocument) -> list[InboundDocument]:
        what = f"Message {raw.message_id}"
        moment = Json(raw.headers.get(callbacks.RECEIVED_AT), what, callbacks.RECEIVED_AT).moment()
        if raw.channel == LOOKUP:
            found = self._found(raw, what, moment)
            return [found] if found else []
        answer = Json.parse(raw.body, what)
        if raw.channel == "reply":
            reference = raw.message_id.removeprefix("reply:")
            return [self._account.replies.reply(answer, raw.message_id, reference, moment)]
        return [self._account.callbacks.document(answer, raw.message_id, moment)]

    # -- own ----------------------------------------------------------------------------------------------
    @cached_property
    def _account(self) -> Account:
        return Account(self.setting)

    def _signing_in(self) -> authentication.Authentication:
        match self._account.authentication:
            case "api_key":
                return authentication.Fixed({self.setting("api_key_header"): self.credential("api_key")})
            case "basic":
                return authentication.basic(self.credential("username"), self.credential("password"))
            case "hmac":
                return authentication.Signed(self._account.request_form, self.credential("signing_key"))
            case "oauth2":
                oauth = ClientCredentials(
                    self._http,
                    token_url=self.setting("token_url"),
                    client_id=self.credential("client_id"),
                    client_secret=self.credential("client_secret"),
                    scope=self.setting("token_scope"),
                )
                return authentication.Token(oauth)
            case _:
                return authentication.Fixed({})

    def _body(self, template: Template, order: Order, reason: str = "") -> bytes:
        """Also what an order may have to say about us."""
        held = {name: (self.config.credentials.get(name) or ("",))[0] for name in ("username", "password")}
        account = held | {"customer_number": self.setting("customer_number")}
        return order_body(template, order, account, self._account.units, reason=reason)

    def _what(self, thing: str) -> str:
        return f"{self.config.supplier_name}: {thing}"


def _body_read(body: bytes) -> Json:
    message = Json.parse(body, "The body")
    if not isinstance(message.value, dict):
        raise message.wrong("an object")
    return message
