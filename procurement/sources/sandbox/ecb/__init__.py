"""A central bank that publishes reference rates, as docs/sources/ecb.md describes them."""

from collections.abc import Mapping
from typing import Any
from xml.sax.saxutils import quoteattr

from werkzeug.routing import Map, Rule
from werkzeug.wrappers import Request, Response

from procurement.sources.sandbox.server import PAGE_SIZE, SandboxSystem
from suppliers.sandbox.app import error_response
from suppliers.sandbox.faults import Kind
from suppliers.sandbox.protocol import Call
from suppliers.sandbox.trade import Struck
from suppliers.sandbox.web import routed

ROUTES = Map(
    [
        Rule("/stats/eurofxref/eurofxref-daily.xml", endpoint="newest", methods=["GET"]),
        Rule("/stats/eurofxref/eurofxref-hist-90d.xml", endpoint="history", methods=["GET"]),
    ]
)
FRAME = """<?xml version="1.0" encoding="UTF-8"?>
<gesmes:Envelope xmlns:gesmes="http://www.gesmes.org/xml/2002-08-01"
                 xmlns="http://www.ecb.int/vocabulary/2002-08-01/eurofxref">
<gesmes:subject>Reference rates</gesmes:subject>
<gesmes:Sender><gesmes:name>Practice bank</gesmes:name></gesmes:Sender>
<Cube>
{days}
</Cube>
</gesmes:Envelope>
"""


class System(SandboxSystem):
    """Days as they were put, by what is written for each currency; the newest first, as the bank has it."""

    def __init__(self, page_size: int = PAGE_SIZE) -> None:
        super().__init__(page_size)
        self.days: dict[str, dict[str, str]] = {}

    def load(self, world: Mapping[str, Any]) -> None:
        for day, rates in world["days"].items():
            self.put(day, **rates)

    def put(self, day: str, **rates: str) -> None:
        self.days[day] = self.days.get(day, {}) | rates

    def account_settings(self, origin: str) -> dict[str, str]:
        return {"base_url": f"{origin}/stats/eurofxref"}

    def account_credentials(self) -> dict[str, str]:
        return {}

    def recognise(self, request: Request) -> Call | Response | None:
        found = routed(ROUTES, request)
        if not isinstance(found, tuple):
            return found
        endpoint, _ = found

        def act(struck: Struck) -> Response:
            if Kind.TOKEN_EXPIRED in struck:
                return error_response(403, "You are not let in.")
            days = sorted(self.days, reverse=True)
            shown = days[:1] if endpoint == "newest" else days[:62]
            return Response(self._document(shown), content_type="text/xml")

        return Call(self.reader, endpoint, act)

    def _document(self, days: list[str]) -> str:
        return FRAME.replace("{days}", "\n".join(self._day(day) for day in days))

    def _day(self, day: str) -> str:
        rates = "\n".join(
            f"<Cube currency={quoteattr(code)} rate={quoteattr(rate)}/>"
            for code, rate in self.days[day].items()
        )
        return f"<Cube time={quoteattr(day)}>\n{rates}\n</Cube>"
