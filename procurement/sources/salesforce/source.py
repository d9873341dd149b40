"""Customer orders of a Salesforce organisation, always whole: what changed is only the reason to read an order again.

A change of an item does not move its order's time stamp, so both are asked for changes. Transactions that take long
become visible late and with an early stamp: every reading begins some minutes before the last one began.
"""

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from procurement.sources.base import (
    Capability,
    Cursor,
    CustomerOrderGone,
    Entry,
    EventContents,
    Page,
    Source,
)
from procurement.sources.salesforce import events
from procurement.sources.salesforce.client import SalesforceClient
from procurement.sources.salesforce.mapping import Fields, at, order_entries, record_id
from procurement.sources.salesforce.settings import CREDENTIALS, SETTINGS, Settings, problem_with
from procurement.sources.web import http_client
from suppliers.connectors.base import CallbackReply, CallbackRequest
from suppliers.connectors.jsondata import Json
from suppliers.connectors.jwt_bearer import JwtBearer
from suppliers.connectors.oauth import ClientCredentials, Tokens
from suppliers.messages import RawDocument

AT_ONCE = 200  # orders in one question and one page
REMEMBERED = 20_000  # orders that a reading need not read twice
ORIGINAL = "OriginalOrderItem.OrderId"  # the order that an item of a reduction order takes something off
REDUCTION_FIELDS = ("OriginalOrderItemId", ORIGINAL, "Quantity", "Order.Status", "Order.StatusCode")
STREAMS = {"orders": "Order", "items": "OrderItem"}
# What to do when a signed request for a token is refused, by a part of what is said.
REFUSALS = {
    "expired": "The request was out of date when it arrived.",
    "audience": "Correct “Audience”: https://login.salesforce.com, or https://test.salesforce.com for a sandbox.",
    "assertion": "The private key does not belong to the certificate of the app, or the consumer key to another app.",
    "approved": "The user must be allowed beforehand to use the app: by its permission sets or profiles.",
    "client identifier": "Correct the consumer key.",
}


@dataclass(frozen=True, slots=True)
class _Reading:
    """How far a reading has come. All changes before `since` are known; a new reading has neither of the others."""

    since: datetime | None
    begun: datetime | None = None
    stream: str = "orders"
    at: datetime | None = None  # the stamp of the last change seen in the stream
    id: str = ""  # and its id, as others may share the stamp

    @classmethod
    def taken_up(cls, cursor: Cursor) -> "_Reading":
        def moment(name: str) -> datetime | None:
            return datetime.fromisoformat(cursor[name]) if cursor.get(name) else None

        return cls(
            moment("since"),
            moment("begun"),
            cursor.get("stream", "orders"),
            moment("at"),
            cursor.get("id", ""),
        )

    def cursor(self) -> Cursor:
        told = {"since": self.since, "begun": self.begun, "at": self.at}
        moments = {name: value.isoformat() for name, value in told.items() if value}
        return {"stream": self.stream, "id": self.id} | moments


