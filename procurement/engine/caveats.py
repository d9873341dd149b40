"""Why a figure behind a line may no longer hold, as data and in words.

Shape in a reason, under "caveats" where there are any:

    {"about": "stock", "source": "ERP", "as_of": "2026-11-17T14:00:00+00:00", "read_at": "2026-11-17T14:00:05+00:00",
     "rest_on": "old stock figures", "because": "ERP has not been read for 2 days",
     "words": "Stock is of Tuesday 14:00: ERP has not been read for 2 days."}

A figure that several tell differently is one "about" "dispute", which names all of them as its source.

`rest_on` and `because` are for sums over many lines: "12 lines rest on old stock figures: ERP has not been ...".
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

A_WEEK = timedelta(days=6)  # further back a weekday would be ambiguous


class About(StrEnum):
    STOCK = "stock"
    ORDERS = "orders"
    PRICES = "prices"
    ON_OFFER = "on_offer"
    DISPUTE = "dispute"


REST_ON = {
    About.STOCK: "old stock figures",
    About.ORDERS: "customer orders that may be incomplete",
    About.PRICES: "old prices",
    About.ON_OFFER: "old figures of what the supplier has",
    About.DISPUTE: "disputed stock figures",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Caveat:
    """All times in the zone that people read them in."""

    about: About
    source: str  # a system or a supplier, as people know it
    now: datetime
    read_at: datetime | None  # when it last told us how things are; None: it never did
    as_of: datetime | None  # of the figure itself; None: there is none
    reason: str = ""  # why it is so old, where that is known better than by how long

    def as_reason(self) -> dict[str, Any]:
        because = self.because()
        return {
            "about": self.about.value,
            "source": self.source,
            "as_of": self.as_of.isoformat() if self.as_of else None,
            "read_at": self.read_at.isoformat() if self.read_at else None,
            "rest_on": REST_ON[self.about],
            "because": because,
            "words": f"{self._figure()}: {because}.",
        }

    def because(self) -> str:
        if self.reason:
            return self.reason
        asked = self.about in (About.PRICES, About.ON_OFFER)
        if self.read_at is None:
            return f"{self.source} has never answered" if asked else f"{self.source} could never be read"
        length = lasted(self.now - self.read_at)
        return f"{self.source} has not {'answered' if asked else 'been read'} for {length}"

    def _figure(self) -> str:
        of = f"of {moment(self.as_of, self.now)}" if self.as_of else ""
        match self.about:
            case About.STOCK:
                return f"Stock is {of}" if of else "No stock is known"
            case About.ORDERS:
                since = moment(self.read_at, self.now) if self.read_at else ""
                return (
                    f"Customer orders since {since} may be missing"
                    if since
                    else "Customer orders may be missing"
                )
            case About.PRICES:
                return f"The price is {of}" if of else "No price is known"
            case _:
                return f"Their stock on offer is {of}" if of else "Their stock on offer is not known"


@dataclass(frozen=True, slots=True, kw_only=True)
class Dispute:
    """Several tell the stock of an item, and differ; the first of them counts. (name, figure, as of) each."""

    now: datetime
    said: Sequence[tuple[str, str, datetime]]

    def as_reason(self) -> dict[str, Any]:
        names = [name for name, _, _ in self.said]
        because = f"{', '.join(names[:-1])} and {names[-1]} differ"
        told = [f"{name} says {figure} ({moment(at, self.now)})" for name, figure, at in self.said]
        return {
            "about": About.DISPUTE.value,
            "source": ", ".join(names),
            "as_of": self.said[0][2].isoformat(),
            "read_at": self.said[0][2].isoformat(),
            "rest_on": REST_ON[About.DISPUTE],
            "because": because,
            "words": f"Stock is disputed: {', '.join(told)}. The first was counted on.",
        }


def moment(at: datetime, now: datetime) -> str:
    """Tuesday 14:00 within a week, else 3 November, with the year where it is another one."""
    if at.date() == now.date():
        return f"today {at:%H:%M}"
    if timedelta(0) <= now - at < A_WEEK:
        return f"{at:%A %H:%M}"
    return f"{at.day} {at:%B}" if at.year == now.year else f"{at.day} {at:%B %Y}"


def lasted(length: timedelta) -> str:
    """In one unit: whole days from two on, whole hours from two on, else minutes."""
    minutes = max(1, int(length.total_seconds() // 60))
    for size, unit in ((1440, "days"), (60, "hours")):
        if minutes >= 2 * size:
            return f"{minutes // size} {unit}"
    return "a minute" if minutes == 1 else f"{minutes} minutes"
