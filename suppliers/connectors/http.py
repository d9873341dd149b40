"""One HTTP exchange with a supplier, and what its failure means.

Two verbs. `read` is for whatever may be asked again: transient failures are repeated with growing, jittered
pauses. `place` is for what must happen once: one attempt on a connection of its own, and every failure is
sorted by whether the supplier can have acted.
"""

import gzip
import logging
import re
import time
from collections.abc import Callable, Collection, Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from http.client import HTTPException
from typing import Any
from urllib.parse import urlsplit

import requests
import tenacity
from urllib3.exceptions import HTTPError, ReadTimeoutError

from suppliers.connectors.base import CallRecord, Connector
from suppliers.connectors.jsondata import UNPRINTABLE
from suppliers.connectors.network import CarefulAdapter, NotConnected
from suppliers.connectors.redaction import Redactor
from suppliers.exceptions import (
    AuthenticationFailed,
    CallsUsedUp,
    ConnectorConfigurationError,
    ConnectorError,
    NotDelivered,
    OutcomeUnknown,
    ProtocolError,
    RateLimited,
    SupplierUnavailable,
)

log = logging.getLogger(__name__)

CHUNK = 64 * 1024
JOURNALLED = 256 * 1024  # of a body; more than a journal keeps, so that no secret is cut in two by its edge
WORDS = 300  # of the supplier's own, kept in an error
LONGEST_WAIT = timedelta(hours=1)  # a Retry-After beyond this is not believed


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpPolicy:
    connect_timeout: float = 5
    read_timeout: float = 20
    total_timeout: float = 45  # of one exchange; well under the lease of a transfer
    max_response: int = 32 * 1024 * 1024
    attempts: int = 4
    first_pause: float = 0.3
    longest_pause: float = 8
    repeat_for: float = 20  # no question is asked again later, as background tasks end after a minute
    patience: float = 15  # a longer Retry-After is the caller's to wait for


@dataclass(frozen=True, slots=True)
class Reply:
    status: int
    headers: Mapping[str, str]  # case-insensitive
    body: bytes
    received_at: datetime

    @property
    def content_type(self) -> str:
        return self.headers.get("content-type", "")[:100]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Call:
    operation: str
    method: str
    url: str
    headers: Mapping[str, str]
    body: bytes
    reference: str = ""
    message_id: str = ""
    compressed: bool = False


class _Interrupted(Exception):
    """The connection stood and the exchange did not finish."""


class _TooLarge(_Interrupted):
    """It would be so again."""


