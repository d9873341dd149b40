"""The glue: what a supplier that reads mail can do, in the terms of the connector contract."""

import logging
import re
import time
from dataclasses import replace
from datetime import UTC, datetime

from suppliers.connectors import entered
from suppliers.connectors.account import CredentialField, SettingField
from suppliers.connectors.base import TIMEOUT, CallRecord, Capability, Connector, InboundDocument
from suppliers.connectors.email import mapping, wording
from suppliers.connectors.email.attachments import order_csv
from suppliers.connectors.email.client import STARTTLS, TLS_MODES, Conversation, MailServer
from suppliers.connectors.email.letter import Attachment, Letter, Letterhead, compose, compose_cancellation
from suppliers.connectors.email.pdf import order_pdf
from suppliers.connectors.peppol.order import order_document
from suppliers.connectors.peppol.parties import endpoint_problem, party_read
from suppliers.connectors.redaction import Redactor
from suppliers.exceptions import ConnectorConfigurationError, ConnectorError
from suppliers.messages import (
    Decision,
    Order,
    OrderAcknowledgement,
    OrderResponse,
    RawDocument,
    RenderedOrder,
    Unmentioned,
)

log = logging.getLogger(__name__)
# What every server on the way understands: no quoting, no other alphabets.
ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@(?=.{3,250}$)[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?"
                     r"(?:\.[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?)+")  # fmt: skip
HOST = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9.-]{0,251}[A-Za-z0-9])?")


