"""Talking: addresses, tokens, pages and which call may be repeated. Knows nothing of what the answers mean."""

import re
import time
from collections.abc import Collection, Iterator
from urllib.parse import quote

from suppliers.connectors.http import HttpClient, Reply
from suppliers.connectors.oauth import ClientCredentials
from suppliers.exceptions import NotDelivered, OutcomeUnknown, ProtocolError, SupplierUnavailable

SENT_WITHIN = 20.0  # seconds from the request to send an order to its placing, preparations included
PAGE = 100
REQUIREMENTS, ORDERS = "material_requirements", "orders"
CHANGE = b"{}"  # an order is placed and cancelled by the address alone


class ZaikioClient:
    def __init__(self, http: HttpClient, oauth: ClientCredentials, *, base_url: str, most_pages: int) -> None:
        self._http = http
        self._oauth = oauth
        self._root = base_url.rstrip("/") + "/"
        self._most_pages = most_pages

    def prove_credentials(self) -> None:
        self._oauth.proved()

    def order(self, order_id: str) -> Reply:
        return self._read("look_up", "GET", f"{ORDERS}/{quote(order_id, safe='')}", accept=(404,))

    def order_pages(self, query: str) -> Iterator[Reply]:
        """Every page of our orders; an error where there are more than may be asked for."""
        for page in range(1, self._most_pages + 1):
            reply = self._read(
                "look_up", "GET", f"{ORDERS}?per_page={PAGE}&page={page}{'&' if query else ''}{query}"
            )
            yield reply
            if page >= self.counted(reply, "Total-Pages"):
                return
        raise ProtocolError(
            f"{self._http.supplier_name} holds more than {self._most_pages} pages of orders, so nobody can say "
            "that one is not among them. Narrow the look-up or allow more pages."
        )

    def counted(self, reply: Reply, name: str) -> int:
        """How many there are, by a header of a list."""
        said = reply.headers.get(name, "").strip()
        if not re.fullmatch("[0-9]{1,9}", said, re.ASCII):
            raise ProtocolError(
                f"{self._http.supplier_name} does not say how many orders it holds ({name}), so nobody can say "
                "that one is not among them."
            )
        return int(said)

    def withdraw(self, order_id: str) -> Reply:
        """Delete a draft; 404 where it has gone, 422 where it is a draft no more."""
        return self._read("withdraw", "DELETE", f"{ORDERS}/{quote(order_id, safe='')}", accept=(404, 422))

    def prepare(self, operation: str, path: str, body: bytes, reference: str) -> Reply:
        """What an order is made of before it is placed; 2xx or 422. Until then nothing is ordered."""
        try:
            return self._oauth.authorised(
                lambda token: self._http.place(
                    operation,
                    self._root + path,
                    headers=_headers(token),
                    body=body,
                    reference=reference,
                    accept=(422,),
                )
            )
        except OutcomeUnknown as error:
            raise SupplierUnavailable(
                f"Nothing was placed. {error}", status=error.status, detail=error.detail
            ) from None

    def place(self, order_id: str, reference: str, *, started: float) -> Reply:
        """The one step that orders; 2xx, 409 or 422."""

        def send(token: str) -> Reply:
            # Whoever asked us to send may have been given up for dead while we prepared.
            if time.monotonic() - started > SENT_WITHIN:
                raise NotDelivered("It took too long to prepare the order, so it was not placed.")
            return self._change("submit", order_id, "place", reference, token)

        return self._oauth.authorised(send)

    def cancel(self, order_id: str, reference: str) -> Reply:
        return self._oauth.authorised(
            lambda token: self._change("cancel", order_id, "cancel", reference, token)
        )

    def _change(self, operation: str, order_id: str, verb: str, reference: str, token: str) -> Reply:
        return self._http.place(
            operation,
            f"{self._root}{ORDERS}/{quote(order_id, safe='')}/{verb}",
            headers=_headers(token),
            body=CHANGE,
            reference=reference,
            method="PATCH",
            accept=(422,),
        )

    def _read(self, operation: str, method: str, path: str, accept: Collection[int] = ()) -> Reply:
        return self._oauth.authorised(
            lambda token: self._http.read(
                operation, method, self._root + path, headers=_headers(token), accept=accept
            )
        )


def _headers(token: str) -> dict[str, str]:
    return {
        "Authorization": f"Bearer {token}",
        "Accept": "application/json",
        "Content-Type": "application/json",
    }