class HttpClient:
    def __init__(
        self,
        *,
        supplier_name: str,
        journal: Callable[[CallRecord], None],
        redactor: Redactor,
        allow_private_network: bool,
        policy: HttpPolicy | None = None,
        pace: Callable[[], None] | None = None,
        usage_header: str = "",
    ) -> None:
        """`usage_header`: where answers say how many calls we have used; kept with the call."""
        self.supplier_name = supplier_name
        self.redactor = redactor
        self.policy = policy or HttpPolicy()
        self._journal = journal
        self._pace = pace or (lambda: None)
        self._usage_header = usage_header
        self._allow_private = allow_private_network
        self._session = self._new_session()

    @classmethod
    def for_account(cls, connector: Connector, *, timeout: float) -> "HttpClient":
        """`timeout`: seconds until the first byte of an answer; all of it may take twice as long."""
        return cls(
            supplier_name=connector.config.supplier_name,
            journal=connector.journal,
            redactor=Redactor(*connector.secrets),
            allow_private_network=connector.config.allow_private_network,
            policy=HttpPolicy(read_timeout=timeout, total_timeout=2 * timeout),
            pace=connector.pace,
        )

    def close(self) -> None:
        self._session.close()

    def read(
        self,
        operation: str,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str],
        body: bytes | Callable[[], bytes] = b"",
        accept: Collection[int] = (),
    ) -> Reply:
        """Ask, and ask again while the failure is transient. `accept`: statuses that are answers, too. A `body` that
        is good for one request only comes as what makes it.
        """

        def attempt() -> Reply:
            sent = body() if callable(body) else body
            call = _Call(operation=operation, method=method, url=url, headers=headers, body=sent)
            try:
                reply = self._exchange(self._session, call)
            except _TooLarge as problem:
                raise ProtocolError(f"{self.supplier_name}: {problem}") from None
            except _Interrupted as problem:
                raise SupplierUnavailable(f"{self.supplier_name}: {problem}") from None
            if 200 <= reply.status < 300 or reply.status in accept:
                return reply
            raise self.failure(reply)

        retrying = tenacity.Retrying(
            retry=tenacity.retry_if_exception(self._worth_repeating),
            wait=self._pause,
            stop=tenacity.stop_after_attempt(self.policy.attempts)
            | tenacity.stop_before_delay(self.policy.repeat_for),
            reraise=True,
        )
        return retrying(attempt)

    def place(
        self,
        operation: str,
        url: str,
        *,
        headers: Mapping[str, str],
        body: bytes,
        reference: str,
        method: str = "POST",
        accept: Collection[int] = (),
        compressed: bool = False,
        message_id: str = "",
    ) -> Reply:
        """POST (or `method`) once. Returns 2xx, and 409 for the caller to look up.

        `accept`: other statuses that are answers. `compressed`: gzipped on the wire, while the journal keeps
        what a person can read. `message_id`: of the document, for the journal.
        """
        call = _Call(
            operation=operation, method=method, url=url, headers=headers, body=body,
            reference=reference, message_id=message_id, compressed=compressed,
        )  # fmt: skip
        # A connection of its own: a pooled one may have been dropped by the other side meanwhile, and then
        # nobody can say whether the request was read.
        with self._new_session() as session:
            try:
                reply = self._exchange(session, call)
            except _Interrupted as problem:
                raise OutcomeUnknown(f"{self.supplier_name}: {problem}") from None
        if 200 <= reply.status < 300 or reply.status == 409 or reply.status in accept:
            return reply
        failure = self.failure(reply)
        refused = 400 <= reply.status < 500 and not isinstance(failure, SupplierUnavailable)
        if refused:
            raise failure
        raise OutcomeUnknown(str(failure), status=reply.status, detail=failure.detail)

    def failure(self, reply: Reply) -> ConnectorError:
        """What a status outside 2xx means for something that may be asked again."""
        status = reply.status
        said = UNPRINTABLE.sub(" ", reply.body[: 4 * WORDS].decode("utf-8", "replace"))
        detail = self.redactor.text(said)[:WORDS]
        wait = retry_after(reply)
        kind: type[ConnectorError]
        if status in (401, 403):
            kind, said = AuthenticationFailed, "refused our credentials"
        elif status == 429:
            kind, said = RateLimited, "asks us to slow down"
        elif status == 408 or status >= 500:
            kind, said = SupplierUnavailable, "cannot work at present"
        elif 300 <= status < 400:
            kind, said = ProtocolError, "sent us to another address, which is not followed"
        else:
            kind, said = ProtocolError, "refused the request"
        message = f"{self.supplier_name} {said} (HTTP {status})"
        message += f": {detail}" if detail and kind is ProtocolError else "."
        return kind(message, status=status, detail=detail, retry_after=wait)

    # -- one exchange -------------------------------------------------------------------------------------
    def _exchange(self, session: requests.Session, call: _Call) -> Reply:
        request = self._prepared(session, call)
        self._pace()
        started, clock = datetime.now(UTC), time.monotonic()
        status, answer, error, usage = None, b"", "", ""
        try:
            response = session.send(
                request,
                timeout=(self.policy.connect_timeout, self.policy.read_timeout),
                allow_redirects=False,
                stream=True,
            )
            with closing(response):
                status = response.status_code
                usage = response.headers.get(self._usage_header, "") if self._usage_header else ""
                answer = self._read_body(response, clock + self.policy.total_timeout)
                return Reply(status, response.headers, answer, datetime.now(UTC))
        except (NotConnected, requests.ConnectTimeout) as problem:
            error = f"Not reached: {problem}"
            raise NotDelivered(
                f"{self.supplier_name} was not reached: {self.redactor.text(str(problem))}."
            ) from None
        except (_Interrupted, ConnectorConfigurationError) as problem:
            error = str(problem)
            raise
        except (requests.Timeout, ReadTimeoutError) as problem:
            error = "did not answer in time."
            raise _Interrupted(error) from problem
        except (requests.RequestException, HTTPError, HTTPException, OSError, ValueError) as problem:
            error = f"the connection broke off ({type(problem).__name__})."
            raise _Interrupted(error) from problem
        finally:
            took = round((time.monotonic() - clock) * 1000)
            self._record(call, started, took, status, error, answer, usage)

    def _read_body(self, response: requests.Response, deadline: float) -> bytes:
        body = bytearray()
        # read1 returns what has arrived: the deadline holds against a sender that drips a byte a second.
        while chunk := response.raw.read1(CHUNK, decode_content=True):
            body += chunk
            if len(body) > self.policy.max_response:
                raise _TooLarge(f"its answer is larger than {self.policy.max_response} bytes.")
            if time.monotonic() > deadline:
                raise _Interrupted("its answer did not end in time.")
        return bytes(body)

    def _prepared(self, session: requests.Session, call: _Call) -> requests.PreparedRequest:
        body, headers = call.body, dict(call.headers)
        if call.compressed:
            # without a time in it, so that the same order is the same bytes
            body, headers["Content-Encoding"] = gzip.compress(body, mtime=0), "gzip"
        problem = ""
        parts = urlsplit(call.url)
        if parts.scheme not in ("https", "http") or not parts.hostname:
            problem = "is not a web address"
        elif parts.scheme == "http" and not self._allow_private:
            problem = "would send our credentials unencrypted; use https"
        elif parts.username is not None:
            problem = "must not contain a user name"
        else:
            try:
                return session.prepare_request(
                    requests.Request(call.method, call.url, headers=headers, data=body or None)
                )
            except (requests.RequestException, ValueError):
                problem = "or our credentials contain something that cannot be sent"
        shown = f"{parts.scheme}://{parts.hostname or ''}"
        raise ConnectorConfigurationError(f"{self.supplier_name}: the address {shown} {problem}.")

    def _record(
        self,
        call: _Call,
        started: datetime,
        duration_ms: int,
        status: int | None,
        error: str,
        answer: bytes,
        usage: str,
    ) -> None:
        # What concerns an order is kept whole: it is the proof of what was sent.
        kept = None if call.reference else JOURNALLED
        record = CallRecord(
            operation=call.operation,
            method=call.method,
            url=self.redactor.text(call.url),
            started_at=started,
            duration_ms=duration_ms,
            status=status,
            error=self.redactor.text(error),
            request_body=self.redactor.body(call.body[:kept]),
            response_body=self.redactor.body(answer[:kept]),
            reference=call.reference,
            message_id=call.message_id,
            usage=self.redactor.text(usage)[:WORDS],
            request_size=len(call.body),
            response_size=len(answer),
        )
        try:
            self._journal(record)
        except Exception:  # a journal that fails must not turn a placed order into an unknown one
            log.exception("The journal of %s could not be written.", self.supplier_name)

    def _new_session(self) -> requests.Session:
        session = requests.Session()
        session.trust_env = False  # a .netrc would replace our Authorization header
        session.headers["User-Agent"] = "procurement/1"
        adapter = CarefulAdapter(allow_private=self._allow_private)
        session.mount("https://", adapter)
        session.mount("http://", adapter)
        return session

    # -- repeating reads ----------------------------------------------------------------------------------
    def _worth_repeating(self, error: BaseException) -> bool:
        if not isinstance(error, ConnectorError) or not error.retryable or isinstance(error, CallsUsedUp):
            return False
        return error.retry_after is None or error.retry_after.total_seconds() <= self.policy.patience

    def _pause(self, state: tenacity.RetryCallState) -> float:
        grown = tenacity.wait_exponential_jitter(
            multiplier=self.policy.first_pause, max=self.policy.longest_pause, jitter=self.policy.first_pause
        )(state)
        error: Any = state.outcome.exception() if state.outcome else None
        asked = getattr(error, "retry_after", None)
        return grown if asked is None else max(grown, asked.total_seconds())


def retry_after(reply: Reply) -> timedelta | None:
    """The Retry-After header, seconds or date, from 0 to `LONGEST_WAIT`; None where it is not readable.

    Some say it as RateLimit-Reset: seconds from now, or since 1970.
    """
    value = reply.headers.get("retry-after", "").strip()
    if not value:
        value = reply.headers.get("ratelimit-reset", "").strip()
        if re.fullmatch("[0-9]{9,11}", value, re.ASCII):
            until = datetime.fromtimestamp(int(value), UTC)
            return min(max(until - reply.received_at, timedelta(0)), LONGEST_WAIT)
    if value.isascii() and value.isdigit():
        return min(timedelta(seconds=min(int(value[:9]), 10**8)), LONGEST_WAIT)
    try:
        until = parsedate_to_datetime(value)
    except (ValueError, TypeError, IndexError):
        return None
    if until.tzinfo is None:
        until = until.replace(tzinfo=UTC)
    return min(max(until - reply.received_at, timedelta(0)), LONGEST_WAIT)
