"""A Salesforce organisation as docs/sources/salesforce.md describes its REST API."""

import json
import random
import secrets
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from werkzeug.routing import Map, Rule
from werkzeug.wrappers import Request, Response

from procurement.sources.sandbox.salesforce import assertions, sample, soql
from procurement.sources.sandbox.salesforce.events import outbound_message
from procurement.sources.sandbox.salesforce.organisation import FIELDS, NoSuchField, Organisation
from procurement.sources.sandbox.sample import Sample
from procurement.sources.sandbox.server import PAGE_SIZE, SandboxSystem, SentEvent
from suppliers.sandbox.app import json_response
from suppliers.sandbox.faults import Kind
from suppliers.sandbox.protocol import Call
from suppliers.sandbox.tokens import Tokens
from suppliers.sandbox.trade import Struck
from suppliers.sandbox.web import routed

CURSORS = 10  # queries that can be read on; the oldest is forgotten for another
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
        if asked_at := world.get("asked_at"):
            self.organisation.asked_at = datetime.fromisoformat(asked_at)
        for sobject in FIELDS:
            for row in world.get(sobject, ()):
                self.organisation.put(sobject, row)

    # -- the sample ------------------------------------------------------------------------------------------
    def fill(self, told: Sample) -> None:
        sample.fill(self.organisation, told)

    def saved(self) -> dict[str, Any]:
        rows: dict[str, Any] = {sobject: self.organisation.rows(sobject) for sobject in FIELDS}
        asked_at = self.organisation.asked_at
        return rows | ({"asked_at": asked_at.isoformat()} if asked_at else {})

    def move_dates(self, days: int) -> None:
        sample.move_dates(self.organisation, days)

    def live_on(self, dice: random.Random) -> list[str]:
        said, changed = sample.live_on(self.organisation, dice)
        self.unannounced += changed
        return said

    def sample_settings(self, site: str) -> dict[str, str]:
        return {"statuses": sample.STATUSES}

    def account_settings(self, origin: str) -> dict[str, str]:
        return {"base_url": origin}

    def account_credentials(self) -> dict[str, str]:
        return {
            "client_id": self.reader.client_id,
            "client_secret": self.reader.client_secret,
            "event_token": self.reader.event_token,
        }

    def event(self, external_ids: Sequence[str]) -> SentEvent:
        return SentEvent(
            f"{self.reader.event_token}/", {"Content-Type": "text/xml"}, outbound_message(external_ids)
        )

    def recognise(self, request: Request) -> Call | Response | None:
        found = routed(ROUTES, request)
        if not isinstance(found, tuple):
            return found
        endpoint, values = found
        if endpoint == "token" and request.form.get("grant_type") == assertions.GRANT:
            refusal = assertions.refusal(request.form, self.reader.client_id, ahead=self.clock_ahead)
            if refusal:
                return refusal
            return Call(self.reader, "token", lambda struck: _token(self._tokens.issued(self.reader)))
        if endpoint == "token":
            call = self._tokens.recognise(request)
            if isinstance(call, Response):
                return call
            return Call(call.supplier, "token", lambda struck: _token(call.act(struck)))

        def act(struck: Struck) -> Response:
            if not self._tokens.holder(request, struck):
                return _errors(401, "INVALID_SESSION_ID", "Session expired or invalid")
            return self._counted(
                self._answer(request, endpoint, values), refused=Kind.CALLS_USED_UP in struck
            )

        return Call(self.reader, "more" if endpoint == "more" else "query", act)

    def _counted(self, response: Response, *, refused: bool) -> Response:
        organisation = self.organisation
        if refused or organisation.used >= organisation.allowed:
            response = _errors(403, "REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded.")
        else:
            organisation.used += 1
        response.headers["Sforce-Limit-Info"] = f"api-usage={organisation.used}/{organisation.allowed}"
        return response

    def _answer(self, request: Request, endpoint: str, values: Mapping[str, Any]) -> Response:
        self.organisation.asked_at = datetime.now(UTC)
        if endpoint == "more":
            locator, _, start = str(values["locator"]).rpartition("-")
            if locator not in self._answers:
                return _errors(400, "INVALID_QUERY_LOCATOR", "invalid query locator")
            return self._page(values["version"], self._answers[locator], locator, int(start))
        try:
            rows = soql.run(self.organisation, request.args.get("q", ""), deleted=endpoint == "queryAll")
        except NoSuchField as error:
            return _errors(400, "INVALID_FIELD", str(error))
        except soql.Malformed as error:
            return _errors(400, "MALFORMED_QUERY", str(error))
        locator = f"0r8{secrets.token_hex(8)}"
        if len(rows) > self.page_size:
            self._remember(locator, rows)
        return self._page(values["version"], rows, locator, 0)

    def _remember(self, locator: str, rows: list[dict[str, Any]]) -> None:
        while len(self._answers) >= CURSORS:
            self._answers.pop(next(iter(self._answers)))
        self._answers[locator] = rows

    def _page(self, version: str, rows: list[dict[str, Any]], locator: str, start: int) -> Response:
        end = start + self.page_size
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
