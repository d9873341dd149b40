"""Talking to a mail server, and what its refusals mean. Knows nothing of orders.

A mail server takes responsibility with its answer to the final dot. Whatever goes wrong before that dot left us is
certain: nothing was delivered. What goes wrong after it, without an answer, is not.
"""

import re
import smtplib
import socket
import ssl
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from suppliers.connectors.network import address_objection
from suppliers.exceptions import (
    AuthenticationFailed,
    ConnectorConfigurationError,
    ConnectorError,
    NotDelivered,
    OutcomeUnknown,
    ProtocolError,
    RateLimited,
    SupplierUnavailable,
)

STARTTLS, TLS, PLAIN = "starttls", "tls", "none"
TLS_MODES = {mode: mode for mode in (STARTTLS, TLS, PLAIN)}
GREYLISTED = timedelta(minutes=5)  # servers that know nobody want to be asked again after a while
SIGN_IN_REFUSED = {530, 534, 535, 538}
WORDS = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class MailServer:
    supplier_name: str
    host: str
    port: int
    tls: str
    user: str
    password: str
    timeout: float  # of one answer; all of them together may take twice as long
    own_name: str  # how we greet
    allow_private_network: bool

    @property
    def address(self) -> str:
        return f"{'smtps' if self.tls == TLS else 'smtp'}://{self.host}:{self.port}"


class _Smtp(smtplib.SMTP):
    """Connects only where we may, and speaks TLS from the first byte where that is asked for."""

    def __init__(self, server: MailServer, context: ssl.SSLContext) -> None:
        self._server, self._context = server, context
        super().__init__(server.host, server.port, local_hostname=server.own_name, timeout=server.timeout)

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        for *_, address in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM):
            self._object(str(address[0]))
        connection = socket.create_connection((host, port), timeout)
        try:  # the name may have been given another address between the two look-ups
            self._object(str(connection.getpeername()[0]))
            if self._server.tls == TLS:
                return self._context.wrap_socket(connection, server_hostname=host)
        except BaseException:
            connection.close()
            raise
        return connection

    def _object(self, address: str) -> None:
        if objection := address_objection(address, allow_private=self._server.allow_private_network):
            raise ConnectorConfigurationError(f"{self._server.host} ({address}) {objection}.")


