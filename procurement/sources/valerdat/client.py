"""Talking to Valerdat: a token, the list of ids since a day, and single orders."""

from collections.abc import Collection
from datetime import date, datetime
from urllib.parse import quote, urlencode

from procurement.sources.clock import answered_at
from procurement.sources.valerdat.settings import Settings
from suppliers.connectors.http import HttpClient, Reply
from suppliers.connectors.jsondata import Json, dumps
from suppliers.exceptions import AuthenticationFailed, ProtocolError

NOT_TO_BE_HAD = (400, 404, 410, 422)  # what is wrong with one order, and not with all of them
TOKEN_REFUSED = (400, 404, 422)  # beside 401 and 403: others say so when a password is wrong
LONGEST_TOKEN = 8000


class OrderNotHad(ProtocolError):
    """Something is wrong with this order alone."""


class ValerdatClient:
    def __init__(
        self, http: HttpClient, settings: Settings, *, customer: str, username: str, password: str
    ) -> None:
        self._http = http
        self._settings = settings
        self._credentials = {"customer": customer, "username": username, "password": password}
        self._token = ""

    def changed_since(self, day: date) -> tuple[Json, datetime]:
        """Their list, and when they made it."""
        path = self._settings.list_path.replace("{since}", day.isoformat())
        reply = self._read("list", path)
        return Json.parse(reply.body, f"{self._name}: the list"), answered_at(reply)

    def order(self, external_id: str) -> Json:
        """Raises `OrderNotHad` where others may be had."""
        path = self._settings.order_path.replace("{id}", quote(external_id, safe=""))
        body = self._details(path)
        try:
            return Json.parse(body, "its details")
        except ProtocolError:
            body = self._details(path)  # half a page comes whole when it is asked for again
        try:
            return Json.parse(body, "its details")
        except ProtocolError as error:
            raise OrderNotHad(str(error)) from None

    def _details(self, path: str) -> bytes:
        reply = self._read("order", path, accept=NOT_TO_BE_HAD)
        if reply.status in NOT_TO_BE_HAD:
            raise OrderNotHad(f"its details cannot be had (HTTP {reply.status}).", status=reply.status)
        return reply.body

    @property
    def _name(self) -> str:
        return self._http.supplier_name

    def _read(self, operation: str, path: str, *, accept: Collection[int] = ()) -> Reply:
        """With the token that we have; once more with another if it is refused, as it ends whenever it likes."""
        try:
            return self._asked(operation, path, accept)
        except AuthenticationFailed:
            if not self._token:
                raise
            self._token = ""
        return self._asked(operation, path, accept)

    def _asked(self, operation: str, path: str, accept: Collection[int]) -> Reply:
        if not self._token:
            self._token = self._sign_in()
        name, value = self._settings.header
        headers = {name: value.replace("{token}", self._token), "Accept": "application/json"}
        return self._http.read(
            operation, "GET", self._settings.base_url + path, headers=headers, accept=accept
        )

    def _sign_in(self) -> str:
        as_json = self._settings.sign_in_format == "json"
        body = dumps(self._credentials) if as_json else urlencode(self._credentials).encode()
        kind = "application/json" if as_json else "application/x-www-form-urlencoded"
        reply = self._http.read(
            "token",
            "POST",
            self._settings.base_url + self._settings.sign_in_path,
            headers={"Content-Type": kind, "Accept": "application/json"},
            body=body,
            accept=TOKEN_REFUSED,
        )
        if reply.status in TOKEN_REFUSED:
            raise AuthenticationFailed(
                f"{self._name} gave us no token (HTTP {reply.status}): its address or the credentials are wrong.",
                status=reply.status,
            )
        answer = Json.parse(reply.body, f"{self._name}: the token answer")
        token = self._settings.paths.find(answer, "token").text(limit=LONGEST_TOKEN)
        if not token.isascii() or " " in token:
            raise ProtocolError(f"{self._name}: the token contains characters that cannot be sent.")
        self._http.redactor.add(token)
        return token
