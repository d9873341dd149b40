"""Whatever a system says or does not say: a sentence at the source's page, the last good state, and on from there.

One table over all sources. Each case happens to a source that is known and has news; afterwards the news comes.
"""

from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from django.contrib.auth.models import Group, User
from django.test import Client
from django.utils import timezone

from procurement.models import SourceAccount, SourceCredential
from procurement.services.roles import BUYER
from procurement.services.syncing import source_check, source_sync
from procurement.sources.base import Cursor, Page, Source
from procurement.sources.registry import source_class
from procurement.sources.sandbox.server import SourceSandbox
from suppliers.connectors import oauth
from suppliers.exceptions import ConnectorError
from suppliers.sandbox.faults import Fault, Kind
from tests.pages.reading import text
from tests.sources.accounts import PAGED, make_products, tables
from tests.sources.planner import propose
from tests.sources.salesforce_org import item
from tests.sources.sap_stock import put
from tests.sources.scenes import SCENES, Scene

pytestmark = pytest.mark.django_db


class Known:
    """A source of a kind that was read, whose system has changed since."""

    def __init__(self, kind: str, sandbox: SourceSandbox) -> None:
        self.kind, self.sandbox = kind, sandbox
        make_products("A", "B", "C")
        self.scene: Scene = SCENES[kind](sandbox)
        self.source = self.scene.begin()
        assert source_sync(source=self.source, by=None).status == "done"
        self.scene.change()
        self.wrong: list[str] = []  # credentials

    def mend(self) -> None:
        self.sandbox.faults.clear()
        SourceCredential.objects.filter(retired_at=None, name__in=self.wrong).delete()
        SourceCredential.objects.update(retired_at=None)
        oauth._slots.clear()


@pytest.fixture
def known(kind: str) -> Iterator[Known]:
    with SourceSandbox(kind, page_size=2) as sandbox:
        yield Known(kind, sandbox)


def fault(**values: object) -> Callable[[Known], None]:
    return lambda known: known.sandbox.faults.set(Fault(**values))


def wrong_secrets(known: Known) -> None:
    oauth._slots.clear()
    known.wrong = [one.name for one in source_class(known.kind).credential_fields if one.secret]
    SourceCredential.objects.filter(name__in=known.wrong).update(retired_at=timezone.now())
    for name in known.wrong:
        SourceCredential.objects.create(account=known.source, name=name, value="wrong-and-never-right")


# What happens, and what is said of it. Servers that fail and connections that break: tests/contract_sources.
FOR_ALL: dict[str, tuple[Callable[[Known], None], str]] = {
    "web page": (fault(kind=Kind.WEB_PAGE), ""),
    "half a gigabyte": (fault(kind=Kind.HUGE_BODY), "its answer is larger than 33554432 bytes"),
    "another encoding": (fault(kind=Kind.OTHER_ENCODING), "is not readable"),
    "half a page": (fault(kind=Kind.BROKEN_BODY), "is not readable"),
    "slow down": (fault(kind=Kind.RATE_LIMITED, seconds=900), "asks us to slow down (HTTP 429)"),
}
WITH_SECRETS = {
    "wrong credentials": (wrong_secrets, "refused our"),
    "revoked token": (fault(kind=Kind.TOKEN_EXPIRED), "refused our"),
}
PAUSED = set(WITH_SECRETS)
LOOKED_AT = {"web page", "wrong credentials"}  # as a person sees it; the others come the same way
PLAIN_WORDS = ("Is the address right, and is the system up?", "Perhaps it is another document.")


def cases() -> Iterator[tuple[str, str]]:
    for kind in PAGED:
        signed_in = any(one.secret for one in source_class(kind).credential_fields)
        for case in FOR_ALL | (WITH_SECRETS if signed_in else {}):
            yield kind, case


