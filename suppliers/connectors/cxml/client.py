"""Talking: one address, one document a call, and what the status in the answer means."""

from suppliers.connectors.cxml.envelope import Status, status_read
from suppliers.connectors.http import HttpClient, Reply
from suppliers.exceptions import (
    AuthenticationFailed,
    ConnectorError,
    OutcomeUnknown,
    ProtocolError,
    RateLimited,
    SupplierUnavailable,
)

# Refusals that may carry a document with better words than the number.
REFUSALS = (400, 401, 402, 403, 404, 405, 406, 412, 413, 415, 417, 422, 450, 475, 476, 477)
HEADERS = {"Content-Type": "text/xml; charset=UTF-8", "Accept": "text/xml, application/xml"}


class CxmlClient:
    def __init__(self, http: HttpClient, *, url: str, not_taken: frozenset[int]) -> None:
        self._http = http
        self._url = url
        self._not_taken = not_taken

    def ask(self, operation: str, body: bytes) -> tuple[Reply, Status]:
        """A question without effect; any status is an answer."""
        reply = self._http.read(operation, "POST", self._url, headers=HEADERS, body=body)
        return reply, status_read(reply.body, f"{self._http.supplier_name}: the answer")

    def place(self, operation: str, body: bytes, reference: str, payload_id: str) -> Reply:
        """Send a document that has an effect, once. Returns only if the supplier has it."""
        reply = self._http.place(
            operation,
            self._url,
            headers=HEADERS,
            body=body,
            reference=reference,
            message_id=payload_id,
            accept=REFUSALS,
        )
        if reply.status == 409:
            raise self._perhaps(f"HTTP 409: {self._http.failure(reply).detail}", 409)
        try:
            status = status_read(reply.body, f"{self._http.supplier_name}: the answer to {reference}")
        except ProtocolError as error:
            if reply.status in REFUSALS:
                raise self._http.failure(reply) from None
            # They took it in words we cannot read: it may well be placed.
            raise OutcomeUnknown(f"The order may have been placed. {error}", status=reply.status) from None
        if not 200 <= status.code < 300:
            raise self._failure(status)
        if reply.status in REFUSALS:
            raise self._perhaps(
                f"{self._http.supplier_name} said no (HTTP {reply.status}) and yes (status {status.code})",
                reply.status,
            )
        return reply

    def _failure(self, status: Status) -> ConnectorError:
        said = self._http.redactor.text(status.text)
        words = f"{self._http.supplier_name} answered with status {status.code}: {said or 'no reason told'}"
        kind: type[ConnectorError]
        if status.code in self._not_taken:
            kind = SupplierUnavailable
        elif status.code in (401, 403):
            kind = AuthenticationFailed
        elif status.code == 429:
            kind = RateLimited
        elif 400 <= status.code < 500 and status.code not in (408, 409):
            kind = ProtocolError
        else:  # 409: perhaps an earlier attempt arrived. 5xx and the unknown: nobody can say
            return self._perhaps(words, status.code)
        return kind(words, status=status.code, detail=said)

    def _perhaps(self, words: str, status: int) -> OutcomeUnknown:
        return OutcomeUnknown(f"{words}. The supplier may have the document all the same.", status=status)
