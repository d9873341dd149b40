"""Purchase orders that Valerdat proposes, always whole.

Its list knows days and no times: whatever changed today is listed all day long, and is the same for whoever looks at
the contents. So the day that the next reading begins with is never later than the day of the list itself.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime

from procurement.sources.base import Capability, Cursor, Entry, Page, Source, UnreadableRecord
from procurement.sources.valerdat.client import OrderNotHad, ValerdatClient
from procurement.sources.valerdat.mapping import listed_ids, order_entry
from procurement.sources.valerdat.settings import CREDENTIALS, SETTINGS, Settings, problem_with
from procurement.sources.web import http_client
from suppliers.exceptions import ProtocolError

GONE = (404, 410)
TRIED = 5  # orders, to prove that they can be read


class ValerdatSource(Source):
    kind = "valerdat"
    label = "Valerdat"
    credential_fields = CREDENTIALS
    setting_fields = SETTINGS

    @classmethod
    def problem_with(cls, name: str, value: str) -> str:
        return problem_with(name, value)

    def open(self) -> None:
        self._settings = Settings.of(self.setting)
        self._looked_at: set[str] = set()  # in this reading, before its list
        self._all: frozenset[str] | None = None
        self._http = http_client(self, seconds=self._settings.timeout)
        self._client = ValerdatClient(
            self._http,
            self._settings,
            customer=self.credential("customer"),
            username=self.credential("username"),
            password=self.credential("password"),
        )

    def close(self) -> None:
        self._http.close()

    @property
    def capabilities(self) -> frozenset[Capability]:
        return frozenset({Capability.PROPOSALS, Capability.ENTRIES})

    def check(self) -> str:
        """Asks for the list, and for the details of a few orders, so that a wrong path shows now and not at night."""
        listed, at = self._client.changed_since(self._settings.start)
        ids = listed_ids(listed, self._settings.paths)
        tried = [self._entry(external_id) for external_id in ids[-TRIED:]]
        unreadable = [entry.problem for entry in tried if isinstance(entry, UnreadableRecord)]
        if unreadable and len(unreadable) == len(tried):
            raise ProtocolError(f"{self.config.name}: {unreadable[0]}")
        since = self._settings.start
        return (
            f"Signed in; {len(ids):,} order{'s' if len(ids) != 1 else ''} since {since}, by {at:%H:%M} UTC."
        )

    def fetch(self, cursor: Cursor) -> Iterator[Page]:
        listed, at = self._client.changed_since(self._since(cursor))
        today = at.astimezone(self._settings.zone).date()
        # Of a reading that was broken off, the day of its first list: what changed after that list comes again.
        begun = min(today, date.fromisoformat(cursor["begun"])) if cursor.get("begun") else today
        after = cursor.get("after", "")
        going_on = {"begun": begun.isoformat()} | ({"since": cursor["since"]} if "since" in cursor else {})
        for external_id in listed_ids(listed, self._settings.paths):
            # What changed since it was looked at is listed again: the next reading begins a day before.
            if external_id > after and external_id not in self._looked_at:
                yield Page(entries=(self._entry(external_id),), cursor=going_on | {"after": external_id})
        yield Page(entries=(), cursor={"since": begun.isoformat()})

    def fetch_entries(self, external_ids: Sequence[str]) -> Iterator[Page]:
        for external_id in external_ids:
            self._looked_at.add(external_id)
            entry = self._entry(external_id)
            if isinstance(entry, UnreadableRecord) and entry.gone and external_id in self._listed():
                entry = replace(entry, gone=False)
            yield Page(entries=(entry,), cursor=None)

    def _listed(self) -> frozenset[str]:
        """All they have, once a reading: what is in it cannot be gone, whatever its details say."""
        if self._all is None:
            listed, _ = self._client.changed_since(self._settings.start)
            self._all = frozenset(listed_ids(listed, self._settings.paths))
        return self._all

    def _since(self, cursor: Cursor) -> date:
        start = self._settings.start
        if "since" not in cursor:
            return start
        today = datetime.now(UTC).astimezone(self._settings.zone).date()
        known = min(date.fromisoformat(cursor["since"]), today)  # a clock may have been in the future
        return max(start, known - self._settings.overlap)

    def _entry(self, external_id: str) -> Entry:
        try:
            order = self._client.order(external_id)
        except OrderNotHad as error:
            problem = f"Order {external_id}: {error}"[:400]
            return UnreadableRecord(external_id=external_id, problem=problem, gone=error.status in GONE)
        return order_entry(
            external_id,
            order,
            self._settings.paths,
            suppliers=self._settings.suppliers,
            statuses=self._settings.statuses,
        )
