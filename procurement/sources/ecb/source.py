"""Reference rates of the European Central Bank: each working day, against the euro.

The list of the last 90 days is read first, and again where days may have been missed; otherwise that of the day.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from procurement.sources.base import Capability, Cursor, Entry, Page, Source, UnreadableRecord
from procurement.sources.rate_xml import RatesOfADay, days_in
from procurement.sources.web import http_client
from suppliers.connectors.account import SettingField
from suppliers.connectors.network import url_problem
from suppliers.exceptions import ConnectorConfigurationError

NEWEST, LAST_90_DAYS = "eurofxref-daily.xml", "eurofxref-hist-90d.xml"
SETTINGS = (
    SettingField(
        "base_url",
        "Address",
        default="https://www.ecb.europa.eu/stats/eurofxref",
        help=f"Where {NEWEST} and {LAST_90_DAYS} lie.",
        required=True,
    ),
    SettingField("timeout_seconds", "Seconds to wait for an answer", default="20"),
)


class EcbSource(Source):
    kind = "ecb"
    label = "ECB exchange rates"
    credential_fields = ()
    setting_fields = SETTINGS

    @classmethod
    def problem_with(cls, name: str, value: str) -> str:
        value = value.strip()
        if name == "base_url":
            return url_problem(value)
        if not value.isascii() or not value.isdigit() or len(value) > 2 or not 1 <= int(value) <= 40:
            return "Enter whole seconds, from 1 to 40."
        return ""

    def open(self) -> None:
        for declared in SETTINGS:
            if problem := self.problem_with(declared.name, self.setting(declared.name)):
                raise ConnectorConfigurationError(f"{declared.label}: {problem}")
        self._http = http_client(self, seconds=float(self.setting("timeout_seconds")))

    def close(self) -> None:
        self._http.close()

    @property
    def capabilities(self) -> frozenset[Capability]:
        return frozenset({Capability.RATES})

    def check(self) -> str:
        day = self._read(NEWEST)[-1]
        return f"Read the rates of {day.date:%-d %b %Y}: {len(day.records)} currencies against the euro."

    def fetch(self, cursor: Cursor) -> Iterator[Page]:
        """A cursor has the `day` up to which all was told in this reading, or the last one of a reading that `ended`:
        that day is told again, as it may have been corrected since.
        """
        said = cursor.get("day") or cursor.get("ended")
        known = told = date.fromisoformat(said) if said else None
        newest = self._read(NEWEST) if known else []
        if told and "ended" in cursor:
            told -= timedelta(days=1)
        if known is None or newest[-1].date > known + timedelta(days=1):
            for day in self._after(told, self._read(LAST_90_DAYS)):
                yield self._page(day)
                told = day.date if day.records else told  # what could not be read is asked for again
        for day in self._after(told, newest or self._read(NEWEST)):
            yield self._page(day)
            told = day.date if day.records else told
        yield Page(entries=(), cursor={"ended": told.isoformat()} if told else {})

    def _after(self, told: date | None, days: Sequence[RatesOfADay]) -> list[RatesOfADay]:
        return [day for day in days if told is None or day.date > told]

    def _page(self, day: RatesOfADay) -> Page:
        # Without their lines, which differ from one document to the other.
        entries: list[Entry] = [replace(record, line=0) for record in day.records]
        for problem in day.problems:
            words = f"{day.date:%-d %b %Y}, {problem.column} {problem.value!r} {problem.reason}."
            entries.append(UnreadableRecord(external_id=day.date.isoformat(), problem=words))
        reached = {"day": day.date.isoformat()} if day.records else None
        return Page(entries=entries, cursor=reached)

    def _read(self, document: str) -> list[RatesOfADay]:
        url = f"{self.setting('base_url').rstrip('/')}/{document}"
        reply = self._http.read("rates", "GET", url, headers={"Accept": "application/xml"})
        what = f"{self.config.name}: {document}"
        return days_in(reply.body, what, today=datetime.now(UTC).date())
