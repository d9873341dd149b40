"""A Salesforce organisation as docs/sources/salesforce.md describes its REST API."""

import json
import secrets
from collections.abc import Mapping
from typing import Any

from werkzeug.routing import Map, Rule
from werkzeug.wrappers import Request, Response

from procurement.sources.sandbox.salesforce import soql
from procurement.sources.sandbox.salesforce.organisation import NoSuchField, Organisation
from procurement.sources.sandbox.server import PAGE_SIZE, SandboxSystem
from suppliers.sandbox.app import json_response
from suppliers.sandbox.protocol import Call
from suppliers.sandbox.tokens import Tokens
from suppliers.sandbox.trade import Struck
from suppliers.sandbox.web import routed

DATA = "/services/data/<version>"
ROUTES = Map(
    [
        Rule("/services/oauth2/token", endpoint="token", methods=["POST"]),
        Rule(f"{DATA}/query/", endpoint="query", methods=["GET"]),
        Rule(f"{DATA}/queryAll/", endpoint="queryAll", methods=["GET"]),
        Rule(f"{DATA}/query/<locator>", endpoint="more", methods=["GET"]),
    ]
)


class System(SandboxSystem):
    def __init__(self, page_size: int = PAGE_SIZE) -> None:
        super().__init__(page_size)
        self.organisation = Organisation()
        self._tokens = Tokens({self.reader.client_id: self.reader}, lifetime=7200.0)
        self._answers: dict[str, list[dict[str, Any]]] = {}  # queries that are being read page by page

    def load(self, world: Mapping[str, Any]) -> None:
        for sobject, rows in world.items():
            for row in rows:
                self.organisation.put(sobject, row)

    def account_settings(self, origin: str) -> dict[str, str]:
        return {"base_url": origin}

    def account_credentials(self) -> dict[str, str]:
        return {"client_id": self.reader.client_id, "client_secret": self.reader.client_secret}

    def recognise(self, request: Request) -> Call | Response | None:
        found = routed(ROUTES, request)
        if not isinstance(found, tuple):
            return found
        endpoint, values = found
        if endpoint == "token":
            call = self._tokens.recognise(request)
            if isinstance(call, Response):
                return call
            return Call(call.supplier, "token", lambda struck: _token(call.act(struck)))

        def act(struck: Struck) -> Response:
            if not self._tokens.holder(request, struck):
                return _errors(401, "INVALID_SESSION_ID", "Session expired or invalid")
            return self._counted(self._answer(request, endpoint, values))

        return Call(self.reader, "more" if endpoint == "more" else "query", act)

    def _counted(self, response: Response) -> Response:
        organisation = self.organisation
        if organisation.used >= organisation.allowed:
            response = _errors(403, "REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded.")
        else:
            organisation.used += 1
        response.headers["Sforce-Limit-Info"] = f"api-usage={organisation.used}/{organisation.allowed}"
        return response

    def _answer(self, request: Request, endpoint: str, values: Mapping[str, Any]) -> Response:
        if endpoint == "more":
            locator, _, start = str(values["locator"]).rpartition("-")
            if locator not in self._answers:
                return _errors(400, "INVALID_QUERY_LOCATOR", "invalid query locator")
            return self._page(values["version"], locator, int(start))
        try:
            rows = soql.run(self.organisation, request.args.get("q", ""), deleted=endpoint == "queryAll")
        except NoSuchField as error:
            return _errors(400, "INVALID_FIELD", str(error))
        except soql.Malformed as error:
            return _errors(400, "MALFORMED_QUERY", str(error))
        locator = f"0r8{secrets.token_hex(8)}"
        self._answers[locator] = rows
        return self._page(values["version"], locator, 0)

    def _page(self, version: str, locator: str, start: int) -> Response:
        rows, end = self._answers[locator], start + self.page_size
        told: dict[str, Any] = {"totalSize": len(rows), "done": end >= len(rows), "records": rows[start:end]}
        if not told["done"]:
            told["nextRecordsUrl"] = f"/services/data/{version}/query/{locator}-{end}"
        return json_response(told)


def _token(response: Response) -> Response:
    """Without the lifetime, which Salesforce does not tell."""
    told = json.loads(response.get_data())
    return json_response({"access_token": told["access_token"], "token_type": "Bearer", "scope": "api"})


def _errors(status: int, code: str, message: str) -> Response:
    return json_response([{"message": message, "errorCode": code}], status)