class SalesforceSource(Source):
    kind = "salesforce"
    label = "Salesforce"
    credential_fields = CREDENTIALS
    setting_fields = SETTINGS

    @classmethod
    def problem_with(cls, name: str, value: str) -> str:
        return problem_with(name, value)

    def open(self) -> None:
        self._settings = Settings.of(self.setting)
        self._http = http_client(self, seconds=self._settings.timeout, usage_header="Sforce-Limit-Info")
        try:
            tokens = self._tokens()
        except Exception:
            self._http.close()
            raise
        self._client = SalesforceClient(
            self._http,
            tokens,
            base_url=self._settings.base_url,
            version=self._settings.version,
            share=self._settings.share,
        )

    def _tokens(self) -> Tokens:
        token_url = f"{self._settings.base_url.rstrip('/')}/services/oauth2/token"
        client_id = self.credential("client_id")
        if self._settings.authentication == "jwt":
            return JwtBearer(
                self._http,
                token_url=token_url,
                client_id=client_id,
                username=self._settings.username,
                audience=self._settings.audience,
                private_key=self.credential("private_key"),
                hints=REFUSALS,
            )
        return ClientCredentials(
            self._http,
            token_url=token_url,
            client_id=client_id,
            client_secret=self.credential("client_secret"),
        )

    def close(self) -> None:
        self._http.close()

    @property
    def capabilities(self) -> frozenset[Capability]:
        return frozenset({Capability.CUSTOMER_ORDERS, Capability.ENTRIES, Capability.EVENTS})

    def check(self) -> str:
        """Asks for one of everything that is read, so that a field nobody may see shows now and not at night."""
        self._client.prove_credentials()
        for sobject, fields in (("Order", self._fields.of_orders), ("OrderItem", self._item_fields)):
            list(self._client.query(f"{_select(fields, sobject)} LIMIT 1"))
        for stream, sobject in STREAMS.items():
            list(self._client.query(f"{_select(self._change_fields(stream), sobject)} LIMIT 1", deleted=True))
        used = self._client.usage
        calls = f"; {used[0]:,} of {used[1]:,} calls of the last 24 hours are used" if used else ""
        return f"Signed in; orders and their items can be read{calls}."

    # -- reading ---------------------------------------------------------------------------------------------
    def fetch(self, cursor: Cursor) -> Iterator[Page]:
        reading, self._read_now = _Reading.taken_up(cursor), set[str]()
        for stream in list(STREAMS)[list(STREAMS).index(reading.stream) :]:
            if stream != reading.stream:
                reading = replace(reading, stream=stream, at=None, id="")
            for rows in self._client.query(self._changes(reading), deleted=True):
                # The first answer: what is committed after it is found by the next reading.
                reading = replace(reading, begun=reading.begun or rows.answered_at)
                for start in range(0, len(rows.rows), AT_ONCE):
                    part = rows.rows[start : start + AT_ONCE]
                    last = part[-1]
                    reading = replace(reading, at=last.get("SystemModstamp").moment(), id=record_id(last))
                    yield Page(entries=self._changed(stream, part), cursor=reading.cursor())
        begun = reading.begun or datetime.now(UTC)
        yield Page(entries=(), cursor={"since": (begun - self._settings.overlap).isoformat()})

    def fetch_entries(self, external_ids: Sequence[str]) -> Iterator[Page]:
        for start in range(0, len(external_ids), AT_ONCE):
            yield Page(entries=self._orders(external_ids[start : start + AT_ONCE]), cursor=None)

    # -- events ----------------------------------------------------------------------------------------------
    def verify_event(self, request: CallbackRequest) -> RawDocument:
        held = self.config.credentials
        return events.verify(
            request,
            keys=held.get("event_key", ()),
            tokens=held.get("event_token", ()),
            event_id=self.setting("event_id"),
        )

    def event_taken(self, raw: RawDocument) -> CallbackReply | None:
        return events.taken(raw)

    def event_contents(self, raw: RawDocument) -> EventContents:
        return events.contents(
            raw, organization=self.setting("organization_id"), ids=self.setting("event_ids")
        )

    # -- questions -------------------------------------------------------------------------------------------
    def _changes(self, reading: _Reading) -> str:
        """The query for what changed: from a time on, or after the last row that was seen."""
        since = reading.since
        if since is None and reading.stream == "items" and reading.begun:
            # Every order has just been read with its items: only what changed meanwhile is news.
            since = reading.begun - self._settings.overlap
        where = f"SystemModstamp >= {_written(since)}" if since else ""
        if reading.at:
            # Never by the stamp alone: where it is kept more exactly than it is told, the second comes again whole.
            stamp = _written(reading.at)
            where = f"SystemModstamp > {stamp} OR (SystemModstamp = {stamp} AND Id > '{reading.id}')"
        soql = _select(self._change_fields(reading.stream), STREAMS[reading.stream], where)
        return f"{soql} ORDER BY SystemModstamp, Id"

    def _change_fields(self, stream: str) -> list[str]:
        if stream == "orders":
            return ["Id", "SystemModstamp", "IsDeleted"]
        return ["Id", "SystemModstamp", "OrderId", *([ORIGINAL] if self._settings.reductions else [])]

    def _changed(self, stream: str, rows: Sequence[Json]) -> list[Entry]:
        if stream == "orders":
            gone = [record_id(row) for row in rows if row.get("IsDeleted").value is True]
            alive = [record_id(row) for row in rows if row.get("IsDeleted").value is not True]
            if len(self._read_now) < REMEMBERED:
                self._read_now.update(gone, alive)
            return [CustomerOrderGone(external_id=found) for found in gone] + self._orders(alive)
        touched = {record_id(row, "OrderId") for row in rows}
        touched |= {record_id(row, ORIGINAL) for row in rows if at(row, ORIGINAL)}
        # Whole already, a moment ago; what changed since then has a stamp that the next reading goes back to.
        return self._orders(sorted(touched - self._read_now))

    def _orders(self, ids: Sequence[str]) -> list[Entry]:
        """These orders as they are now, and those that they take something off; each once."""
        entries: list[Entry] = []
        waiting, known = list(ids), set(ids)
        while waiting:
            part, waiting = waiting[:AT_ONCE], waiting[AT_ONCE:]
            heads = {record_id(row): row for row in self._rows("Order", self._fields.of_orders, "Id", part)}
            items = self._by_order("OrderId", self._item_fields, heads)
            reductions = (
                self._by_order(ORIGINAL, REDUCTION_FIELDS, heads) if self._settings.reductions else {}
            )
            for found in part:
                if found in heads:
                    entries += order_entries(
                        heads[found],
                        items.get(found, []),
                        reductions.get(found, []),
                        self._fields,
                        self._settings.statuses,
                    )
                else:
                    entries.append(CustomerOrderGone(external_id=found))
            reduced = {
                record_id(row, ORIGINAL) for rows in items.values() for row in rows if at(row, ORIGINAL)
            }
            waiting += sorted(reduced - known)
            known |= reduced
        return entries

    def _by_order(self, key: str, fields: Sequence[str], orders: Collection[str]) -> dict[str, list[Json]]:
        found = defaultdict[str, list[Json]](list)
        for row in self._rows("OrderItem", fields, key, orders):
            found[record_id(row, key)].append(row)
        return found

    def _rows(self, sobject: str, fields: Sequence[str], key: str, ids: Collection[str]) -> Iterator[Json]:
        if ids:
            wanted = ", ".join(f"'{one}'" for one in ids)
            where = f"{key} IN ({wanted}) ORDER BY Id"
            for rows in self._client.query(_select(fields, sobject, where)):
                yield from rows.rows

    @property
    def _fields(self) -> Fields:
        return self._settings.fields

    @property
    def _item_fields(self) -> list[str]:
        more = ["OriginalOrderItemId", ORIGINAL] if self._settings.reductions else []
        return [*self._fields.of_items, *more]


def _select(fields: Sequence[str], sobject: str, where: str = "") -> str:
    """Nothing in it is free text: names of fields were checked when they were entered, ids when they came."""
    return f"SELECT {', '.join(fields)} FROM {sobject}" + (f" WHERE {where}" if where else "")  # noqa: S608


def _written(moment: datetime) -> str:
    """As SOQL has it: UTC, whole seconds, no quotation marks."""
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
