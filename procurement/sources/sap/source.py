"""Stock of a SAP system: every reading is a whole one, material by material.

A material is many rows, one a batch and storage location, and pages cut through them. Rows are asked for in the order
of materials, and a page of ours has materials whose last row was seen: so a sum is never a part of one, and a reading
goes on after the last material that was taken over. What was not told by the end of a reading is used up.
"""

import base64
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from procurement.sources.base import Capability, Cursor, Entry, Page, Source, StockEnd
from procurement.sources.sap.client import SapClient
from procurement.sources.sap.mapping import KEYS, READ, UNRESTRICTED, Material, Order, of_plants
from procurement.sources.sap.settings import CREDENTIALS, SETTINGS, Settings, problem_with
from procurement.sources.web import http_client
from suppliers.connectors.jsondata import Json
from suppliers.connectors.oauth import ClientCredentials
from suppliers.exceptions import ProtocolError

STOCK = "A_MatlStkInAcctMod"
AVAILABLE = f"InventoryStockType eq '{UNRESTRICTED}' and InventorySpecialStockType eq ''"


@dataclass(slots=True)
class _Reading:
    """How far a reading has come."""

    begun: datetime
    after: str = ""  # the last material that was read whole
    seen: Counter[str] = field(default_factory=Counter)  # how many materials lie in a plant
    unmapped: Counter[str] = field(default_factory=Counter)

    @classmethod
    def taken_up(cls, cursor: Cursor) -> "_Reading":
        if "begun" not in cursor:
            return cls(datetime.now(UTC))
        begun = datetime.fromisoformat(cursor["begun"])
        return cls(begun, cursor["after"], Counter(cursor["seen"]), Counter(cursor["unmapped"]))

    def cursor(self) -> Cursor:
        return {
            "begun": self.begun.isoformat(),
            "after": self.after,
            "seen": dict(self.seen),
            "unmapped": dict(self.unmapped),
        }

    def passed(self, material: Material) -> None:
        self.after = material.number
        self.seen.update(material.plants)
        self.unmapped.update(material.unmapped)


class SapSource(Source):
    kind = "sap"
    label = "SAP S/4HANA stock"
    credential_fields = CREDENTIALS
    setting_fields = SETTINGS

    @classmethod
    def problem_with(cls, name: str, value: str) -> str:
        return problem_with(name, value)

    def open(self) -> None:
        self._settings = Settings.of(self.setting)
        self._http = http_client(self, seconds=self._settings.timeout)
        try:
            headers, tokens = self._way_in()
        except Exception:
            self._http.close()
            raise
        self._client = SapClient(
            self._http,
            base_url=self._settings.base_url,
            client=self._settings.client,
            headers=headers,
            tokens=tokens,
        )

    def _way_in(self) -> tuple[Mapping[str, str], ClientCredentials | None]:
        match self._settings.authentication:
            case "oauth2":
                return {}, ClientCredentials(
                    self._http,
                    token_url=self._settings.token_url,
                    client_id=self.credential("client_id"),
                    client_secret=self.credential("client_secret"),
                )
            case "api_key":
                return {"APIKey": self.credential("api_key")}, None
        pair = f"{self.credential('username')}:{self.credential('password')}"
        encoded = base64.b64encode(pair.encode()).decode()
        self._http.redactor.add(encoded)
        return {"Authorization": f"Basic {encoded}"}, None

    def close(self) -> None:
        self._http.close()

    @property
    def capabilities(self) -> frozenset[Capability]:
        return frozenset({Capability.STOCK})

    def check(self) -> str:
        self._client.prove_credentials()
        next(self._client.rows(STOCK, self._question(""), top=1))
        return "Signed in; stock can be read."

    # -- reading ---------------------------------------------------------------------------------------------
    def fetch(self, cursor: Cursor) -> Iterator[Page]:
        reading = _Reading.taken_up(cursor)
        while page := self._next_page(reading):
            yield page
        whole, problems = of_plants(self._settings.plants, reading.seen, reading.unmapped)
        told_of = tuple(sorted(self._settings.plants.of_sites()))
        ends: list[Entry] = [
            StockEnd(external_id=f"site {site}", site=site, told_of=told_of) for site in whole
        ]
        ends = ends or [StockEnd(external_id="every site", site="", told_of=told_of)]
        yield Page(entries=problems + ends, cursor=None, as_of=reading.begun)
        yield Page(entries=(), cursor={})

    def _next_page(self, reading: _Reading) -> Page | None:
        """The materials that follow, each whole; None after the last.

        Every question begins with a material: one that is changed while we read cannot push rows of another one from
        a page that is still to come into one that was.
        """
        as_of = datetime.now(UTC)
        order = Order(self._settings.numbers, reading.after)
        done, entries = False, list[Entry]()
        current: Material | None = None
        for rows in self._client.rows(STOCK, self._question(reading.after), top=self._settings.page_rows):
            for row in rows:
                number = self._checked(row)
                if current is None or number != current.number:
                    if not order.proceed(number):
                        raise ProtocolError(self._out_of_order(number))
                    if current is not None:
                        entries += current.entries()
                        reading.passed(current)
                        done = True
                    current = Material(number, self._settings.numbers.sku(number))
                current.add(row, self._settings.plants, self._settings.units)
            if done:  # the rest of `current` may be in the next page: it is asked for again, as the first one
                return Page(entries=entries, cursor=reading.cursor(), as_of=as_of)
        if current is None:
            return None
        reading.passed(current)
        return Page(entries=current.entries(), cursor=reading.cursor(), as_of=as_of)

    def _question(self, after: str) -> dict[str, str]:
        chosen = AVAILABLE
        if after:
            number = self._settings.numbers.kept(after).replace("'", "''")
            chosen = f"Material gt '{number}' and {chosen}"
        return {"$filter": chosen, "$orderby": ",".join(KEYS), "$select": ",".join(READ)}

    def _checked(self, row: Json) -> str:
        """Whose row it is. A field that is not there at all is missing everywhere: nothing is read any more."""
        material = row.get("Material").text(limit=40)
        for name in READ:
            if name not in row.value:
                raise ProtocolError(f"{self.config.name} has changed: its stock has no {name} any more.")
        return material

    def _out_of_order(self, material: str) -> str:
        return (
            f"{self.config.name} tells stock in another order than that of materials (at {material}), so nobody could"
            " say which sums are whole. Correct “Digits of a material number” (0 where numbers are kept as told)."
        )
