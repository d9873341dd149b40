"""What every connector with a declared form does alike, whatever its orders are sent with."""

import hashlib
from abc import abstractmethod
from dataclasses import replace
from datetime import datetime
from typing import ClassVar

from suppliers.connectors.base import CallbackRequest, Capability, Connector, InboundDocument
from suppliers.connectors.declared import callbacks
from suppliers.connectors.declared.account import Checks, DeclaredAccount
from suppliers.connectors.declared.answers import found_order
from suppliers.connectors.declared.mapping import Outcome, path_follow
from suppliers.connectors.declared.template import Template, order_body
from suppliers.connectors.http import HttpClient, Reply
from suppliers.connectors.jsondata import Json
from suppliers.connectors.replies import (
    LOOKUP,
    REPLY,
    lookup_document,
    received_at,
    reference_of,
    reply_document,
)
from suppliers.exceptions import OutcomeUnknown, ProtocolError
from suppliers.messages import Order, OrderAcknowledgement, OrderRefusal, OrderResponse, RawDocument


class DeclaredConnector(Connector):
    checks: ClassVar[Checks]
    lookup_setting: ClassVar[str]  # where empty, there is no look-up
    cancel_setting: ClassVar[str]  # likewise

    @property
    @abstractmethod
    def _account(self) -> DeclaredAccount: ...

    # -- how a body is understood -------------------------------------------------------------------------
    @abstractmethod
    def _answer_read(self, body: bytes, what: str) -> Json:
        """An answer to a request of ours."""

    def _looked_up_read(self, body: bytes, what: str) -> Json:
        """The answer to a look-up, in which the order need not be all."""
        return self._answer_read(body, what)

    @abstractmethod
    def _message_read(self, body: bytes, what: str) -> Json:
        """What the supplier sends of its own accord."""

    @abstractmethod
    def _is_empty(self, body: bytes, what: str) -> bool:
        """Whether an answer says nothing at all."""

    def _has_none(self, looked_up: Json) -> bool:
        """Whether the answer to a look-up says that they have no such order, if not by an empty list."""
        return False

    # -- life ---------------------------------------------------------------------------------------------
    def _objection(self, name: str, value: str) -> str:
        objection = self.checks[name](value) if value and name in self.checks else ""
        return objection or super()._objection(name, value)

    def open(self) -> None:
        self._account.read_all()
        self._http = HttpClient.for_account(self, timeout=self.timeout)

    def close(self) -> None:
        self._http.close()

    @property
    def capabilities(self) -> frozenset[Capability]:
        can = set()
        if self.setting(self.lookup_setting):
            can.add(Capability.LOOKUP)
        if self.setting(self.cancel_setting):
            can.add(Capability.CANCEL)
        if self._account.duplicate_check:
            can.add(Capability.IDEMPOTENT_SUBMIT)
        if self._account.callback_kind != "none" and any(self.config.credentials.get("webhook_secret", ())):
            can.add(Capability.CALLBACK)
        return frozenset(can)

    # -- writing ------------------------------------------------------------------------------------------
    def _order_body(self, template: Template, order: Order, reason: str = "") -> bytes:
        return order_body(template, order, self._about_us(), self._account.units, reason=reason)

    def _about_us(self) -> dict[str, str]:
        """What an order may have to say about us."""
        held = {name: (self.config.credentials.get(name) or ("",))[0] for name in ("username", "password")}
        return held | {"customer_number": self.setting("customer_number")}

    # -- answers to requests ------------------------------------------------------------------------------
    def _order_answered(self, reply: Reply, reference: str) -> OrderAcknowledgement | OrderRefusal:
        """The supplier took our request; what it says about the order."""
        replies, what = self._account.replies, self._what("the reply to our order")
        raw = reply_document(reply, reference)
        try:
            if not self._account.reply_expected and self._is_empty(reply.body, what):
                return OrderAcknowledgement(supplier_reference="")
            answer = self._answer_read(reply.body, what)
            if replies.reply_outcome(answer) is Outcome.REFUSED:
                return replies.refusal(answer)
            response = replies.reply(answer, raw.message_id, reference, reply.received_at)
        except ProtocolError as error:
            # They said yes in words we cannot read: it may well be placed.
            raise OutcomeUnknown(f"The order may have been placed. {error}", status=reply.status) from None
        return OrderAcknowledgement(supplier_reference=response.supplier_reference, raw=raw)

    def _order_looked_up(self, reply: Reply, reference: str) -> OrderResponse | None:
        """Our order in the answer to a look-up."""
        raw = lookup_document(reply, reference)
        found = self._order_found(raw, self._what("the look-up"), reply.received_at)
        return replace(found, raw=raw) if found else None

    def _order_found(self, raw: RawDocument, what: str, moment: datetime) -> OrderResponse | None:
        replies, reference = self._account.replies, reference_of(raw)
        answer = self._looked_up_read(raw.body, what)
        if self._has_none(answer):
            return None
        found = found_order(replies, path_follow(answer, self.setting("lookup_list")), reference)
        return replies.reply(found, raw.message_id, reference, moment) if found else None

    def _order_cancelled(self, reply: Reply, reference: str) -> OrderResponse:
        """An answer without a word of their own is their word that the order is withdrawn."""
        what = self._what("the answer to our cancelling")
        answer = Json({}, what) if self._is_empty(reply.body, what) else self._answer_read(reply.body, what)
        outcome = self._account.replies.outcome(answer, absent=Outcome.REJECTED)
        message_id = f"cancel:{reference}:{hashlib.sha256(reply.body).hexdigest()[:16]}"
        return self._account.replies.response(answer, message_id, reference, outcome, reply.received_at)

    # -- what the supplier sends --------------------------------------------------------------------------
    def verify_callback(self, request: CallbackRequest) -> RawDocument:
        return callbacks.callback_document(
            request,
            self._account.callback_kind,
            self._account.callback_form,
            self.config.credentials.get("webhook_secret", ()),
            self._account.callbacks.mapping,
            lambda body: self._message_read(body, "The body"),
        )

    def parse_documents(self, raw: RawDocument) -> list[InboundDocument]:
        what = f"Message {raw.message_id}"
        moment = received_at(raw)
        if raw.channel == LOOKUP:
            found = self._order_found(raw, what, moment)
            return [found] if found else []
        if raw.channel == REPLY:
            answer = self._answer_read(raw.body, what)
            return [self._account.replies.reply(answer, raw.message_id, reference_of(raw), moment)]
        message = self._message_read(raw.body, what)
        return [self._account.callbacks.document(message, raw.message_id, moment)]
