"""When a supplier takes orders and when what is ordered then arrives. Pure: times and dates in and out.

An order moment is a cut-off on an order day of the supplier, in its own time zone. What is ordered before it arrives
after the lead time, counted in the supplier's working days, and is received on the first working day of the site from
then on.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from suppliers.calendars import ALWAYS, Dates, WorkingDays, as_date

UTC_ZONE = ZoneInfo("UTC")
LOOKED_AHEAD = 370  # days; a supplier without an order day among them is ordered from as if it had none


@dataclass(frozen=True, slots=True, order=True)
class CutOff:
    weekday: int  # 0: Monday
    until: time  # of the supplier's clock; at this time it is too late


@dataclass(frozen=True, slots=True)
class OrderMoment:
    day: date  # the supplier's working day from which the lead time counts
    until: datetime | None = None  # UTC; None: no cut-off is known


@dataclass(frozen=True, slots=True)
class OrderTimes:
    """Of one supplier and one site."""

    supplier: WorkingDays = ALWAYS
    site: WorkingDays = ALWAYS
    zone: ZoneInfo = UTC_ZONE
    cut_offs: tuple[CutOff, ...] = ()

    @property
    def is_plain(self) -> bool:
        """Nothing is known that would make an interval other than lead time + review period."""
        return not self.cut_offs and self.supplier.is_every_day and self.site.is_every_day

    def next_moment(self, now: datetime) -> OrderMoment:
        """The first at which what is decided `now` can be ordered."""
        return next(self.cut_offs_from(now), None) or self._any_day(now.astimezone(self.zone).date())

    def moment_after(self, moment: OrderMoment, *, review_days: int) -> OrderMoment:
        """The next chance to order: the next cut-off, else `review_days` later."""
        following = next(self.cut_offs_from(moment.until), None) if moment.until else None
        return following or self._any_day(moment.day + timedelta(days=review_days))

    def delivered(self, moment: OrderMoment, lead_days: NDArray[np.int64] | int) -> Dates:
        """The days on which goods of these lead times (the supplier's working days) are received. (k,) -> (k,)"""
        return self.site.first_from(self.supplier.later(moment.day, lead_days))

    def lead_days(self, sent: datetime, received: date) -> int:
        """How long a delivery took: the shortest lead time that brings it to the site on that day.

        The site's closing days are not the supplier's: what came when the doors opened may have been there before.
        """
        moment = self.next_moment(sent)
        earliest = self.site.before(received)
        if as_date(earliest) < moment.day:
            return 0
        return int(self.supplier.between(moment.day, earliest)) + 1

    def _any_day(self, day: date) -> OrderMoment:
        return OrderMoment(as_date(self.supplier.first_from(day)))

    def cut_offs_from(self, now: datetime) -> Iterator[OrderMoment]:
        """Order moments after `now`, the first first. Order days on which the supplier is closed are left out."""
        if not self.cut_offs:
            return
        today = now.astimezone(self.zone).date()
        for day in (today + timedelta(days=ahead) for ahead in range(LOOKED_AHEAD)):
            if not self.supplier.works(day):
                continue
            for cut_off in sorted(self.cut_offs):
                until = datetime.combine(day, cut_off.until, self.zone).astimezone(UTC)
                if cut_off.weekday == day.weekday() and now < until:
                    yield OrderMoment(day, until)


@dataclass(frozen=True, slots=True)
class DeliveryWindow:
    """The next delivery of a supplier and the one after it, as seen on the day of a plan."""

    times: OrderTimes
    as_of: date
    first: OrderMoment
    following: OrderMoment
    ours: ZoneInfo = UTC_ZONE  # the clock of those who read about it

    @classmethod
    def of(
        cls, times: OrderTimes, *, now: datetime, as_of: date, review_days: int, ours: ZoneInfo = UTC_ZONE
    ) -> "DeliveryWindow":
        first = times.next_moment(now)
        return cls(times, as_of, first, times.moment_after(first, review_days=review_days), ours)

    def told(self, lead_days: int) -> dict[str, str]:
        """Of an offer with this lead time: until when to order for the next delivery, and for the one after it."""
        cut_offs = {"order_by": self.first.until, "next_order_by": self.following.until}
        said = {name: f"{at.astimezone(self.ours).isoformat()}" for name, at in cut_offs.items() if at}
        return said | {"next_date": as_date(self.times.delivered(self.following, lead_days)).isoformat()}

    @property
    def days_a_working_day(self) -> float:
        """Of the supplier's week: 1.4 where it works from Monday to Friday."""
        return 7 / self.times.supplier.weekdays.count("1")

    def arrival_days(self, lead_days: NDArray[np.int64]) -> NDArray[np.int64]:
        """From the day of the plan to the delivery of what is ordered next. (k,) working days -> (k,) days"""
        return self._days(self.first, lead_days)

    def protected_days(self, lead_days: NDArray[np.int64]) -> NDArray[np.int64]:
        """The protection interval: stock must last until the delivery after the next. (k,) -> (k,) days, at least 1"""
        return np.maximum(self._days(self.following, lead_days), 1)

    def _days(self, moment: OrderMoment, lead_days: NDArray[np.int64]) -> NDArray[np.int64]:
        # A supplier has a handful of lead times, whatever the number of its offers.
        different, back = np.unique(lead_days, return_inverse=True)
        arrives = self.times.delivered(moment, different)
        return np.maximum((arrives - np.datetime64(self.as_of, "D")).astype(np.int64), 0)[back]
