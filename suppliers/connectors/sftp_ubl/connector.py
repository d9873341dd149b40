"""The glue: what a supplier behind an SFTP folder can do, in the terms of the connector contract."""

import hashlib
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from urllib.parse import unquote_to_bytes

from suppliers.connectors import entered
from suppliers.connectors.account import CredentialField, SettingField
from suppliers.connectors.base import Capability, Connector, InboundDocument
from suppliers.connectors.peppol.order import order_document
from suppliers.connectors.peppol.parties import endpoint_problem, party_read
from suppliers.connectors.redaction import Redactor
from suppliers.connectors.sftp.keys import host_keys, private_key
from suppliers.connectors.sftp.session import SftpAddress
from suppliers.connectors.sftp_ubl import mapping
from suppliers.connectors.sftp_ubl.client import RemoteFile, SftpClient
from suppliers.connectors.xmldata import LARGEST
from suppliers.exceptions import ConnectorConfigurationError, ProtocolError
from suppliers.messages import (
    Decision,
    Order,
    OrderAcknowledgement,
    OrderResponse,
    RawDocument,
    RenderedOrder,
    Unmentioned,
)

LONGEST_TIMEOUT = 20
AT_ONCE = 100  # files of one poll; the next poll goes on
SENT_WITHIN = 40.0  # seconds for an order with all its steps, well under the lease of a transfer


