"""Talking to Salesforce: the token, SOQL queries page by page, and what its errors mean."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import quote, urlsplit

from procurement.sources.clock import answered_at
from suppliers.connectors.http import HttpClient, Reply
from suppliers.connectors.jsondata import Json
from suppliers.connectors.oauth import Tokens
from suppliers.exceptions import (
    AuthenticationFailed,
    ConnectorError,
    ProtocolError,
    RateLimited,
    SupplierUnavailable,
)

ERRORS = (300, 400, 401, 403, 404)  # whose body says more than the status
LIMIT_REST = timedelta(minutes=30)  # calls are counted over the last 24 hours, so some are free again soon
USAGE = re.compile(r"(?<![\w-])api-usage=(\d{1,12})/(\d{1,12})")  # and not that of single apps beside it
DRIFTED = {"INVALID_FIELD", "INVALID_TYPE"}


@dataclass(frozen=True, slots=True)
class Rows:
    """One page of a query's answer."""

    rows: list[Json]
    answered_at: datetime


class SalesforceClient:
    def __init__(self, http: HttpClient, tokens: Tokens, *, base_url: str, version: str, share: int) -> None:
        """`share`: percent of the organisation's daily calls after which nothing is asked any more."""
        self._http = http
        self._tokens = tokens
        self._base = base_url.rstrip("/")
        self._data = f"{self._base}/services/data/v{version}"
        self._share = share
        self._used: tuple[int, int] | None = None

    @property
    def usage(self) -> tuple[int, int] | None:
        """(calls used, calls allowed) of the last 24 hours, once it was told."""
        return self._used

    def prove_credentials(self) -> None:
        self._tokens.proved()

    def query(self, soql: str, *, deleted: bool = False) -> Iterator[Rows]:
        """The answer a page at a time; `deleted`: also rows in the recycle bin."""
        verb = "queryAll" if deleted else "query"
        # quote leaves no "+" of a time unencoded, which would be read as a blank
        url = f"{self._data}/{verb}/?q={quote(soql, safe='')}"
        while url:
            reply = self._read(url)
            told = Json.parse(reply.body, f"{self._http.supplier_name}: an answer")
            yield Rows(list(told.get("records").items()), answered_at(reply))
            url = "" if told.get("done").value is True else self._next(told)

    def _next(self, told: Json) -> str:
        """The address of the next page: a path at the same host, wherever it claims to be."""
        following = told.get("nextRecordsUrl")
        path = following.text(limit=500)
        if not path.startswith("/services/data/") or urlsplit(path).netloc:
            raise following.wrong("a path that begins with /services/data/")
        return self._base + path

    def _read(self, url: str) -> Reply:
        self._keep_to_share()

        def call(token: str) -> Reply:
            reply = self._http.read(
                "query",
                "GET",
                url,
                headers={"Authorization": f"Bearer {token}", "Accept": "application/json"},
                accept=ERRORS,
            )
            self._used = usage_told(reply) or self._used
            if reply.status in ERRORS:
                raise self._failure(reply)
            return reply

        # A token ends at any time, also between two pages: once more with another, from the same page.
        return self._tokens.authorised(call)

    def _keep_to_share(self) -> None:
        if self._used is None:
            return
        used, allowed = self._used
        if used * 100 >= allowed * self._share:
            raise RateLimited(
                f"{self._http.supplier_name}: {used:,} of {allowed:,} calls of the last 24 hours are used up; others"
                f" need the rest, so nothing more is asked for now (see “Share of the daily calls”).",
                retry_after=LIMIT_REST,
            )

    def _failure(self, reply: Reply) -> ConnectorError:
        """Errors come as a list of objects with `errorCode` and `message`; the first says it."""
        code, said = self._said(reply)
        name, status = self._http.supplier_name, reply.status
        if reply.status == 401:
            return AuthenticationFailed(f"{name} refused our token ({code}): {said}", status=status)
        if code == "REQUEST_LIMIT_EXCEEDED":
            return RateLimited(
                f"{name}: all calls of the last 24 hours are used up: {said}",
                status=status,
                retry_after=LIMIT_REST,
            )
        if reply.status == 403:
            return AuthenticationFailed(f"{name} does not let us read this ({code}): {said}", status=status)
        if code == "INVALID_QUERY_LOCATOR":
            return SupplierUnavailable(f"{name} has forgotten the query between two pages.", status=status)
        if code in DRIFTED:
            return ProtocolError(
                f"{name} has changed: it lacks something that is read, or our user may not see it."
                f" It says: {said} Correct the field names in the settings, or its permissions.",
                status=status,
            )
        return ProtocolError(f"{name} refused the request ({code}): {said}", status=status)

    def _said(self, reply: Reply) -> tuple[str, str]:
        try:
            first = next(Json.parse(reply.body, "the answer").items())
            code, message = first.get("errorCode").note(limit=60), first.get("message").note(limit=300)
        except (ProtocolError, StopIteration):
            code, message = f"HTTP {reply.status}", "nothing that can be read."
        return code, self._http.redactor.text(" ".join(message.split()))


def usage_told(reply: Reply) -> tuple[int, int] | None:
    """(calls used, calls allowed) of the organisation; None where the answer does not say."""
    told = USAGE.search(reply.headers.get("sforce-limit-info", ""))
    return (int(told[1]), int(told[2])) if told and int(told[2]) else None
