"""Working days of a supplier or a site, and counting in them. Pure; NumPy's business days do the counting."""

from dataclasses import dataclass, field
from datetime import date

import numpy as np
from numpy.typing import NDArray

EVERY_DAY = "1111111"  # Monday first, 1 where there is work
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
Dates = NDArray[np.datetime64]


class NoWorkingDay(ValueError):
    """A week without a single working day: nothing could ever be counted in it."""


@dataclass(frozen=True, slots=True)
class WorkingDays:
    """Which weekdays are worked, and on which dates nobody works all the same."""

    weekdays: str = EVERY_DAY
    closed: frozenset[date] = frozenset()
    _days: np.busdaycalendar = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        if len(self.weekdays) != 7 or "1" not in self.weekdays or set(self.weekdays) - {"0", "1"}:
            raise NoWorkingDay(f"{self.weekdays!r} is no working week: seven times 0 or 1, at least one 1")
        closed = np.array(sorted(self.closed), dtype="datetime64[D]")
        object.__setattr__(self, "_days", np.busdaycalendar(self.weekdays, closed))

    @property
    def is_every_day(self) -> bool:
        return self.weekdays == EVERY_DAY and not self.closed

    def works(self, day: date) -> bool:
        return bool(np.is_busday(np.datetime64(day), busdaycal=self._days))

    def first_from(self, days: Dates | date) -> Dates:
        """The same day, or the next on which there is work. Any shape -> the same."""
        return self.later(days, 0)

    def later(self, days: Dates | date, count: int | NDArray[np.int64]) -> Dates:
        """So many working days after the first working day from `days` on. Shapes are broadcast."""
        start = np.asarray(days, dtype="datetime64[D]")
        return np.asarray(np.busday_offset(start, count, roll="forward", busdaycal=self._days))

    def before(self, days: Dates | date) -> Dates:
        """The last working day before `days`."""
        start = np.asarray(days, dtype="datetime64[D]") - 1
        return np.asarray(np.busday_offset(start, 0, roll="backward", busdaycal=self._days))

    def between(self, first: Dates | date, last: Dates | date) -> NDArray[np.int64]:
        """Working days after `first` up to and with `last`, which is not earlier."""
        start, end = (np.asarray(day, dtype="datetime64[D]") + 1 for day in (first, last))
        return np.asarray(np.busday_count(start, end, busdaycal=self._days), dtype=np.int64)


ALWAYS = WorkingDays()


def as_date(day: Dates | np.datetime64) -> date:
    """Of a single day."""
    found: date = np.asarray(day, dtype="datetime64[D]").item()
    return found
