"""Whose figure of an item counts where several tell it. Pure rules; docs/adr/0011 says why they are these.

A teller is the id of a source, or None for files, which speak only of their moment.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

SILENT_AFTER = timedelta(days=7)  # who was not heard for so long holds nobody up


@dataclass(frozen=True, slots=True)
class Statement:
    teller: int | None
    on_hand: Decimal
    since: datetime  # when this figure was stated first
    as_of: datetime  # and when last
    active: bool = True
    source: str = ""


def heard(statements: Iterable[Statement], *, now: datetime) -> list[Statement]:
    return [said for said in statements if said.active and now - said.as_of <= SILENT_AFTER]


def standing(statements: Iterable[Statement], *, now: datetime) -> list[Statement]:
    """Those that say something about now. A source that has news since a file's moment has overtaken the file."""
    recent = heard(statements, now=now)
    news = max((said.since for said in recent if said.teller is not None), default=None)
    return [said for said in recent if said.teller is not None or news is None or said.as_of >= news]


def counting(
    statements: Collection[Statement],
    *,
    held_by: Sequence[int | None],
    chosen: Sequence[int | None],
    now: datetime,
) -> Statement | None:
    """Whose figure counts: whom people chose (`chosen`: for the item, then for the site); else who counted before.

    `held_by`: empty where nobody did. If that one is gone or silent, the one heard last; a source before files.
    """
    recent = {said.teller: said for said in heard(statements, now=now)}
    for teller in chosen:
        if teller in recent:
            return recent[teller]
    able = standing(statements, now=now) or list(statements)
    for said in able:
        if said.teller in held_by:
            return said
    return max(able, key=lambda said: (said.active, said.teller is not None, said.as_of), default=None)


def disputing(
    statements: Collection[Statement],
    *,
    held_by: Sequence[int | None],
    chosen: Sequence[int | None],
    now: datetime,
) -> list[Statement]:
    """Who says otherwise than the one that counts, which stands first; empty where nobody does, or people chose."""
    counts = counting(statements, held_by=held_by, chosen=chosen, now=now)
    able = standing(statements, now=now)
    if counts is None or counts not in able or counts.teller in chosen:
        return []
    others = [said for said in able if said.on_hand != counts.on_hand]
    return [counts, *others] if others else []
