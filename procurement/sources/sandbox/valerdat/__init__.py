"""A planner that proposes orders, as docs/sources/valerdat.md describes what is known and assumed of its API."""

import hmac
import random
from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any

from werkzeug.routing import Map, Rule
from werkzeug.wrappers import Request, Response

from procurement.sources.sandbox.sample import Sample
from procurement.sources.sandbox.server import PAGE_SIZE, SandboxSystem
from procurement.sources.sandbox.valerdat import sample
from suppliers.sandbox.app import error_response, json_response
from suppliers.sandbox.protocol import Call
from suppliers.sandbox.tokens import Tokens
from suppliers.sandbox.trade import Struck
from suppliers.sandbox.web import BadRequest, json_object, routed

CUSTOMER = "acme"
ROUTES = Map(
    [
        Rule("/api/token", endpoint="token", methods=["POST"]),
        Rule("/api/orders", endpoint="list", methods=["GET"]),
        Rule("/api/orders/<external_id>", endpoint="order", methods=["GET"]),
    ]
)


class System(SandboxSystem):
    """Its list knows days and no times: whatever changed on a day is listed for that whole day."""

    def __init__(self, page_size: int = PAGE_SIZE) -> None:
        super().__init__(page_size)
        self._orders: dict[str, tuple[date, dict[str, Any]]] = {}
        self._tokens = Tokens({self.reader.client_id: self.reader}, lifetime=7200.0)

    def load(self, world: Mapping[str, Any]) -> None:
        for told in world["orders"]:
            self.put(told["order"], changed=date.fromisoformat(told["changed"]))

    def put(self, order: Mapping[str, Any], *, changed: date | None = None) -> None:
        """An order is replaced whole, and counts as changed on that day: today."""
        self._orders[order["uuid"]] = (changed or datetime.now(UTC).date(), dict(order))

    def forget(self, external_id: str) -> None:
        """It stays in the list, and has no details any more."""
        self._orders[external_id] = (self._orders[external_id][0], {})

    # -- the sample ------------------------------------------------------------------------------------------
    def fill(self, told: Sample) -> None:
        for order in sample.orders(told):
            self.put(order)

    def saved(self) -> dict[str, Any]:
        return {
            "orders": [
                {"changed": day.isoformat(), "order": {"uuid": key} | order}
                for key, (day, order) in self._orders.items()
            ]
        }

    def live_on(self, dice: random.Random) -> list[str]:
        changed, said = sample.live_on({key: order for key, (_, order) in self._orders.items()}, dice)
        for order in changed:
            self.put(order)
        return said

    def account_settings(self, origin: str) -> dict[str, str]:
        return {"base_url": origin, "start_date": "2026-01-01"}

    def account_credentials(self) -> dict[str, str]:
        reader = self.reader
        return {"customer": CUSTOMER, "username": reader.client_id, "password": reader.client_secret}

    def recognise(self, request: Request) -> Call | Response | None:
        found = routed(ROUTES, request)
        if not isinstance(found, tuple):
            return found
        endpoint, values = found
        if endpoint == "token":
            if not self._let_in(request):
                return error_response(401, "Customer, user name or password are wrong.")
            return Call(self.reader, "token", lambda struck: self._tokens.issued(self.reader))

        def act(struck: Struck) -> Response:
            if not self._tokens.holder(request, struck):
                return error_response(401, "The token is not valid any more.")
            return self._listed(request) if endpoint == "list" else self._order(values["external_id"])

        return Call(self.reader, endpoint, act)

    def _let_in(self, request: Request) -> bool:
        try:
            said = json_object(request.get_data())
        except BadRequest:
            return False
        expected = self.account_credentials()
        return all(
            hmac.compare_digest(str(said.get(name, "")).encode(), value.encode())
            for name, value in expected.items()
        )

    def _listed(self, request: Request) -> Response:
        try:
            since = date.fromisoformat(request.args.get("since", ""))
        except ValueError:
            return error_response(400, "since is a day such as 2026-01-31.")
        return json_response({"uuid": [key for key, (day, _) in self._orders.items() if day >= since]})

    def _order(self, external_id: str) -> Response:
        _, order = self._orders.get(external_id, (None, None))
        return json_response(order) if order else error_response(404, "There is no such order.")
