"""Talking: who we are in each request, which one may be repeated, and what a fault means for each."""

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from threading import Lock
from typing import Any

from zeep.wsse.username import UsernameToken

from suppliers.connectors.http import HttpClient, Reply
from suppliers.connectors.soap.faults import Fault, FaultMeaning, fault_in
from suppliers.connectors.soap.wsdl import Service
from suppliers.connectors.words import Words
from suppliers.exceptions import (
    AuthenticationFailed,
    ConnectorError,
    OutcomeUnknown,
    ProtocolError,
    RateLimited,
    SupplierUnavailable,
)

WITH_FAULTS = (400, 500)  # the statuses under which SOAP over HTTP brings faults
KEPT = 3600.0  # seconds that a fetched description is good for
FAILURES: Mapping[FaultMeaning, type[ConnectorError]] = {
    FaultMeaning.RETRY: SupplierUnavailable,
    FaultMeaning.WAIT: RateLimited,
    FaultMeaning.CREDENTIALS: AuthenticationFailed,
    FaultMeaning.UNKNOWN: OutcomeUnknown,
}


class Documents:
    """Descriptions fetched a while ago, for all connectors of the process."""

    def __init__(self) -> None:
        self._held: dict[tuple[str, str], tuple[float, bytes]] = {}
        self._lock = Lock()

    def get(self, key: tuple[str, str]) -> bytes | None:
        with self._lock:
            until, body = self._held.get(key, (0.0, b""))
        return body if time.monotonic() < until else None

    def keep(self, key: tuple[str, str], body: bytes) -> None:
        with self._lock:
            self._held[key] = (time.monotonic() + KEPT, body)

    def forget(self, supplier_code: str) -> None:
        with self._lock:
            self._held = {key: held for key, held in self._held.items() if key[0] != supplier_code}


DOCUMENTS = Documents()


@dataclass(frozen=True, slots=True, kw_only=True)
class Signing:
    """What proves who we are: HTTP headers, or a user name and password in the envelope."""

    headers: Mapping[str, str] = field(default_factory=dict)
    user: tuple[str, str] | None = None
    digest: bool = False

    def token(self) -> Any:
        """A new one for each request: a digest is good for one."""
        return self.user and UsernameToken(*self.user, use_digest=self.digest, zulu_timestamp=True)


class SoapClient:
    def __init__(
        self,
        http: HttpClient,
        signing: Signing,
        faults: Words[FaultMeaning],
        *,
        fault_code: str,
        supplier_code: str,
    ) -> None:
        self._http = http
        self._supplier_code = supplier_code
        self._signing = signing
        self._faults = faults
        self._fault_code = fault_code

    def forget(self) -> None:
        """What was fetched is no description: perhaps a page that says that the server is being mended."""
        DOCUMENTS.forget(self._supplier_code)

    def document(self, url: str, *, fresh: bool) -> bytes:
        """The WSDL, or what it imports."""
        key = (self._supplier_code, url)
        body = None if fresh else DOCUMENTS.get(key)
        if body is None:
            body = self._http.read("wsdl", "GET", url, headers=self._signing.headers).body
            DOCUMENTS.keep(key, body)
        return body

    def ask(
        self, operation: str, service: Service, address: str, name: str, arguments: Mapping[str, Any]
    ) -> Reply | None:
        """None: a fault that says that they have no such order."""

        def request() -> tuple[bytes, dict[str, str]]:
            return service.request(name, arguments, self._signing.token(), address)

        reply = self._http.read(
            operation,
            "POST",
            address,
            headers={**request()[1], **self._signing.headers},
            body=lambda: request()[0],  # a digest that was seen before is refused
            accept=WITH_FAULTS,
        )
        try:
            fault = fault_in(reply.body, f"The answer of {name}", self._fault_code)
        except ProtocolError:
            if reply.status not in WITH_FAULTS:
                raise
            fault = None
        if fault is None and reply.status in WITH_FAULTS:
            raise self._http.failure(reply)
        if fault is None:
            return reply
        meaning = fault.meaning(self._faults)
        if meaning is FaultMeaning.NO_ORDER:
            return None
        kind = FAILURES.get(meaning, ProtocolError) if meaning else ProtocolError
        # Asking does nothing, so an outcome that is not known is only a failure to answer.
        raise self._failure(fault, SupplierUnavailable if kind is OutcomeUnknown else kind, reply)

    def place(
        self, operation: str, address: str, body: bytes, headers: Mapping[str, str], *, reference: str
    ) -> tuple[Reply, Fault | None, FaultMeaning | None]:
        """Once. Faults for the caller to decide about come with their meaning; the others are raised."""
        reply = self._http.place(
            operation,
            address,
            headers={**headers, **self._signing.headers},
            body=body,
            reference=reference,
            accept=WITH_FAULTS,
        )
        if reply.status == 409:
            return reply, None, FaultMeaning.PLACED_BEFORE
        if not reply.body.strip() and reply.status not in WITH_FAULTS:
            return reply, None, None
        try:
            fault = fault_in(reply.body, "The reply", self._fault_code)
        except ProtocolError as error:
            raise self._unreadable(reply, error) from None
        if fault is None:
            if reply.status in WITH_FAULTS:
                raise self._unreadable(reply, ProtocolError("No fault is in it."))
            return reply, None, None
        meaning = fault.meaning(self._faults)
        if meaning in (FaultMeaning.ORDER_REFUSED, FaultMeaning.PLACED_BEFORE):
            return reply, fault, meaning
        if meaning is FaultMeaning.REFUSED:
            raise self._failure(fault, ProtocolError, reply)
        # A fault that the table does not know says nothing about what was done before it.
        raise self._failure(
            fault, FAILURES.get(meaning, OutcomeUnknown) if meaning else OutcomeUnknown, reply
        )

    def _unreadable(self, reply: Reply, error: ProtocolError) -> ConnectorError:
        if reply.status not in WITH_FAULTS:
            return OutcomeUnknown(f"The order may have been placed. {error}", status=reply.status)
        failure = self._http.failure(reply)
        if not isinstance(failure, SupplierUnavailable):
            return failure
        return OutcomeUnknown(str(failure), status=reply.status, detail=failure.detail)

    def _failure(self, fault: Fault, kind: type[ConnectorError], reply: Reply) -> ConnectorError:
        said = self._http.redactor.text(str(fault))
        verb = {
            ProtocolError: "refused the request",
            AuthenticationFailed: "refused our credentials",
            RateLimited: "asks us to slow down",
            SupplierUnavailable: "cannot work at present",
        }.get(kind, "failed, and may have acted before")
        return kind(f"{self._http.supplier_name} {verb}: {said}.", status=reply.status, detail=said)
