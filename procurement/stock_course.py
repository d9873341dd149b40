"""The course of an item's stock: what was known day after day, and what is expected to come and go."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal

from django.utils import timezone

from procurement.item_position import ItemPosition, stock_history

PAST = timedelta(days=180)
AHEAD = timedelta(days=30)  # at least
FURTHEST = timedelta(days=365)


@dataclass(frozen=True, slots=True)
class Step:
    """From then on there are so many."""

    at: datetime
    on_hand: Decimal
    words: str = ""
    change: Decimal = Decimal(0)


@dataclass(frozen=True, slots=True)
class Course:
    begins: datetime
    now: datetime
    ends: datetime
    past: Sequence[Step]
    ahead: Sequence[Step]

    @property
    def highest(self) -> Decimal:
        return max([Decimal(0), *(step.on_hand for step in (*self.past, *self.ahead))])

    @property
    def lowest(self) -> Decimal:
        return min([Decimal(0), *(step.on_hand for step in (*self.past, *self.ahead))])

    @property
    def lowest_ahead(self) -> Decimal:
        return min(step.on_hand for step in self.ahead)


def stock_course(at: ItemPosition) -> Course:
    now = timezone.now()
    since = now - PAST
    counted = stock_history(site=at.site, product=at.product).filter(counts=True).order_by("pk")
    told = counted.filter(at__gt=since).values_list("at", "on_hand")
    past = [Step(when, on_hand) for when, on_hand in told]
    before = counted.filter(at__lte=since).values_list("on_hand", flat=True).last()
    if before is not None:
        past.insert(0, Step(since, before))
    ahead = _ahead(at, now)
    begins = past[0].at if past else now
    ends = max(now + AHEAD, min(ahead[-1].at, now + FURTHEST) + timedelta(days=1))
    return Course(min(begins, now - timedelta(days=1)), now, ends, past, ahead)


def _ahead(at: ItemPosition, now: datetime) -> list[Step]:
    """From the stock of now. What should have come or gone already, or has no day, is expected at once."""
    changes = [
        (_moment(one.day, now), one.quantity, f"{one.line.order.number} brings") for one in at.receipts
    ]
    changes += [
        (_moment(one.day, now), -one.quantity, f"{one.line.order.number} takes") for one in at.commitments
    ]
    return list(_running(at.known.on_hand, changes, now))


def _running(
    on_hand: Decimal, changes: Iterable[tuple[datetime, Decimal, str]], now: datetime
) -> Iterable[Step]:
    yield Step(now, on_hand)
    for when, quantity, words in sorted(changes, key=lambda change: (change[0], -change[1])):
        on_hand += quantity
        yield Step(when, on_hand, words, quantity)


def _moment(day: date | None, now: datetime) -> datetime:
    if day is None or day <= timezone.localdate(now):
        return now
    return timezone.make_aware(datetime.combine(day, time(12)))