class SftpUblConnector(Connector):
    protocol = "sftp_ubl"
    label = "SFTP with Peppol BIS 3 (UBL)"
    replies_name_the_order = False
    credential_fields = (
        CredentialField("username", "User name", secret=False),
        CredentialField("password", "Password", required=False, help="Where no private key is used."),
        CredentialField("private_key", "Private key", required=False, help="In OpenSSH or PEM form."),
        CredentialField("private_key_passphrase", "Passphrase of the private key", required=False),
    )
    setting_fields = (
        SettingField("host", "Host", required=True),
        SettingField("port", "Port", default="22"),
        SettingField(
            "host_key",
            "Host key",
            required=True,
            help="The supplier's public host key, such as ssh-ed25519 AAAA... No other is accepted. "
            "While it changes, two with a comma between them.",
        ),
        SettingField("orders_folder", "Folder for our orders", default="orders"),
        SettingField(
            "archive_folder",
            "Folder of orders they have read",
            help="Where the supplier moves our orders, under the same name. If it leaves them, the folder for our "
            "orders again. Empty: they vanish, and then a missing order cannot be looked up.",
        ),
        SettingField("answers_folder", "Folder of their answers", default="answers"),
        SettingField("read_folder", "Folder for answers we have read", default="answers/read", required=True),
        SettingField(
            "quarantine_folder", "Folder for unreadable answers", default="answers/unreadable", required=True
        ),
        SettingField(
            "file_name", "File name of an order", default="{reference}.xml", help="With {reference} in it."
        ),
        SettingField(
            "settle_seconds",
            "Seconds until a file is finished",
            default="10",
            help="A file that was written to more recently is left for the next time.",
        ),
        SettingField(
            "buyer_id", "Our Peppol id", required=True, help="Scheme and number: 0088:7300010000001."
        ),
        SettingField("buyer_name", "Our registered name", required=True),
        SettingField("seller_id", "Their Peppol id", required=True),
        SettingField("seller_name", "Their registered name", required=True),
        SettingField("seller_country", "Their country", required=True, help="Two letters, ISO 3166."),
        SettingField("timeout_seconds", "Seconds to wait for an answer", default="15"),
    )

    def _objection(self, name: str, value: str) -> str:
        match name:
            case "host_key":
                host_keys(value)
            case "host" if not re.fullmatch(r"[A-Za-z0-9.:_-]+", value):
                return "Only the name of the host, such as sftp.example.com."
            case "buyer_id" | "seller_id":
                return endpoint_problem(value)
            case "seller_country" if not re.fullmatch("[A-Z]{2}", value):
                return "Two capital letters, such as GB."
            case "private_key" if "PRIVATE KEY" not in value:
                return "This is not a private key. It begins with -----BEGIN ... PRIVATE KEY-----."
            case "file_name" if "{reference}" not in value or "/" in value:
                return "The name must say where our reference goes, {reference}, and name no folder."
            case "port":
                entered.whole(self, name, 1, 65535)
            case "settle_seconds":
                entered.number(self, name, 0, 3600)
            case "timeout_seconds":
                entered.number(self, name, 0.1, LONGEST_TIMEOUT)
        return super()._objection(name, value)

    # -- life ---------------------------------------------------------------------------------------------
    def open(self) -> None:
        key, password = self._optional("private_key"), self._optional("password")
        if not key and not password:
            raise ConnectorConfigurationError(self._what("a password or a private key is needed."))
        self._settle = entered.number(self, "settle_seconds", 0, 3600)
        self._client = SftpClient(
            supplier_name=self.config.supplier_name,
            journal=self.journal,
            pace=self.pace,
            redactor=Redactor(*self.secrets),
            address=SftpAddress(
                host=self.setting("host"),
                port=entered.whole(self, "port", 1, 65535),
                username=self.credential("username"),
                host_keys=host_keys(self.setting("host_key")),
                password=password,
                client_key=private_key(key, self._optional("private_key_passphrase")) if key else None,
                allow_private_network=self.config.allow_private_network,
                timeout=entered.number(self, "timeout_seconds", 0.1, LONGEST_TIMEOUT),
            ),
        )

    def close(self) -> None:
        self._client.close()

    @property
    def capabilities(self) -> frozenset[Capability]:
        if self.setting("archive_folder"):
            return frozenset({Capability.POLL, Capability.LOOKUP, Capability.IDEMPOTENT_SUBMIT})
        return frozenset({Capability.POLL})

    def check(self) -> str:
        orders, answers = self.setting("orders_folder"), self.setting("answers_folder")
        waiting, answered = len(self._client.files(orders)), len(self._client.files(answers))
        if archive := self.setting("archive_folder"):
            self._client.files(archive)
        return (
            f"Signed in as {self.credential('username')}; {waiting} orders lie in {orders}, "
            f"{answered} answers in {answers}."
        )

    # -- orders -------------------------------------------------------------------------------------------
    def render_order(self, order: Order) -> tuple[RenderedOrder, ...]:
        path = f"{self.setting('orders_folder')}/{self._file(order.buyer_reference)}"
        where = f"sftp://{self.setting('host')}:{self.setting('port')}/{path}"
        return (RenderedOrder(content_type="application/xml", body=self._body(order), where=where),)

    def submit_order(self, order: Order) -> OrderAcknowledgement:
        body = self._body(order)
        with self._client.within(SENT_WITHIN):
            reference = order.buyer_reference
            if not self._arrived(reference):
                folder, name = self.setting("orders_folder"), self._file(reference)
                self._client.place(folder, name, body, reference, arrived=lambda: self._arrived(reference))
        note = f"It is in their folder as {self._file(reference)}."
        return OrderAcknowledgement(supplier_reference="", note=note)  # theirs comes with their answer

    def find_order(self, buyer_reference: str) -> OrderResponse | None:
        if not self.setting("archive_folder"):
            raise self._unsupported("an order look-up without a folder of read orders")
        seen = self._seen(buyer_reference)
        if seen is None:
            return None
        return OrderResponse(
            message_id=f"lookup:{buyer_reference}",
            buyer_reference=buyer_reference,
            supplier_reference="",
            decision=Decision.RECEIVED,
            issued_at=seen,
            unmentioned=Unmentioned.OPEN,
        )

    def _seen(self, reference: str) -> datetime | None:
        """First where it was put, then where it goes: a file on its way is found in one of them."""
        for folder in dict.fromkeys((self.setting("orders_folder"), self.setting("archive_folder"))):
            if folder and (found := self._client.modified_at(f"{folder}/{self._file(reference)}", reference)):
                return found
        return None

    def _arrived(self, reference: str) -> bool:
        return self._seen(reference) is not None

    def _file(self, reference: str) -> str:
        return mapping.order_file(self.setting("file_name"), reference)

    # -- answers ------------------------------------------------------------------------------------------
    def fetch_documents(self, since: datetime | None) -> Iterator[RawDocument]:
        """What lies in the folder is what has not been read; `since` says nothing more."""
        folder = self.setting("answers_folder")
        now = datetime.now(UTC)
        files = [
            f for f in self._client.files(folder) if mapping.is_ready(f, now=now, settle_seconds=self._settle)
        ]
        for file in files[:AT_ONCE]:
            if raw := self._document(folder, file):
                yield raw

    def _document(self, folder: str, file: RemoteFile) -> RawDocument | None:
        """None: it is gone, or still growing."""
        if file.size > LARGEST:
            why = f"The file has {file.size} bytes; at most {LARGEST} are read."
            return mapping.refused_document(file, why)
        try:
            body = self._client.read(folder, file)
        except ProtocolError as error:  # a file that is not for us must not hide those that came after it
            return mapping.refused_document(file, str(error))
        return None if body is None else mapping.raw_document(file, body)

    def document_stored(self, raw: RawDocument) -> None:
        """Out of the folder, so that it is not read again: to the read ones, or to the unreadable ones."""
        try:
            self.parse_documents(raw)
            folder = self.setting("read_folder")
        except ProtocolError:
            folder = self.setting("quarantine_folder")
        name = unquote_to_bytes(raw.headers[mapping.FILE]).decode("utf-8", "surrogateescape")
        kept = f"{name}.{raw.message_id.rpartition(':')[2]}"  # a name may come again with another content
        lying, put = f"{self.setting('answers_folder')}/{name}", f"{folder}/{kept}"
        if self._client.move(lying, put) and not raw.headers.get(mapping.REFUSED):
            self._give_back(raw, lying, put)

    def _give_back(self, raw: RawDocument, lying: str, put: str) -> None:
        """The supplier may have written another answer under the same name after we had read the first: then that one
        was moved. It goes back, under a name of its own.
        """
        found = self._client.content(put, most=LARGEST)
        if found is not None and found != raw.body:
            self._client.move(put, f"{lying}.{hashlib.sha256(found).hexdigest()[:8]}")

    def parse_documents(self, raw: RawDocument) -> list[InboundDocument]:
        return mapping.documents(raw)

    # -- own ----------------------------------------------------------------------------------------------
    def _body(self, order: Order) -> bytes:
        seller = party_read(
            self.setting("seller_id"), self.setting("seller_name"), self.setting("seller_country")
        )
        return order_document(
            order, buyer=party_read(self.setting("buyer_id"), self.setting("buyer_name")), seller=seller
        )

    def _optional(self, name: str) -> str | None:
        return next(iter(self.config.credentials.get(name, ())), None)
