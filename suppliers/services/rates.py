"""Keeping exchange rates: what is told is taken over, what looks wrong waits for a person."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal

from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.utils import timezone

from suppliers.models import ExchangeRate
from suppliers.rates import QuotedRate, Rate, rate_jump, rate_objection, rates_to

Status = ExchangeRate.Status
COMPARED = timedelta(days=100)  # a rate is not compared with one that is older than that
BATCH = 500


@dataclass(frozen=True, slots=True)
class RateRefused:
    """A rate that is not counted with; `reason` continues a sentence that began with the currency."""

    date: date
    currency: str
    reason: str
    held: bool = False  # for a person to look at


@dataclass(slots=True)
class RatesWritten:
    added: int = 0
    changed: int = 0
    unchanged: int = 0
    refused: list[RateRefused] = field(default_factory=list)
    # Rows as they are now, and as they were before; None: there was none.
    rows: list[tuple[ExchangeRate, ExchangeRate | None]] = field(default_factory=list)
    same: list[ExchangeRate] = field(default_factory=list)


class RateAlreadyDecided(Exception):
    """Somebody else was quicker; the message is for the person."""


@transaction.atomic
def rates_write(
    *, told: Mapping[date, Sequence[QuotedRate]], source: str, dry_run: bool = False
) -> RatesWritten:
    """Take over the rates of some days, each day's in the base currency. The same again changes nothing."""
    written = RatesWritten()
    taking = _Taking(source[:40], sorted(told), written)
    for day in sorted(told):
        good = []
        for quoted in told[day]:
            if why := rate_objection(quoted.value) or _future(day):
                written.refused.append(RateRefused(day, quoted.currency, why))
            else:
                good.append(quoted)
        computed = rates_to(settings.BASE_CURRENCY, good)
        for name in sorted({n for quoted in good for n in (quoted.currency, quoted.quoted_in)}):
            if name not in computed and name != settings.BASE_CURRENCY:
                why = f"cannot be counted in {settings.BASE_CURRENCY}, of which this day has no rate"
                written.refused.append(RateRefused(day, name, why))
        for currency, value in computed.items():
            why = rate_objection(value)
            if why:
                written.refused.append(RateRefused(day, currency, why))
            else:
                taking.take(day, currency, value)
    if not dry_run:
        taking.save()
    return written


def _future(day: date) -> str:
    return "lies in the future" if day > timezone.localdate() + timedelta(days=1) else ""


class _Taking:
    """Some days' rates against what is known."""

    def __init__(self, source: str, days: Sequence[date], written: RatesWritten) -> None:
        self._source, self._written, self._now = source, written, timezone.now()
        self._new: list[ExchangeRate] = []
        self._overtaken: list[int] = []  # held, and told otherwise by now
        self._known: dict[tuple[date, str], dict[str, ExchangeRate]] = defaultdict(dict)
        self._accepted: dict[str, dict[date, Rate]] = defaultdict(dict)
        if not days:
            return
        rows = ExchangeRate.objects.filter(
            base=settings.BASE_CURRENCY, date__gte=days[0] - COMPARED, date__lte=days[-1]
        )
        for row in rows.order_by("read_at", "pk"):
            if row.source == source:
                self._known[row.date, row.currency][row.status] = row
            if row.status == Status.ACCEPTED:
                self._accepted[row.currency][row.date] = row.as_rate()

    def take(self, day: date, currency: str, value: Decimal) -> None:
        known = self._known[day, currency]
        same = next((row for row in known.values() if row.rate == value), None)
        held = known.get(Status.HELD)
        if held and held is not same:
            self._overtaken.append(held.pk)
        if same:
            self._written.unchanged += 1
            self._written.same.append(same)
            if same.status == Status.HELD:
                self._refuse(day, currency, same.doubt)
            return
        doubt = self._doubt(day, currency, value)
        if doubt:
            self._refuse(day, currency, doubt)
        elif Status.ACCEPTED in known:
            self._written.changed += 1
        else:
            self._written.added += 1
        row = ExchangeRate(
            currency=currency,
            base=settings.BASE_CURRENCY,
            date=day,
            rate=value,
            source=self._source,
            status=Status.HELD if doubt else Status.ACCEPTED,
            doubt=doubt,
            read_at=self._now,
        )
        self._new.append(row)
        self._written.rows.append((row, known.get(row.status)))
        if not doubt:
            self._accepted[currency][day] = row.as_rate()

    def _doubt(self, day: date, currency: str, value: Decimal) -> str:
        before = [at for at in self._accepted[currency] if at < day]
        if not before:
            return ""
        percent = Decimal(settings.EXCHANGE_RATE_JUMP_PERCENT)
        return rate_jump(value, self._accepted[currency][max(before)], percent=percent)

    def _refuse(self, day: date, currency: str, doubt: str) -> None:
        why = f"is held until a person has looked: {doubt}"
        self._written.refused.append(RateRefused(day, currency, why, held=True))

    def save(self) -> None:
        ExchangeRate.objects.filter(pk__in=self._overtaken, status=Status.HELD).delete()
        ExchangeRate.objects.bulk_create(
            self._new,
            batch_size=BATCH,
            update_conflicts=True,
            unique_fields=["base", "currency", "date", "source", "status"],
            update_fields=["rate", "doubt", "read_at"],
        )


@transaction.atomic
def rate_accept(*, rate: ExchangeRate, by: AbstractBaseUser) -> list[ExchangeRate]:
    """A person says that it is right; so are later ones that were held only because of the same jump.

    Returns all that are in use from now on. Raises `RateAlreadyDecided`.
    """
    _decide(rate, Status.ACCEPTED, by)
    accepted = [rate]
    later = ExchangeRate.objects.filter(
        base=rate.base, currency=rate.currency, status=Status.HELD, date__gt=rate.date
    )
    percent = Decimal(settings.EXCHANGE_RATE_JUMP_PERCENT)
    for row in later.order_by("date", "read_at", "pk"):
        last = max(accepted, key=lambda done: done.date)
        if rate_jump(row.rate, last.as_rate(), percent=percent):
            break
        _decide(row, Status.ACCEPTED, by)
        accepted.append(row)
    return accepted


@transaction.atomic
def rate_refuse(*, rate: ExchangeRate, by: AbstractBaseUser) -> None:
    """It stays out, also when it is told again. Raises `RateAlreadyDecided`."""
    _decide(rate, Status.REFUSED, by)


def _decide(rate: ExchangeRate, status: str, by: AbstractBaseUser) -> None:
    held = ExchangeRate.objects.filter(pk=rate.pk, status=Status.HELD, rate=rate.rate)
    if held.update(decided_at=timezone.now(), decided_by_id=by.pk) != 1:
        raise RateAlreadyDecided(
            f"The rate of {rate.currency} of {rate.date:%-d %b %Y} is not held any more."
        )
    # Its place is taken by what was decided before for the same day and source.
    ExchangeRate.objects.filter(
        base=rate.base, currency=rate.currency, date=rate.date, source=rate.source, status=status
    ).delete()
    held.update(status=status)
    rate.refresh_from_db()