class Conversation:
    """One connection to the server; `said` is what it answered, for the journal."""

    def __init__(self, server: MailServer) -> None:
        self.server = server
        self.said: list[str] = []
        self.status: int | None = None
        self._deadline = time.monotonic() + 2 * server.timeout
        self._smtp: smtplib.SMTP | None = None

    def open(self) -> None:
        """Connect, encrypt, sign in. Nothing of an order is sent here."""
        server = self.server
        if server.tls == PLAIN and not server.allow_private_network:
            raise ConnectorConfigurationError(
                f"{server.supplier_name}: mail would be sent unencrypted; use starttls or tls."
            )
        context = ssl.create_default_context()
        try:
            self._smtp = smtp = _Smtp(server, context)
            self._expect(smtp.ehlo(), "our greeting")
            if server.tls == STARTTLS:
                self._encrypt(smtp, context)
            if server.user:
                self._sign_in(smtp)
        except smtplib.SMTPConnectError as error:
            raise self._refused(error.smtp_code, error.smtp_error, "the connection") from None
        except smtplib.SMTPAuthenticationError as error:
            raise self._refused(error.smtp_code, error.smtp_error, "our sign-in") from None
        except (smtplib.SMTPException, OSError, UnicodeError) as error:
            raise self._not_reached(error) from None

    def _encrypt(self, smtp: smtplib.SMTP, context: ssl.SSLContext) -> None:
        if not smtp.has_extn("starttls"):
            raise ConnectorConfigurationError(
                f"{self.server.host} offers no STARTTLS, and mail is not sent unencrypted. Use tls, or another port."
            )
        self._expect(smtp.starttls(context=context), "STARTTLS")
        self._expect(smtp.ehlo(), "our greeting")

    def _sign_in(self, smtp: smtplib.SMTP) -> None:
        if not smtp.has_extn("auth"):
            raise ConnectorConfigurationError(
                f"{self.server.host} offers no sign-in here; leave the user out, or use another port."
            )
        try:
            code, answer = smtp.login(self.server.user, self.server.password)
        except UnicodeEncodeError:
            raise ConnectorConfigurationError(
                f"{self.server.host} can be told plain ASCII only; our user or password there has other letters."
            ) from None
        self._note(code, answer)

    def address(self, sender: str, recipients: Sequence[str]) -> None:
        """Name who writes to whom. If one recipient is refused, nobody gets anything."""
        smtp = self._ready()
        try:
            self._expect(smtp.mail(sender), f"our sender address {sender}")
            for recipient in recipients:
                self._expect(smtp.rcpt(recipient), f"mail for {recipient}")
        except (smtplib.SMTPException, OSError) as error:
            raise self._not_reached(error) from None

    def hand_over(self, message: bytes) -> str:
        """The message itself; the server's last answer. Raises `OutcomeUnknown` once the final dot may have left."""
        smtp = self._ready()
        try:
            self._expect(smtp.docmd("data"), "the message", wanted=(354,))
            smtp.send(re.sub(rb"(?m)^\.", b"..", message))
        except (smtplib.SMTPException, OSError) as error:
            raise self._not_reached(error) from None
        try:
            smtp.send(b".\r\n" if message.endswith(b"\r\n") else b"\r\n.\r\n")
            self._ready()
            code, answer = smtp.getreply()
        except (smtplib.SMTPException, OSError, ValueError, ConnectorError) as error:
            raise OutcomeUnknown(
                f"{self.server.host} did not say whether it took the message ({type(error).__name__})."
            ) from None
        self._note(code, answer)
        # 421 closes the connection whatever went before; every other refusal says that it keeps nothing.
        if code == 421 or not (200 <= code < 300 or 400 <= code < 600):
            raise OutcomeUnknown(
                f"{self.server.host} did not say whether it took the message: {self.said[-1]}", status=code
            )
        if code >= 400:
            raise self._refused(code, answer, "the message")
        return self.said[-1]

    def close(self) -> None:
        if self._smtp is None:
            return
        try:
            self._smtp.quit()
        except (smtplib.SMTPException, OSError, ValueError):
            self._smtp.close()

    # -- own ----------------------------------------------------------------------------------------------
    def _ready(self) -> smtplib.SMTP:
        smtp = self._smtp
        left = self._deadline - time.monotonic()
        if smtp is None or smtp.sock is None or left <= 0:
            raise NotDelivered(f"{self.server.host} was too slow, so nothing was sent.")
        smtp.sock.settimeout(min(self.server.timeout, left))
        return smtp

    def _expect(
        self, answered: tuple[int, bytes], what: str, wanted: Sequence[int] = (220, 250, 251)
    ) -> None:
        code, answer = answered
        self._note(code, answer)
        if code not in wanted:
            raise self._refused(code, answer, what)
        self._ready()

    def _note(self, code: int, answer: bytes | str) -> None:
        self.status = code
        self.said.append(f"{code} {_words(answer)}")

    def _refused(self, code: int, answer: bytes | str, what: str) -> ConnectorError:
        words = _words(answer)
        kind: type[ConnectorError] = ProtocolError
        wait = None
        if code in SIGN_IN_REFUSED:
            kind = AuthenticationFailed
        elif 400 <= code < 500:
            kind = SupplierUnavailable
            if words.startswith("4.7."):
                kind, wait = RateLimited, GREYLISTED
        self.status = code
        return kind(
            f"{self.server.host} refused {what} ({code} {words}). Nothing was sent.",
            status=code,
            detail=words,
            retry_after=wait,
        )

    def _not_reached(self, error: Exception) -> NotDelivered:
        if isinstance(error, ssl.SSLCertVerificationError):
            why = f"its certificate is not valid ({error.verify_message})"
        elif isinstance(error, TimeoutError) or isinstance(error.__context__, TimeoutError):
            why = "it did not answer in time"
        elif isinstance(error, socket.gaierror | UnicodeError):
            why = "its name cannot be resolved"
        elif isinstance(error, ConnectionRefusedError):
            why = "it refused the connection"
        else:
            why = f"the connection broke off ({type(error).__name__})"
        return NotDelivered(f"{self.server.host} was not reached: {why}. Nothing was sent.")


def _words(answer: bytes | str) -> str:
    text = answer.decode("utf-8", "replace") if isinstance(answer, bytes) else answer
    return re.sub(r"[\x00-\x1f\x7f\s]+", " ", text).strip()[:WORDS]