@pytest.fixture
def buyer(db: None) -> Client:
    user = User.objects.create_user("reader")
    user.groups.set(Group.objects.filter(name=BUYER))
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture(autouse=True)
def patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is repeated is repeated at once."""
    monkeypatch.setattr("suppliers.connectors.http.HttpClient._pause", lambda self, state: 0)


@pytest.mark.parametrize(("kind", "case"), list(cases()))
def test_it_is_said_at_the_page_and_the_last_good_state_kept(known: Known, case: str, buyer: Client) -> None:
    happening, words = (FOR_ALL | WITH_SECRETS)[case]
    source, before = known.source, tables()
    cursor = SourceAccount.objects.get().cursor
    happening(known)
    run = source_sync(source=source, by=None)
    assert run.status == "failed"
    assert words in run.error
    assert run.error.startswith(source.name)
    assert case != "web page" or run.error.endswith(PLAIN_WORDS)
    assert "wrong-and-never-right" not in run.error
    assert {name: rows for name, rows in tables().items() if rows != before[name]} == {}
    source.refresh_from_db()
    assert source.cursor == cursor
    assert bool(source.paused_reason) == (case in PAUSED)
    if case in LOOKED_AT:
        assert run.error in text(buyer.get(f"/stock/sources/{source.code}/"))
    with pytest.raises(ConnectorError):
        source_check(source=source)
    known.mend()
    assert source_sync(source=source, by=None).status == "done"
    assert tables() != before
    source.refresh_from_db()
    assert source.paused_reason == ""


# -- fields ----------------------------------------------------------------------------------------------------
def renamed_quantity(known: Known) -> None:
    known.sandbox.system.organisation.hidden.add("Quantity")


def untold_quantity(known: Known) -> None:
    known.sandbox.system.hidden.add("MatlWrhsStkQtyInMatlBaseUnit")


def renamed_lines(known: Known) -> None:
    orders = known.sandbox.system._orders
    for key, (day, order) in orders.items():
        orders[key] = day, {"positions" if name == "lines" else name: value for name, value in order.items()}


DRIFTS = {
    "salesforce": (renamed_quantity, "No such column 'Quantity'"),
    "sap": (untold_quantity, "Property MatlWrhsStkQtyInMatlBaseUnit not found"),
    "valerdat": (renamed_lines, "lines is missing, expected a list"),
}


@pytest.mark.parametrize("kind", DRIFTS)
def test_field_that_has_another_name_is_named_and_what_was_known_kept(known: Known, buyer: Client) -> None:
    drift, words = DRIFTS[known.kind]
    before = tables()
    drift(known)
    source_sync(source=known.source, by=None)
    after = tables()
    assert {name for name, rows in after.items() if rows != before[name]} <= {"problems", "codes"}
    assert words in text(buyer.get(f"/stock/sources/{known.source.code}/"))


# -- clocks ----------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("ahead", [timedelta(days=400), timedelta(days=-400)], ids=["ahead", "behind"])
@pytest.mark.parametrize("kind", PAGED)
def test_clock_that_is_wrong_loses_no_change(known: Known, ahead: timedelta) -> None:
    """However the system's clock stands while it is read: what changes afterwards is found."""
    known.sandbox.system.clock_ahead = ahead
    before = tables()
    fresh = SourceAccount.objects.get()
    assert source_sync(source=fresh, by=None).status == "done"
    told = tables()
    assert told != before
    known.sandbox.system.clock_ahead = timedelta(0)
    more_news(known)
    fresh.refresh_from_db()
    assert source_sync(source=fresh, by=None).status == "done"
    assert tables() != told


def more_news(known: Known) -> None:
    system = known.sandbox.system
    match known.kind:
        case "salesforce":
            item(system.organisation, 1, 10, "A", 77, stamp=None)
        case "sap":
            put(system, "A", "77", Batch="B1")
        case "valerdat":
            propose(known.sandbox, 1, ("ald", "A", 77))
        case _:
            system.put("2026-11-20", USD="1.0870", GBP="0.8420", SEK="11.2")


# -- twice -----------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("kind", PAGED)
def test_everything_told_twice_in_one_batch_is_taken_once(
    known: Known, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Pages of one reading may overlap where rows move while they are read."""
    fresh = SourceAccount.objects.get()
    source_type = source_class(known.kind)
    plain = source_type.fetch

    def twice(self: Source, cursor: Cursor) -> Iterator[Page]:
        for page in plain(self, cursor):
            yield page
            if page.entries and page.cursor is not None:
                yield page

    assert source_sync(source=fresh, by=None).status == "done"
    once = tables()
    SourceAccount.objects.update(cursor={})
    fresh.refresh_from_db()
    with monkeypatch.context() as patch:
        patch.setattr(source_type, "fetch", twice)
        assert source_sync(source=fresh, by=None).status == "done"
    assert tables() == once
