"""Whose figure counts where several tell one; the rules, without a database."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from procurement.tellers import SILENT_AFTER, Statement, counting, disputing

NOW = datetime(2026, 6, 10, 12, tzinfo=UTC)
WMS, ERP, FILES = 1, 2, None


def said(
    teller: int | None, figure: int, *, since: float = 1, last: float = 0, active: bool = True
) -> Statement:
    """`since` and `last`: hours ago."""
    ago = (NOW - timedelta(hours=hours) for hours in (max(since, last), last))
    return Statement(teller, Decimal(figure), *ago, active)


def counts(
    *statements: Statement, held_by: int | None = 0, chosen: tuple[int | None, ...] = ()
) -> int | None:
    held = () if held_by == 0 else (held_by,)
    found = counting(statements, held_by=held, chosen=chosen, now=NOW)
    assert found is not None
    return found.teller


def disputed(
    *statements: Statement, held_by: int | None, chosen: tuple[int | None, ...] = ()
) -> list[int | None]:
    return [one.teller for one in disputing(statements, held_by=[held_by], chosen=chosen, now=NOW)]


def test_who_counted_before_goes_on_counting_whoever_speaks_last():
    assert counts(said(WMS, 5, last=2), said(ERP, 8), held_by=WMS) == WMS
    assert counts(said(WMS, 5, last=2), said(ERP, 8), held_by=ERP) == ERP


def test_two_systems_that_differ_are_in_dispute_until_a_person_chooses():
    pair = said(WMS, 5), said(ERP, 8)
    assert disputed(*pair, held_by=WMS) == [WMS, ERP]
    assert disputed(*pair, held_by=ERP) == [ERP, WMS]
    assert disputed(*pair, held_by=WMS, chosen=(ERP,)) == []
    assert disputed(said(WMS, 5), said(ERP, 5), held_by=WMS) == []


def test_choice_of_the_item_goes_before_that_of_the_site():
    pair = said(WMS, 5), said(ERP, 8)
    assert counts(*pair, held_by=WMS, chosen=(ERP,)) == ERP
    assert counts(*pair, held_by=ERP, chosen=(WMS, ERP)) == WMS


@pytest.mark.parametrize("gone", [{"active": False}, {"last": SILENT_AFTER.total_seconds() / 3600 + 1}])
def test_teller_that_goes_away_holds_no_item_hostage(gone):
    pair = said(WMS, 5, **gone), said(ERP, 8)
    assert counts(*pair, held_by=WMS) == ERP
    assert counts(*pair, held_by=WMS, chosen=(WMS,)) == ERP
    assert disputed(*pair, held_by=ERP) == []


def test_figure_of_the_only_teller_counts_however_silent_it_is():
    assert counts(said(WMS, 5, last=9_000), held_by=WMS) == WMS
    assert counts(said(FILES, 5, last=9_000)) == FILES


def test_file_speaks_of_its_moment_and_a_source_with_news_since_overtakes_it():
    assert counts(said(FILES, 5, last=3), said(WMS, 8, since=2), held_by=FILES) == WMS
    assert disputed(said(FILES, 5, last=3), said(WMS, 8, since=2), held_by=WMS) == []


def test_file_that_contradicts_what_a_source_says_before_and_after_is_in_dispute():
    pair = said(FILES, 5, last=3), said(WMS, 8, since=20, last=0)
    assert counts(*pair, held_by=WMS) == WMS
    assert disputed(*pair, held_by=WMS) == [WMS, FILES]
    assert counts(*pair, held_by=WMS, chosen=(FILES,)) == FILES


def test_file_that_a_person_chose_counts_in_spite_of_news():
    assert counts(said(FILES, 5, last=3), said(WMS, 8, since=2), held_by=WMS, chosen=(FILES,)) == FILES
