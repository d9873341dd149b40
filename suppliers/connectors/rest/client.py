"""Talking: who we are in each request and which one may be repeated. Knows nothing of what the answers mean."""

import time
from collections.abc import Callable, Collection, Mapping
from urllib.parse import quote

from suppliers.connectors.http import HttpClient, Reply
from suppliers.connectors.rest.authentication import Authentication
from suppliers.exceptions import AuthenticationFailed, NotDelivered, SupplierUnavailable

SENT_WITHIN = 15.0  # seconds from the request to send an order to its POST, tokens included


class RestClient:
    def __init__(self, http: HttpClient, authentication: Authentication) -> None:
        self._http = http
        self._authentication = authentication

    def ask(self, operation: str, url: str, *, accept: Collection[int] = ()) -> Reply:
        return self._known(
            lambda: self._http.read(operation, "GET", url, headers=self._headers(b""), accept=accept)
        )

    def place(
        self,
        operation: str,
        url: str,
        body: bytes,
        *,
        reference: str,
        method: str = "POST",
        keyed: Mapping[str, str] | None = None,
        accept: Collection[int] = (),
    ) -> Reply:
        """Once; 2xx, 409 or one of `accept`. `keyed`: the header by which they recognise a repeat."""
        started = time.monotonic()

        def send() -> Reply:
            headers = self._headers(body) | dict(keyed or {})
            # Whoever asked us to send may have been given up for dead while we waited for a token.
            if time.monotonic() - started > SENT_WITHIN:
                raise NotDelivered("It took too long to get a token, so nothing was sent.")
            return self._http.place(
                operation, url, headers=headers, body=body, reference=reference, method=method, accept=accept
            )

        try:
            # 401 means that the order was not looked at, so a second sending of it is no repetition
            return self._known(send)
        except SupplierUnavailable as error:  # placing never raises it: the token could not be had
            raise NotDelivered(
                f"No token, so nothing was sent. {error}", status=error.status, retry_after=error.retry_after
            ) from None

    def _known(self, call: Callable[[], Reply]) -> Reply:
        try:
            return call()
        except AuthenticationFailed as refused:
            if refused.status != 401 or not self._authentication.renew():
                raise
        return call()

    def _headers(self, body: bytes) -> dict[str, str]:
        headers = {"Accept": "application/json"}
        if body:
            headers["Content-Type"] = "application/json"
        return headers | dict(self._authentication.headers(body))


def address(template: str, reference: str) -> str:
    return template.replace("{reference}", quote(reference, safe=""))
