"""A SAP S/4HANA system as docs/sources/sap.md describes its stock service."""

import hmac
import random
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from werkzeug.routing import Map, Rule
from werkzeug.wrappers import Request, Response

from procurement.sources.sandbox.sample import Sample
from procurement.sources.sandbox.sap import odata, sample
from procurement.sources.sandbox.server import PAGE_SIZE, SandboxSystem
from suppliers.sandbox.app import json_response
from suppliers.sandbox.faults import Kind
from suppliers.sandbox.protocol import Call
from suppliers.sandbox.tokens import Tokens, basic_pair
from suppliers.sandbox.trade import Struck
from suppliers.sandbox.web import routed

STOCK = "/sap/opu/odata/sap/API_MATERIAL_STOCK_SRV/A_MatlStkInAcctMod"
TOKEN = "/sap/bc/sec/oauth2/token"  # noqa: S105  an address
ROUTES = Map(
    [Rule(TOKEN, endpoint="token", methods=["POST"]), Rule(STOCK, endpoint="stock", methods=["GET"])]
)


class System(SandboxSystem):
    """Its switches stand for how systems differ."""

    def __init__(self, page_size: int = PAGE_SIZE) -> None:
        super().__init__(page_size)
        self.rows: list[dict[str, str]] = []
        self.hidden: set[str] = set()  # fields that are gone
        self.untold: set[str] = set()  # fields that are not told, without a word
        self.authentication = "basic"
        self.client = ""  # which sap-client opens
        self.digits = 18  # to which numbers are filled up with zeros
        self.told_short = True  # numbers come and are asked for without their zeros
        self.in_order = True
        self.asked: list[dict[str, str]] = []
        self._tokens = Tokens({self.reader.client_id: self.reader}, lifetime=7200.0)

    def load(self, world: Mapping[str, Any]) -> None:
        for row in world["stock"]:
            self.add(**row)

    def add(self, **row: str) -> None:
        """A row more, whether or not there is one of the same keys."""
        whole = odata.EMPTY | row
        self.rows.append(whole | {"Material": self.kept(whole["Material"])})

    # -- the sample ------------------------------------------------------------------------------------------
    def fill(self, told: Sample) -> None:
        for row in sample.rows(told):
            self.add(**row)

    def saved(self) -> dict[str, Any]:
        return {"stock": self.rows}

    def live_on(self, dice: random.Random) -> list[str]:
        return sample.live_on(self.rows, dice)

    def sample_settings(self, site: str) -> dict[str, str]:
        return {"plants": f"1010 = {site}"}

    def account_settings(self, origin: str) -> dict[str, str]:
        return {
            "base_url": origin,
            "token_url": origin + TOKEN,
            "authentication": self.authentication,
            "plants": "1010 = main\n1020 = north\n1020/SHOP = main\n9000 = -",
        }

    def account_credentials(self) -> dict[str, str]:
        name, secret = self.reader.client_id, self.reader.client_secret
        return {
            "username": name,
            "password": secret,
            "client_id": name,
            "client_secret": secret,
            "api_key": secret,
        }

    def recognise(self, request: Request) -> Call | Response | None:
        found = routed(ROUTES, request)
        if not isinstance(found, tuple):
            return found
        if found[0] == "token":
            return self._tokens.recognise(request)

        def act(struck: Struck) -> Response:
            if not self._signed_in(request, struck):
                return Response("<html><title>Logon Error</title></html>", 401, content_type="text/html")
            return self._answer(request)

        return Call(self.reader, "more" if "$skiptoken" in request.args else "stock", act)

    def _signed_in(self, request: Request, struck: Struck) -> bool:
        if self.client and request.args.get("sap-client") != self.client:
            return False
        if self.authentication == "oauth2":
            return bool(self._tokens.holder(request, struck))
        name, secret = basic_pair(request)
        if self.authentication == "api_key":
            name, secret = self.reader.client_id, request.headers.get("APIKey", "")
        right = hmac.compare_digest(secret.encode(), self.reader.client_secret.encode())
        return right and name == self.reader.client_id and Kind.TOKEN_EXPIRED not in struck

    def _answer(self, request: Request) -> Response:
        asked = dict(request.args)
        self.asked.append(asked)
        try:
            rows = odata.found(self._sorted(), asked, hidden=self.hidden, kept=self.kept)
        except odata.Refused as error:
            return _error(400, "005056A509B11EE1B9A8FEC11C21D78E", str(error))
        if asked.get("$format") != "json":
            return Response("<feed/>", content_type="application/atom+xml")
        start = int(asked.get("$skiptoken", 0))
        part = [self._told(row, asked, request) for row in rows[start : start + self.page_size]]
        told: dict[str, Any] = {"results": part}
        if start + self.page_size < len(rows):
            more = asked | {"$skiptoken": str(start + self.page_size)}
            more.pop("sap-client", None)
            told["__next"] = f"https://behind-the-proxy.invalid:44300{STOCK}?{urlencode(more)}"
        return json_response({"d": told})

    def _sorted(self) -> list[dict[str, str]]:
        if not self.in_order:
            return list(self.rows)
        return sorted(self.rows, key=lambda row: tuple(row[name] for name in odata.KEYS))

    def _told(self, row: Mapping[str, str], asked: Mapping[str, str], request: Request) -> dict[str, Any]:
        wanted = asked["$select"].split(",") if "$select" in asked else list(row)
        told: dict[str, Any] = {name: row[name] for name in wanted if name not in self.untold}
        if self.told_short and "Material" in told and told["Material"].isdigit():
            told["Material"] = told["Material"].lstrip("0") or "0"
        kind = "API_MATERIAL_STOCK_SRV.A_MatlStkInAcctModType"
        return {"__metadata": {"uri": f"{request.base_url}(...)", "type": kind}} | told

    def kept(self, material: str) -> str:
        if not (material.isascii() and material.isdigit()):
            return material
        return material.zfill(self.digits)


def _error(status: int, code: str, words: str) -> Response:
    return json_response({"error": {"code": code, "message": {"lang": "en", "value": words}}}, status)
