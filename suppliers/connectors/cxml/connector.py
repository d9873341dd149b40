"""The glue: what a cXML supplier can do, in the terms of the connector contract."""

from xml.etree.ElementTree import Element

from suppliers.connectors import entered
from suppliers.connectors.base import (
    CallbackRefused,
    CallbackReply,
    CallbackRequest,
    Capability,
    Connector,
    InboundDocument,
)
from suppliers.connectors.cxml import account, documents, envelope, mapping
from suppliers.connectors.cxml.client import CxmlClient
from suppliers.connectors.cxml.reading import BLANK, blanked, document_read
from suppliers.connectors.http import HttpClient, Reply
from suppliers.connectors.network import url_problem
from suppliers.connectors.xmldata import Xml
from suppliers.exceptions import AuthenticationFailed, ProtocolError
from suppliers.messages import (
    Decision,
    Order,
    OrderAcknowledgement,
    OrderRefusal,
    OrderResponse,
    RawDocument,
    RenderedOrder,
    Unmentioned,
)

XML = "text/xml; charset=UTF-8"
TEST = "it is marked as a test, and this account orders for real"


class CxmlConnector(Connector):
    protocol = "cxml"
    label = "cXML"
    credential_fields = account.CREDENTIALS
    setting_fields = account.SETTINGS
    callbacks_are_signed = False  # a shared secret in the document proves the sender, not each byte
    replies_name_the_order = False

    def _objection(self, name: str, value: str) -> str:
        match name:
            case "url":
                return url_problem(value)
            case "shared_secret" | "callback_secret":
                return account.secret_problem(value)
            case "classification":
                mapping.Classification.read(value)
            case "not_taken":
                account.statuses(self)
            case "repeats_are_safe" | "delete_is_final":
                entered.yes(self, name)
            case "deployment_mode" | "dtd_version" | "payload_host":
                account.word(self, name)
        return super()._objection(name, value)

    def open(self) -> None:
        self._http = HttpClient.for_account(self, timeout=self.timeout)
        self._client = CxmlClient(
            self._http,
            url=self.setting("url"),
            not_taken=account.statuses(self),
        )
        mapping.Classification.read(self.setting("classification"))
        account.envelope(self)
        for name in ("repeats_are_safe", "delete_is_final"):
            entered.yes(self, name)

    def close(self) -> None:
        self._http.close()

    @property
    def capabilities(self) -> frozenset[Capability]:
        can = {Capability.CANCEL, Capability.CHANGE}
        if entered.yes(self, "repeats_are_safe"):
            can |= {Capability.IDEMPOTENT_SUBMIT, Capability.REPEAT_ANSWERS}
        if self.config.credentials.get("callback_secret"):
            can.add(Capability.CALLBACK)
        return frozenset(can)

    def check(self) -> str:
        """A ProfileRequest: every server should answer it, and it orders nothing."""
        ours = account.envelope(self)
        body = ours.request(Element("ProfileRequest"), f"profile@{ours.host}")
        _, status = self._client.ask("check", body)
        if status.code in (401, 403):
            raise AuthenticationFailed(
                f"{self.config.supplier_name} refused our credentials (status {status.code}): {status.text}",
                status=status.code,
                detail=status.text,
            )
        if 200 <= status.code < 300:
            return f"The supplier knows {ours.sender.identity} and answers cXML (status {status.code})."
        return (
            f"The supplier answers cXML, but not to this question (status {status.code}: {status.text}). "
            "Whether it takes our credentials will show with the first order."
        )

    # -- orders -------------------------------------------------------------------------------------------
    def render_order(self, order: Order) -> tuple[RenderedOrder, ...]:
        body = self._document(order, "new", version=order.version, note=order.note)
        return (RenderedOrder(content_type=XML, body=body, where=f"POST {self.setting('url')}"),)

    def submit_order(self, order: Order) -> OrderAcknowledgement:
        return self._place("submit", order, "new")

    def change_order(self, order: Order) -> OrderAcknowledgement | OrderRefusal:
        try:
            return self._place("change", order, "update")
        except ProtocolError as error:  # their no, in the status
            return OrderRefusal(text=str(error))

    def cancel_order(self, order: Order, reason: str) -> OrderResponse | OrderRefusal:
        version = order.version + 1
        body = self._document(order, "delete", version=version, note=reason)
        try:
            reply = self._client.place("cancel", body, order.buyer_reference, self._own_id(order, version))
        except ProtocolError as error:  # their no, in the status
            return OrderRefusal(text=str(error))
        final = entered.yes(self, "delete_is_final")
        return OrderResponse(
            message_id=f"cancel:{order.buyer_reference}:{version}",
            buyer_reference=order.buyer_reference,
            supplier_reference="",
            decision=Decision.REJECTED if final else Decision.RECEIVED,
            issued_at=reply.received_at,
            unmentioned=Unmentioned.OPEN,
            note="Cancelled as we asked."
            if final
            else "The supplier has our cancellation and has still to answer it.",
        )

    def _place(self, operation: str, order: Order, kind: str) -> OrderAcknowledgement:
        body = self._document(order, kind, version=order.version, note=order.note)
        own_id = self._own_id(order, order.version)
        reply = self._client.place(operation, body, order.buyer_reference, own_id)
        return OrderAcknowledgement(supplier_reference="", raw=self._reply_document(reply, order))

    def _document(self, order: Order, kind: str, *, version: int, note: str) -> bytes:
        request = mapping.order_request(
            order,
            kind=kind,
            version=version,
            previous=self._own_id(order, order.follows or version - 1) if kind != "new" else "",
            note=note,
            classification=mapping.Classification.read(self.setting("classification")),
            language=self.setting("language"),
        )
        # A repeated attempt is the same document, byte for byte.
        moment = order.issued_at if kind == "new" else None
        return account.envelope(self).request(request, self._own_id(order, version), moment)

    def _own_id(self, order: Order, version: int) -> str:
        return mapping.order_payload_id(order.buyer_reference, version, account.word(self, "payload_host"))

    def _reply_document(self, reply: Reply, order: Order) -> RawDocument:
        later = f":{order.version}" if order.version > 1 else ""
        return RawDocument(
            message_id=f"reply:{order.buyer_reference}{later}",
            channel="reply",
            content_type=reply.content_type,
            body=self._without_secrets(reply.body),
            headers={
                documents.RECEIVED_AT: reply.received_at.isoformat(),
                documents.OUR_REFERENCE: order.buyer_reference,
            },
        )

    # -- answers ------------------------------------------------------------------------------------------
    def verify_callback(self, request: CallbackRequest) -> RawDocument:
        secrets = self.config.credentials.get("callback_secret", ())
        if not secrets:
            raise CallbackRefused("not_configured", "We hold no shared secret of yours yet.", status=503)
        try:
            root = document_read(request.body, "Your document")
            if not envelope.proved(root, secrets):
                raise CallbackRefused(
                    "bad_secret", "The shared secret in Sender is missing or not the agreed one."
                )
            message_id = envelope.payload_id(root)
            body = self._without_secrets(request.body)
        except ProtocolError as error:
            raise CallbackRefused("unreadable", str(error), status=400) from None
        return RawDocument(
            message_id=message_id,
            channel="callback",
            content_type=request.headers.get("content-type", "")[:100],
            body=body,
            headers={documents.REFUSED: TEST} if self._only_a_test(root) else {},
        )

    def callback_taken(self, raw: RawDocument, *, repeated: bool) -> CallbackReply:
        text = "Known already, nothing changed." if repeated else "Stored."
        return self._callback_reply(200, text, answers=raw.message_id)

    def callback_refused(self, refusal: CallbackRefused) -> CallbackReply:
        return self._callback_reply(refusal.status, str(refusal))

    def parse_documents(self, raw: RawDocument) -> list[InboundDocument]:
        return documents.documents(raw)

    # -- own ----------------------------------------------------------------------------------------------
    def _callback_reply(self, code: int, text: str, *, answers: str = "") -> CallbackReply:
        """HTTP says the same as the document, for senders that look at one of the two only."""
        host, dtd = self.setting("payload_host"), self.setting("dtd_version")
        return CallbackReply(code, XML, envelope.response(code, text, answers=answers, host=host, dtd=dtd))

    def _only_a_test(self, root: Xml) -> bool:
        mode = root.get("Request").attribute("deploymentMode")
        return mode == "test" and account.word(self, "deployment_mode") != "test"

    def _without_secrets(self, body: bytes) -> bytes:
        body = blanked(body, "SharedSecret")
        for value in (value for values in self.config.credentials.values() for value in values):
            for form in account.forms(value):
                body = body.replace(form, BLANK)
        return body