class EmailConnector(Connector):
    protocol = "email"
    label = "E-mail with an answer link"
    replies_name_the_order = False
    credential_fields = (
        CredentialField("user", "Mail server user", required=False, secret=False),
        CredentialField("password", "Mail server password", required=False),
    )
    setting_fields = (
        SettingField(
            "recipient",
            "Account manager's address",
            required=True,
            help="Who gets the orders at the supplier. Several with commas between; all of them must be accepted.",
        ),
        SettingField("recipient_name", "Account manager's name", help="For the greeting."),
        SettingField("customer_number", "Our customer number there", help="Printed on the order."),
        SettingField(
            "sender", "Our address", required=True, help="Mail that cannot be delivered comes back to it."
        ),
        SettingField("sender_name", "Our name", help="Stands in the subject and under the letter."),
        SettingField(
            "reply_to", "Address for replies", help="Empty: our address. Replies are read by people."
        ),
        SettingField(
            "host", "Mail server", required=True, help="Ours, that takes mail from us and brings it on."
        ),
        SettingField("port", "Port", default="587"),
        SettingField(
            "tls",
            "Encryption",
            default=STARTTLS,
            help="starttls, tls (from the first byte, often port 465), or none (inside our own network only).",
        ),
        SettingField(
            "attach", "Attached", default="pdf, csv", help="Any of pdf, csv and ubl; empty: nothing."
        ),
        SettingField("buyer_id", "Our Peppol id", help="For ubl. Scheme and number: 0088:7300010000001."),
        SettingField("buyer_name", "Our registered name", help="For ubl. Empty: our name."),
        SettingField("seller_id", "Their Peppol id", help="For ubl."),
        SettingField("seller_name", "Their registered name", help="For ubl."),
        SettingField("seller_country", "Their country", help="For ubl. Two letters, ISO 3166."),
        TIMEOUT,
    )

    def _objection(self, name: str, value: str) -> str:
        match name:
            case "recipient":
                self._recipients()
            case "sender":
                self._address(name)
            case "reply_to" if value:
                self._address(name)
            case "host" if not HOST.fullmatch(value):
                return "This is the name of a server, such as mail.example.com."
            case "port":
                entered.whole(self, name, 1, 65535)
            case "tls":
                entered.one_of(self, name, TLS_MODES)
            case "buyer_id" | "seller_id" if value:
                return endpoint_problem(value)
            case "attach":
                self._attached()
        return super()._objection(name, value)

    def open(self) -> None:
        """Reads the configuration. The connection is made for each order: mail servers drop idle ones."""
        self._redactor = Redactor(*self.secrets)
        host = self.setting("host")
        if not HOST.fullmatch(host):
            raise ConnectorConfigurationError(self._what(f"{host!r} is no name of a mail server."))
        self._head = self._letterhead()
        self._attached()
        user = (self.config.credentials.get("user") or ("",))[0]
        self._server = MailServer(
            supplier_name=self.config.supplier_name,
            host=host,
            port=entered.whole(self, "port", 1, 65535),
            tls=entered.one_of(self, "tls", TLS_MODES),
            user=user,
            password=self.credential("password") if user else "",
            timeout=self.timeout,
            own_name=self._head.sender.rpartition("@")[2],
            allow_private_network=self.config.allow_private_network,
        )

    def close(self) -> None:
        """Nothing stays open between orders."""

    @property
    def capabilities(self) -> frozenset[Capability]:
        return frozenset({Capability.LINK, Capability.CANCEL, Capability.CHANGE})

    def check(self) -> str:
        """As far as one can go without sending anything."""
        self.pace()
        talk = Conversation(self._server)
        started, clock, error = datetime.now(UTC), time.monotonic(), ""
        try:
            talk.open()
            talk.address(self._head.sender, self._head.recipients)
        except (ConnectorError, ConnectorConfigurationError) as problem:
            error = str(problem)
            raise
        finally:
            talk.close()
            self._record("check", talk, started, clock, error, b"", "")
        how = "Signed in" if self._server.user else "Connected"
        return f"{how} at {self._server.host}; it takes mail from us for {', '.join(self._head.recipients)}."

    def render_order(self, order: Order) -> tuple[RenderedOrder, ...]:
        """The mail as a person reads it; its encoded form could neither be read nor have its secrets blanked."""
        head = self._letterhead()
        letter = self._letter(order, head)
        to = ", ".join(head.recipients)
        return (
            RenderedOrder(
                content_type="text/plain", body=letter.readable(_secret(order)), where=f"mail to {to}"
            ),
        )

    def submit_order(self, order: Order) -> OrderAcknowledgement:
        letter = self._letter(order, self._head)
        said = self._sent(letter, _operation(order), order)
        mail_id = letter.mail_id
        recipients = list(self._head.recipients)
        return OrderAcknowledgement(
            supplier_reference="",
            raw=mapping.receipt(
                order, mail_id=mail_id, recipients=recipients, server=self._server.address, said=said
            ),
            note=f"By mail to {', '.join(recipients)}, message id {mail_id}; {self._server.host} took it.",
        )

    def change_order(self, order: Order) -> OrderAcknowledgement:
        """The letter of an order says which version it is and that it replaces the one before."""
        return self.submit_order(order)

    def cancel_order(self, order: Order, reason: str) -> OrderResponse:
        """A letter to a person: what they make of it comes by the link, or by people."""
        sender = self._head.sender
        mail_id = mapping.message_id(order, self.config.supplier_code, sender, reminder=0, cancels=True)
        first = replace(order, version=order.follows or 1)
        first_id = mapping.message_id(first, self.config.supplier_code, sender, reminder=0)
        self._sent(compose_cancellation(order, self._head, mail_id, first_id, reason), "cancel", order)
        return OrderResponse(
            message_id=f"cancel:{order.buyer_reference}:{order.version + 1}",
            buyer_reference=order.buyer_reference,
            supplier_reference="",
            decision=Decision.RECEIVED,
            issued_at=datetime.now(UTC),
            unmentioned=Unmentioned.OPEN,
            note=f"By mail to {', '.join(self._head.recipients)}, message id {mail_id}.",
        )

    def parse_documents(self, raw: RawDocument) -> list[InboundDocument]:
        return mapping.documents(raw)

    # -- own ----------------------------------------------------------------------------------------------
    def _sent(self, letter: Letter, operation: str, order: Order) -> str:
        """What the mail server answered."""
        self.pace()
        talk = Conversation(self._server)
        started, clock, error = datetime.now(UTC), time.monotonic(), ""
        try:
            talk.open()
            talk.address(self._head.sender, self._head.recipients)
            return talk.hand_over(letter.message.as_bytes())
        except (ConnectorError, ConnectorConfigurationError) as problem:
            error = str(problem)
            raise
        finally:
            talk.close()
            shown = letter.readable(_secret(order))
            self._record(operation, talk, started, clock, error, shown, order.buyer_reference, letter.mail_id)

    def _letterhead(self) -> Letterhead:
        return Letterhead(
            sender=self._address("sender"),
            sender_name=wording.one_line(self.setting("sender_name")),
            reply_to=self._address("reply_to") if self.setting("reply_to") else "",
            recipients=tuple(self._recipients()),
            recipient_name=wording.one_line(self.setting("recipient_name")),
            customer_number=wording.one_line(self.setting("customer_number")),
        )

    def _letter(self, order: Order, head: Letterhead) -> Letter:
        mail_id, first_id = (
            mapping.message_id(order, self.config.supplier_code, head.sender, reminder=number)
            for number in (order.reminder, 0)
        )
        return compose(order, head, mail_id, first_id, self._attachments(order, head))

    def _attachments(self, order: Order, head: Letterhead) -> list[Attachment]:
        name = re.sub(r"[^A-Za-z0-9._-]+", "-", order.number)
        kinds, made = self._attached(), []
        if "pdf" in kinds:
            body = order_pdf(order, sender_name=head.sender_name, customer_number=head.customer_number)
            made.append(Attachment(name=f"{name}.pdf", content_type="application/pdf", body=body))
        if "csv" in kinds:
            made.append(Attachment(name=f"{name}.csv", content_type="text/csv", body=order_csv(order)))
        if "ubl" in kinds:
            buyer = party_read(self.setting("buyer_id"), self.setting("buyer_name") or head.sender_name)
            seller = party_read(
                self.setting("seller_id"), self.setting("seller_name"), self.setting("seller_country")
            )
            body = order_document(order, buyer=buyer, seller=seller)
            made.append(Attachment(name=f"{name}.xml", content_type="application/xml", body=body))
        return made

    def _record(
        self,
        operation: str,
        talk: Conversation,
        started: datetime,
        clock: float,
        error: str,
        sent: bytes,
        reference: str,
        mail_id: str = "",
    ) -> None:
        record = CallRecord(
            operation=operation,
            method="SMTP",
            url=self._server.address,
            started_at=started,
            duration_ms=round((time.monotonic() - clock) * 1000),
            status=talk.status,
            error=self._redactor.text(error),
            request_body=self._redactor.body(sent),
            response_body=self._redactor.body("\n".join(talk.said).encode()),
            reference=reference,
            message_id=mail_id,
        )
        try:
            self.journal(record)
        except Exception:  # a journal that fails must not turn a sent order into an unknown one
            log.exception("The journal of %s could not be written.", self.config.supplier_name)

    def _address(self, name: str) -> str:
        value = self.setting(name).strip()
        if not ADDRESS.fullmatch(value):
            raise entered.wrong(self, name, "an address like orders@example.com")
        return value

    def _recipients(self) -> list[str]:
        found = [part.strip() for part in self.setting("recipient").split(",")]
        if len(found) > 10 or not all(ADDRESS.fullmatch(part) for part in found):
            raise entered.wrong(
                self, "recipient", "an address like orders@example.com, or up to ten with commas"
            )
        return found

    def _attached(self) -> set[str]:
        found = {part.strip().lower() for part in self.setting("attach").split(",") if part.strip()}
        if found - {"pdf", "csv", "ubl"}:
            raise entered.wrong(self, "attach", "any of pdf, csv and ubl, or nothing")
        return found


def _operation(order: Order) -> str:
    return "remind" if order.reminder else "change" if order.version > 1 else "submit"


def _secret(order: Order) -> str:
    """What makes the link a key: it is in no journal and on no page of ours."""
    return order.answer_url.rstrip("/").rpartition("/")[2]
