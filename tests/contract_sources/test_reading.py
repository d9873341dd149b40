"""Whatever the source: it may be broken off anywhere and goes on from there, says how things are, and hides secrets.

None of these tests has a database.
"""

import json
from collections.abc import Iterable
from dataclasses import MISSING, asdict, fields
from typing import Any

import pytest

from procurement.sources import base
from procurement.sources.base import Capability, Cursor, Entry, Page, Source, UnreadableRecord
from procurement.sources.sandbox.server import SourceSandbox
from suppliers.exceptions import ConnectorError
from suppliers.sandbox.faults import Fault, Kind
from tests.contract_sources.conftest import FIXTURES, source_for
from tests.sources.accounts import PAGED

MOST_ENTRIES = 10_000  # in one page


def state(pages: Iterable[Page], before: dict[str, list[Entry]] | None = None) -> dict[str, list[Entry]]:
    """What is known after these pages, by entry: a later page replaces what an earlier one said of it."""
    known = dict(before or {})
    for page in pages:
        told: dict[str, list[Entry]] = {}
        for entry in page.entries:
            told.setdefault(entry.external_id, []).append(entry)
        known |= told
    return known


def kept(cursor: Cursor) -> Cursor:
    """As it comes back out of a database."""
    return json.loads(json.dumps(cursor))


def as_json(entries: Iterable[Entry]) -> list[Any]:
    return [json.loads(json.dumps({"type": type(e).__name__} | asdict(e), default=str)) for e in entries]


def essential(told: dict[str, Any]) -> dict[str, Any]:
    """Without what every entry of its type has where nothing is said."""
    usual = {f.name: f.default for f in fields(getattr(base, told["type"])) if f.default is not MISSING}
    usual = json.loads(json.dumps(usual, default=str))
    said = {name: value for name, value in told.items() if name not in usual or value != usual[name]}
    return said | {"lines": [essential(line | {"type": "ProposedLine"}) for line in said.get("lines", ())]}


@pytest.mark.parametrize(
    ("kind", "path"),
    [(kind, path) for kind in PAGED for path in sorted((FIXTURES / kind).glob("*.json"))],
    ids=lambda value: value if isinstance(value, str) else value.stem,
)
def test_fixture_is_read_as_it_is_meant(kind, path):
    told = json.loads(path.read_text(encoding="utf-8"))
    with SourceSandbox(kind) as sandbox, source_for(sandbox, kind) as source:
        sandbox.system.load(told["world"])
        known = state(source.fetch({}))
    entries = [entry for _, found in sorted(known.items()) for entry in found]
    assert [essential(e) for e in as_json(entries)] == [essential(e) for e in told["expected"]]
    assert any(isinstance(entry, UnreadableRecord) for entry in entries) == ("-bad-" in path.name)


def test_check_proves_that_it_works_in_a_sentence(source: Source):
    assert source.check().endswith(".")


def test_reading_begun_at_any_page_ends_at_the_same_state(source: Source):
    pages = list(source.fetch({}))
    assert len(pages) > 3
    whole = state(pages)
    for at, page in enumerate(pages):
        if page.cursor is not None:
            assert state(source.fetch(kept(page.cursor)), state(pages[: at + 1])) == whole


def test_reading_again_brings_no_news(source: Source):
    pages = list(source.fetch({}))
    again = list(source.fetch(kept(pages[-1].cursor)))
    assert state(again, state(pages)) == state(pages)
    for end in (pages[-1], again[-1]):
        assert not end.entries
        assert end.cursor is not None


def test_pages_are_small_and_have_an_entry_whole(source: Source):
    for page in source.fetch({}):
        ids = [entry.external_id for entry in page.entries]
        assert len(ids) <= MOST_ENTRIES
        together = [
            external_id for at, external_id in enumerate(ids) if at == 0 or ids[at - 1] != external_id
        ]
        assert len(together) == len(set(together))


def test_single_entries_are_as_the_whole_reading_has_them(source: Source):
    if Capability.ENTRIES not in source.capabilities:
        with pytest.raises(LookupError, match="has no single entries"):
            source.fetch_entries(["1"])
        return
    whole = state(source.fetch({}))
    assert state(source.fetch_entries(sorted(whole))) == whole
    assert list(source.fetch_entries([])) == []


@pytest.mark.parametrize(
    "fault",
    [
        Fault(kind=Kind.TOKEN_EXPIRED, count=1),
        Fault(kind=Kind.RATE_LIMITED, seconds=0, count=1),
        Fault(kind=Kind.RATE_LIMITED, seconds=3600, count=1),
        Fault(kind=Kind.BROKEN_BODY, count=1),
        Fault(kind=Kind.RESET_AFTER, count=1),
        Fault(kind=Kind.ERROR_BEFORE, status=503, count=1),
        Fault(kind=Kind.ERROR_AFTER, status=500, count=1),
        Fault(kind=Kind.REDIRECT, count=1),
    ],
    ids=lambda fault: f"{fault.kind}-{fault.seconds:.0f}",
)
def test_trouble_in_the_middle_costs_no_entry(source: Source, sandbox: SourceSandbox, fault: Fault):
    whole = state(source.fetch({}))
    taken: list[Page] = []
    failure = None
    try:
        for page in source.fetch({}):
            taken.append(page)
            if len(taken) == 1:
                sandbox.faults.set(fault)
    except ConnectorError as error:
        failure = error
    if failure is not None:
        assert "Acme" in str(failure)
        last = next(page.cursor for page in reversed(taken) if page.cursor is not None)
        taken += source.fetch(kept(last))
    assert not [fault for fault in sandbox.faults.listed() if fault["count"]]  # it struck
    assert state(taken) == whole


def test_no_message_shows_a_secret(kind: str, sandbox: SourceSandbox):
    sandbox.faults.set(Fault(kind=Kind.TOKEN_EXPIRED))
    with source_for(sandbox, kind) as source:
        with pytest.raises(ConnectorError) as refused:
            list(source.fetch({}))
        for secret in source.secrets:
            assert secret not in f"{refused.value} {refused.value.detail}"
            assert secret not in repr(source.config)
