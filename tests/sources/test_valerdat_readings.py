"""How Valerdat is read: by days, from where a reading was broken off, and through all kinds of trouble."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from orders.models import PurchaseOrder, Status
from procurement.models import SourceAccount
from procurement.services.syncing import source_check, source_sync
from procurement.sources.sandbox.server import SourceSandbox
from procurement.sources.valerdat import client
from procurement.sources.valerdat.source import ValerdatSource
from suppliers.exceptions import ProtocolError
from suppliers.sandbox.faults import Fault, Kind
from tests.sources.planner import MAPPING, draft, offers, planner, propose, read, uuid

pytestmark = pytest.mark.django_db


@pytest.fixture
def sandbox() -> Iterator[SourceSandbox]:
    with SourceSandbox("valerdat") as sandbox:
        yield sandbox


@pytest.fixture
def source(db: None, sandbox: SourceSandbox) -> SourceAccount:
    offers(("ald", "A"), ("ald", "B"), ("brk", "C"))
    return planner(sandbox)


def problems(source: SourceAccount) -> list[str]:
    return list(source.problems.values_list("words", flat=True))


# -- days ----------------------------------------------------------------------------------------------------
def since(source: SourceAccount) -> str:
    source.refresh_from_db()
    return source.cursor["since"]


@pytest.mark.parametrize("zone", ["UTC", "Pacific/Kiritimati", "Etc/GMT+12"])
def test_cursor_is_the_day_of_the_list_where_they_are(source, sandbox, zone, monkeypatch):
    source.settings |= {"time_zone": zone}
    source.save()
    monkeypatch.setattr(client, "answered_at", lambda reply: datetime(2026, 6, 1, 10, 30, tzinfo=UTC))
    read(source)
    assert (
        since(source)
        == {"UTC": "2026-06-01", "Pacific/Kiritimati": "2026-06-02", "Etc/GMT+12": "2026-05-31"}[zone]
    )


def test_cursor_that_is_in_the_future_comes_back_to_today(source, sandbox):
    SourceAccount.objects.update(cursor={"since": f"{timezone.now().date() + timedelta(days=30)}"})
    source.refresh_from_db()
    propose(sandbox, 1, ("ald", "A", 1))
    assert read(source).added == 1
    assert since(source) == f"{timezone.now().date()}"


def test_day_of_a_reading_that_was_broken_off_is_that_of_its_first_list(source, sandbox, monkeypatch):
    """What changed on the first day after that list was made is found by the next reading."""
    for n in (1, 2):
        propose(sandbox, n, ("ald", "A", n))
    monkeypatch.setattr(client, "answered_at", lambda reply: datetime(2026, 6, 1, 10, 30, tzinfo=UTC))
    source_sync(source=source, by=None, within=timedelta(0))
    source.refresh_from_db()
    assert source.cursor == {"begun": "2026-06-01", "after": uuid(1)}
    monkeypatch.setattr(client, "answered_at", lambda reply: datetime(2026, 6, 3, 10, 30, tzinfo=UTC))
    read(source)
    assert since(source) == "2026-06-01"
    assert PurchaseOrder.objects.count() == 2


def test_order_of_the_day_before_is_asked_for_once_more(source, sandbox):
    read(source)
    propose(sandbox, 1, ("ald", "A", 1))
    order = sandbox.system._orders[uuid(1)][1]
    sandbox.system.put(order, changed=timezone.now().date() - timedelta(days=1))
    assert read(source).added == 1


def test_nothing_before_the_first_day_is_read(source, sandbox):
    propose(sandbox, 1, ("ald", "A", 1))
    order = sandbox.system._orders[uuid(1)][1]
    sandbox.system.put(order, changed=datetime(2025, 12, 31, tzinfo=UTC).date())
    assert read(source).fetched == 0


def test_what_waits_is_asked_for_once_in_a_reading(source, sandbox):
    propose(sandbox, 1, ("nobody", "A", 1))
    propose(sandbox, 2, ("ald", "A", 1))
    read(source)
    again = read(source)
    assert (again.fetched, again.unchanged, again.failed) == (2, 1, 1)


def test_proposal_that_was_never_taken_and_is_gone_is_nobodys_to_mend(source, sandbox):
    propose(sandbox, 1, ("nobody", "A", 1))
    read(source)
    assert problems(source)
    sandbox.system.forget(uuid(1))
    read(source)
    assert "cannot be had (HTTP 404)" in problems(source)[0]  # it is listed still, so nobody knows
    del sandbox.system._orders[uuid(1)]
    assert read(source).failed == 0
    assert problems(source) == []


def test_proposal_that_was_taken_and_is_gone_stays_listed(source, sandbox):
    propose(sandbox, 1, ("ald", "A", 1))
    read(source)
    propose(sandbox, 1, ("nobody", "A", 2))
    read(source)
    del sandbox.system._orders[uuid(1)]
    read(source)
    assert "cannot be had (HTTP 404)" in problems(source)[0]
    assert draft(1).status == Status.DRAFT


# -- trouble -------------------------------------------------------------------------------------------------
def test_token_that_ends_in_the_middle_of_the_list_is_renewed(source, sandbox):
    for n in range(1, 6):
        propose(sandbox, n, ("ald", "A", n))
    sandbox.faults.set(Fault(kind=Kind.TOKEN_EXPIRED, operation="order", count=1))
    assert read(source).added == 5


def test_half_a_page_is_asked_for_again(source, sandbox):
    propose(sandbox, 1, ("ald", "A", 1))
    sandbox.faults.set(Fault(kind=Kind.BROKEN_BODY, operation="order", count=1))
    run = read(source)
    assert (run.added, run.failed) == (1, 0)


def test_order_that_is_never_whole_costs_the_others_nothing(source, sandbox):
    propose(sandbox, 1, ("ald", "A", 1))
    propose(sandbox, 2, ("ald", "A", 2))
    sandbox.faults.set(Fault(kind=Kind.BROKEN_BODY, operation="order", count=2))
    run = read(source)
    assert (run.added, run.failed) == (1, 1)
    assert "its details is not readable JSON" in problems(source)[0]
    read(source)
    assert PurchaseOrder.objects.count() == 2


def test_being_asked_to_slow_down_is_kept_to_and_costs_no_order(source, sandbox):
    for n in range(1, 4):
        propose(sandbox, n, ("ald", "A", n))
    sandbox.faults.set(Fault(kind=Kind.RATE_LIMITED, operation="order", seconds=600, count=1))
    run = source_sync(source=source, by=None)
    assert (run.status, "slow down" in run.error) == ("failed", True)
    source.refresh_from_db()
    assert source.next_run_at > timezone.now() + timedelta(minutes=9)
    read(source)
    assert PurchaseOrder.objects.count() == 3


def test_wrong_password_pauses_the_source_and_says_so(source, sandbox):
    source.credentials.filter(name="password").delete()
    source.credentials.create(name="password", value="wrong")
    run = source_sync(source=source, by=None)
    assert run.status == "failed"
    source.refresh_from_db()
    assert "refused our credentials" in source.paused_reason


def test_list_that_is_somewhere_else_fails_in_words_and_keeps_what_was_known(source, sandbox):
    propose(sandbox, 1, ("ald", "A", 1))
    read(source)
    source.settings |= {"mapping": MAPPING.replace('"ids": "uuid"', '"ids": "data.ids"')}
    source.save()
    run = source_sync(source=source, by=None)
    assert run.status == "failed"
    assert "data.ids is missing, expected a list" in run.error
    assert draft(1).status == Status.DRAFT


def test_check_says_what_was_seen_and_names_a_wrong_path(source, sandbox):
    propose(sandbox, 1, ("ald", "A", 1))
    assert source_check(source=source).startswith("Signed in; 1 order since 2026-01-01")
    source.settings |= {"mapping": source.settings["mapping"].replace('"product"', '"artikel"')}
    with pytest.raises(ProtocolError, match="artikel is missing"):
        source_check(source=source)


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("start_date", "31.1.2026", "looks like 2026-01-31"),
        ("sign_in_format", "xml", "json or form"),
        ("authorization", "Bearer", "Authorization: Bearer {token}"),
        ("list_path", "/api/orders", "{since}"),
        ("order_path", "/api/orders", "{id}"),
        ("sign_in_path", "api", "begins with /"),
        ("mapping", "{}", "must say where the token is"),
        ("mapping", '{"colour": "x"}', "is no name of ours"),
        ("suppliers", "ald", "their code = our code"),
        ("statuses", "Open = new", "expected their word"),
        ("time_zone", "Mars/Olympus", "no such time zone"),
        ("overlap_days", "99", "from 1 to 31"),
        ("timeout_seconds", "0", "from 1 to 20"),
        ("base_url", "ftp://x", "http"),
    ],
)
def test_setting_that_cannot_be_right_is_refused_in_words(name, value, words):
    assert words in ValerdatSource.problem_with(name, value)
