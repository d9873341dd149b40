"""Planning a site by itself in good time before the first cut-off of each of its ordering days.

A cut-off is planned for once: its run keeps it, and the database takes it once a site. After a standstill a plan is
made at once while the cut-off is ahead; one that passed is kept as a plan that failed, with why, so that people see
it where they look for plans.
"""

from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.contrib.auth.models import AbstractBaseUser
from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils import timezone

from orders.models import Site
from orders.wakeups import wake
from procurement.exceptions import PlanAlreadyRunning
from procurement.first_cut_offs import FirstCutOff, first_cut_offs
from procurement.models import PlanRun, PlanTimer
from procurement.services.plan_claims import plan_start, plans_take_over
from procurement.services.plan_partitions import LONGEST_SOURCING

LATE = timedelta(minutes=5)  # is worth a word


@dataclass(frozen=True, slots=True)
class NextPlan:
    """`cut_off`: None where none is ahead within a year."""

    timer: PlanTimer
    cut_off: FirstCutOff | None

    @property
    def words(self) -> str:
        if self.cut_off is None:
            return "never: no supplier that it may order from has order days on days on which it works"
        at = timezone.localtime(max(_due(self.timer, self.cut_off), timezone.now()))
        until = timezone.localtime(self.cut_off.at)
        when = f"at {until:%H:%M}" if until.date() == at.date() else f"on {until:%a %-d %b at %H:%M}"
        minutes = self.timer.minutes_before
        return f"{at:%a %-d %b %H:%M}, {minutes} min before the cut-off of {self.cut_off.of} {when}"


def plan_timer_set(*, site: Site, minutes: int | None, by: AbstractBaseUser) -> bool:
    """None: never by itself. Whether that is new."""
    if minutes is None:
        return bool(PlanTimer.objects.filter(site=site).delete()[0])
    now = timezone.now()
    values = {"minutes_before": minutes, "by_id": by.pk, "at": now}
    timer, added = PlanTimer.objects.get_or_create(site=site, defaults=values | {"watched_until": now})
    if added or timer.minutes_before == minutes:
        return added
    PlanTimer.objects.filter(pk=timer.pk).update(**values)
    return True


def next_plan(timer: PlanTimer) -> NextPlan:
    ahead = first_cut_offs(site=timer.site, after=timezone.now())
    return NextPlan(timer, next((one for one in ahead if not _planned(timer, one)), None))


def next_plans() -> list[NextPlan]:
    """Of all sites that are planned by themselves."""
    return [next_plan(timer) for timer in PlanTimer.objects.select_related("site")]


def plan_on_time(*, site: Site) -> PlanRun | None:
    """Begin the site's plan if it is time for it. A cut-off that passed without one is kept as a plan that failed."""
    timer = PlanTimer.objects.filter(site=site).select_related("site").first()
    if timer is None:
        return None
    now, run = timezone.now(), None
    missed: list[FirstCutOff] = []
    for cut_off in first_cut_offs(site=site, after=min(timer.watched_until, now)):
        if _due(timer, cut_off) > now:
            break
        if _planned(timer, cut_off):
            continue
        if cut_off.at <= now:
            if not _made_in_time(timer, cut_off):
                missed.append(cut_off)
        else:
            run = _begin(timer, cut_off, now)
            break
    if missed:
        _keep_missed(timer, missed, now)
    # At last, so that what a crash leaves is looked at again.
    PlanTimer.objects.filter(pk=timer.pk).update(watched_until=now)
    return run


def _due(timer: PlanTimer, cut_off: FirstCutOff) -> datetime:
    return cut_off.at - timedelta(minutes=timer.minutes_before)


def _planned(timer: PlanTimer, cut_off: FirstCutOff) -> bool:
    return PlanRun.objects.filter(site=timer.site_id, before_cut_off=cut_off.at).exists()


def _made_in_time(timer: PlanTimer, cut_off: FirstCutOff) -> bool:
    """By somebody, while nothing looked after it: then the cut-off had its plan all the same."""
    full = PlanRun.objects.filter(site=timer.site_id, kind=PlanRun.Kind.FULL, status=PlanRun.Status.DONE)
    return full.filter(finished_at__range=(_due(timer, cut_off), cut_off.at)).exists()


def _begin(timer: PlanTimer, cut_off: FirstCutOff, now: datetime) -> PlanRun | None:
    """None: another plan of the site is under way, which the next look finds ended; or somebody was first."""
    due = _due(timer, cut_off)
    words = f"Made by itself, {timer.minutes_before} minutes before {cut_off.words}."
    if now - max(due, timer.at) > LATE:
        words = (
            f"Made by itself before {cut_off.words}. It should have begun at {timezone.localtime(due):%H:%M}: until now"
            " workers stood still, the job was paused, or another plan of the site was under way."
        )
    plans_take_over(timer.site)  # not inside: what a run found goes once its row is free
    try:
        with transaction.atomic():
            run = plan_start(site=timer.site, by=None, causes=[words], before_cut_off=cut_off.at)
            wake("procurement.tasks.plan_step", run.pk, seconds=LONGEST_SOURCING)
    except PlanAlreadyRunning:
        return None
    return run


def _keep_missed(timer: PlanTimer, missed: list[FirstCutOff], now: datetime) -> None:
    """One row for all that passed in one standstill: the last of them is what people can still do something about."""
    last, before = missed[-1], len(missed) - 1
    also = f" So did {before} cut-off{'s' if before > 1 else ''} of days before." if before else ""
    words = f"T{last.words[1:]} passed without a plan: {_why(timer, last)}.{also}"
    with suppress(IntegrityError), transaction.atomic():  # somebody else may have kept it
        PlanRun.objects.create(
            site=timer.site, as_of=timezone.localdate(), status=PlanRun.Status.FAILED, before_cut_off=last.at,
            lease_until=now, finished_at=now, error=words,
        )  # fmt: skip


def _why(timer: PlanTimer, missed: FirstCutOff) -> str:
    looked = timer.watched_until
    if looked >= _due(timer, missed) and (other := _other(timer, looked)):
        if other.finished_at is None or other.finished_at >= missed.at:
            return "another plan of the site was under way until then"
        ended = timezone.localtime(other.finished_at)
        return (
            f"another plan of the site was under way until {ended:%H:%M}, and nothing looked after it since"
        )
    since = timezone.localtime(looked)
    return (
        f"nothing looked after it since {since:%a %-d %b %H:%M}: workers stood still, or the job was paused"
    )


def _other(timer: PlanTimer, at: datetime) -> PlanRun | None:
    """The site's run that was under way then."""
    began = PlanRun.objects.filter(site=timer.site_id, started_at__lte=at)
    return began.filter(Q(finished_at=None) | Q(finished_at__gt=at)).first()
