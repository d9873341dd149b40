"""Talking: addresses, tokens and which call may be repeated. Knows nothing of what the answers mean."""

import time
from collections.abc import Callable, Collection
from urllib.parse import quote

from suppliers.connectors.http import HttpClient, Reply
from suppliers.connectors.oauth import ClientCredentials
from suppliers.exceptions import AuthenticationFailed, NotDelivered, SupplierUnavailable

SENT_WITHIN = 15.0  # seconds from the request to send an order to its POST, tokens included


ORDERS = "orders"


def customer_address(base_url: str, supplier_id: str, customer_id: str) -> str:
    supplier, customer = (quote(part, safe="") for part in (supplier_id, customer_id))
    return f"{base_url.rstrip('/')}/suppliers/{supplier}/customers/{customer}/"


def orders_address(base_url: str, supplier_id: str, customer_id: str) -> str:
    """Where orders are sent."""
    return customer_address(base_url, supplier_id, customer_id) + ORDERS


class CerveClient:
    def __init__(
        self, http: HttpClient, oauth: ClientCredentials, *, base_url: str, supplier_id: str, customer_id: str
    ) -> None:
        self._http = http
        self._oauth = oauth
        self._root = customer_address(base_url, supplier_id, customer_id)

    def prove_credentials(self) -> None:
        self._oauth.proved()

    def products(self) -> Reply:
        return self._get("catalogue", "products")

    def price(self, product_id: str, quantity: str) -> Reply:
        """404 is an answer: not offered to this customer."""
        path = f"products/{quote(product_id, safe='')}/price?quantity={quote(quantity)}"
        return self._get("price", path, accept=(404,))

    def stock(self, product_id: str) -> Reply:
        return self._get("stock", f"products/{quote(product_id, safe='')}/stock", accept=(404,))

    def draft(self, body: bytes) -> Reply:
        """A POST without effect, so it is repeated like a question."""
        return self._with_token(
            lambda token: self._http.read(
                "preview", "POST", f"{self._root}{ORDERS}?draft=true", headers=_headers(token), body=body
            )
        )

    def order(self, body: bytes, reference: str) -> Reply:
        """Place the order; 2xx or 409."""
        started = time.monotonic()

        def send(token: str) -> Reply:
            # Whoever asked us to send may have been given up for dead while we waited for a token.
            if time.monotonic() - started > SENT_WITHIN:
                raise NotDelivered("It took too long to get a token, so nothing was sent.")
            return self._http.place(
                "submit", self._root + ORDERS, headers=_headers(token), body=body, reference=reference
            )

        try:
            # 401 means that the order was not looked at, so a second POST of it is no repetition
            return self._with_token(send)
        except SupplierUnavailable as error:  # placing never raises it: the token could not be had
            raise NotDelivered(
                f"No token, so nothing was sent. {error}", status=error.status, retry_after=error.retry_after
            ) from None

    def look_up(self, path: str) -> Reply:
        return self._get("look_up", path, accept=(404,))

    def _get(self, operation: str, path: str, accept: Collection[int] = ()) -> Reply:
        return self._with_token(
            lambda token: self._http.read(
                operation, "GET", self._root + path, headers=_headers(token), accept=accept
            )
        )

    def _with_token(self, call: Callable[[str], Reply]) -> Reply:
        token = self._oauth.token()
        try:
            return call(token)
        except AuthenticationFailed as refused:
            if refused.status != 401:
                raise
        return call(self._oauth.renewed(token))


def _headers(token: str) -> dict[str, str]:
    return {
        "Authorization": f"Bearer {token}",
        "Accept": "application/json",
        "Content-Type": "application/json",
    }
