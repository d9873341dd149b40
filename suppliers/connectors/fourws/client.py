"""Talking: the one address, how we are let in, and which call may be repeated."""

from suppliers.connectors.http import HttpClient, Reply

# Answers to a bare question that prove the address to exist and say nothing against our credentials.
NOT_REFUSED = (400, 404, 405, 406, 411, 415, 422)


class FourwsClient:
    def __init__(self, http: HttpClient, *, address: str, headers: dict[str, str]) -> None:
        self._http = http
        self._address = address
        self._headers = {"Accept": "application/json", "Content-Type": "application/json"} | headers

    def save_purchase(self, body: bytes, reference: str) -> Reply:
        """Once; 2xx or 409."""
        return self._http.place(
            "submit", self._address, headers=self._headers, body=body, reference=reference
        )

    def knock(self) -> Reply:
        """Ask without an order. The service takes orders only, so the status is all there is to learn."""
        return self._http.read("check", "GET", self._address, headers=self._headers, accept=NOT_REFUSED)

    def said(self, reply: Reply) -> str:
        """The supplier's words in an unexpected answer, shortened and without secrets."""
        return self._http.failure(reply).detail
