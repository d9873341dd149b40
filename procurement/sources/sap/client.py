"""Talking OData v2 to SAP: signing in, a question page by page, and what its errors mean."""

from collections.abc import Iterator, Mapping
from urllib.parse import parse_qsl, quote, urlencode, urlsplit

from suppliers.connectors.http import HttpClient, Reply
from suppliers.connectors.jsondata import Json
from suppliers.connectors.oauth import ClientCredentials
from suppliers.exceptions import AuthenticationFailed, ConnectorError, ProtocolError

SERVICE = "/sap/opu/odata/sap/API_MATERIAL_STOCK_SRV"
ERRORS = (300, 400, 401, 403, 404)  # whose body may say more than the status


class SapClient:
    def __init__(
        self,
        http: HttpClient,
        *,
        base_url: str,
        client: str,
        headers: Mapping[str, str],
        tokens: ClientCredentials | None,
    ) -> None:
        """`client`: the number of sap-client. `tokens`: beside the headers, where they alone do not sign in."""
        self._http = http
        self._service = base_url.rstrip("/") + SERVICE
        self._client = {"sap-client": client} if client else {}
        self._headers = {"Accept": "application/json"} | dict(headers)
        self._tokens = tokens

    def prove_credentials(self) -> None:
        if self._tokens:
            self._tokens.proved()

    def rows(self, entity: str, options: Mapping[str, str], *, top: int) -> Iterator[list[Json]]:
        """All rows of the answer, a page at a time: as the system cuts it, and `top` rows where it does not."""
        skip = 0
        while True:
            got = 0
            query = {**options, "$top": str(top), "$format": "json"} | ({"$skip": str(skip)} if skip else {})
            while query:
                told = Json.parse(self._read(entity, query).body, f"{self._http.supplier_name}: an answer")
                rows = list(told.get("d").get("results").items())
                got += len(rows)
                yield rows
                query = self._next(told.get("d").get("__next"))
            if got < top:
                return
            skip += got

    def _next(self, said: Json) -> dict[str, str]:
        """The question for the next page. Of its address only that counts: the host may be one behind a proxy, and
        nobody else gets our password.
        """
        if not said:
            return {}
        address = said.text(limit=8000)
        query = dict(parse_qsl(urlsplit(address).query, keep_blank_values=True))
        if not {"$skiptoken", "$skip"} & set(query):
            raise said.wrong("an address with a $skiptoken")
        return query

    def _read(self, entity: str, query: Mapping[str, str]) -> Reply:
        url = f"{self._service}/{entity}?{urlencode({**query, **self._client}, quote_via=quote, safe='$,')}"

        def call(authorisation: Mapping[str, str]) -> Reply:
            reply = self._http.read(
                "stock", "GET", url, headers={**self._headers, **authorisation}, accept=ERRORS
            )
            if reply.status in ERRORS:
                raise self._failure(reply)
            return reply

        if self._tokens is None:
            return call({})
        # A token ends at any time, also between two pages: once more with another, for the same page.
        return self._tokens.authorised(lambda token: call({"Authorization": f"Bearer {token}"}))

    def _failure(self, reply: Reply) -> ConnectorError:
        name, status = self._http.supplier_name, reply.status
        said = self._said(reply)
        if status == 401:
            return AuthenticationFailed(f"{name} refused our credentials{said}", status=status)
        if status == 403:
            return AuthenticationFailed(f"{name} does not let us read stock{said}", status=status)
        if status == 404:
            return ProtocolError(
                f"{name} has no stock service at this address{said} Look at the address, and whether"
                " API_MATERIAL_STOCK_SRV is activated there.",
                status=status,
            )
        return ProtocolError(f"{name} refused the question{said}", status=status)

    def _said(self, reply: Reply) -> str:
        """Errors come as {"error": {"code", "message": {"lang", "value"}}}; before signing in often as a web page."""
        try:
            error = Json.parse(reply.body, "the answer").get("error")
            code, words = error.get("code").note(limit=60), error.get("message").get("value").note(limit=300)
        except ProtocolError:
            code, words = "", ""
        if not code and not words:
            return f" (HTTP {reply.status})."
        words = self._http.redactor.text(" ".join(words.split())).rstrip(".")
        return f" ({code or f'HTTP {reply.status}'}): {words}."
