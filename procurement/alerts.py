"""What administrators are told of, in one list: what it is, when, and how it is found. Writes: services/alerting.py."""

from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from procurement.engine.caveats import lasted, moment
from procurement.job_status import job_statuses
from procurement.models import JobRun, PlanRun, PlanTimer
from procurement.part_failures import failing_since
from procurement.schedules import PERIODIC_JOBS, PeriodicJob
from procurement.selectors import newest_plan
from procurement.services.timetable import schedule_faults
from procurement.source_status import sources_stale
from procurement.supervisor import WORKER_SILENCE, sign_of_life_age
from suppliers.connectors.base import Capability
from suppliers.models import ExchangeRate, Supplier
from suppliers.selectors import rates_in_force
from suppliers.services.breaker import OPENS_AFTER
from suppliers.services.capabilities import supplier_capabilities

DOWN_TOO_LONG = timedelta(hours=1)
PRICES_HOLD, STOCK_HOLDS, RANGE_HOLDS = timedelta(days=3), timedelta(days=2), timedelta(days=3)
TURNS_MISSED = 3
SELDOM = 6 * 60  # minutes: of a job that runs more often, a single failure is nobody's business
FAILURES_IN_A_ROW = 3


@dataclass(frozen=True, slots=True)
class Found:
    subject: str  # code of what it is about
    words: str
    address: str


@dataclass(frozen=True, slots=True)
class AlertKind:
    key: str
    title: str
    when: str  # in a person's words, for the page and the documentation
    find: Callable[[], Iterator[Found]]


def worker_silent() -> Iterator[Found]:
    age = sign_of_life_age(now=timezone.now())
    if age is not None and age > WORKER_SILENCE:
        yield Found(
            "worker",
            f"The background worker has given no sign of life for {lasted(age)}.",
            reverse("job-list"),
        )


def jobs_failed() -> Iterator[Found]:
    for status in job_statuses():
        job, ended = (
            status.job,
            [run for run in status.runs if not run.live and run.state != JobRun.State.SKIPPED],
        )
        needed = 1 if status.minutes >= SELDOM else FAILURES_IN_A_ROW
        last = ended[:needed]
        if len(last) == needed and all(run.state in JobRun.BAD for run in last):
            how = "failed in part" if last[0].state == JobRun.State.PARTLY else "failed"
            often = "" if needed == 1 else f" {needed} times in a row"
            yield _of_job(job, f"“{job.title}” {how}{often}: {last[0].error}")


def jobs_late() -> Iterator[Found]:
    """While the worker is silent all of them are; that is told once."""
    if any(worker_silent()):
        return
    now = timezone.now()
    for status in job_statuses():
        if status.paused or status.live or status.next_run is None:
            continue
        began = max((run.started_at for run in status.runs if run.started_at), default=status.next_run)
        patience = timedelta(minutes=max(TURNS_MISSED * status.minutes, status.minutes + 10))
        if now - began > patience:
            yield _of_job(status.job, f"“{status.job.title}” has not run for {lasted(now - began)}.")


def schedules_wrong() -> Iterator[Found]:
    titles = {job.name: job for job in PERIODIC_JOBS}
    for name, words in schedule_faults().items():
        yield _of_job(titles[name], f"{words} manage.py setup mends it.")


def plans_missed() -> Iterator[Found]:
    """The last one that should have been made by itself, until the site is planned again, by itself or by somebody."""
    for timer in PlanTimer.objects.select_related("site"):
        last = timer.site.plan_runs.exclude(before_cut_off=None).order_by("-before_cut_off").first()
        if last is None or last.status != PlanRun.Status.FAILED:
            continue
        newest = newest_plan(site=timer.site)
        if newest is None or newest.pk < last.pk:
            words = f"The plan of {timer.site.name} before a cut-off came to nothing: {last.error}"
            yield Found(timer.site.code, words, reverse("plan-run", args=[last.pk]))


def sources_silent() -> Iterator[Found]:
    now = timezone.localtime()
    for source in sources_stale():
        heard = source.last_success_at
        words = f"{source.name} could never be read."
        if heard is not None:
            at = timezone.localtime(heard)
            words = f"{source.name} has not been read for {lasted(now - at)}; its figures are of {moment(at, now)}."
        why = f" It is paused: {source.paused_reason}" if source.paused_reason else ""
        yield Found(source.code, words + why, reverse("source", args=[source.code]))


def suppliers_stopped() -> Iterator[Found]:
    for supplier in Supplier.objects.filter(active=True).exclude(paused_reason=""):
        yield _of_supplier(
            supplier, f"{supplier.name} is stopped and its orders wait: {supplier.paused_reason}"
        )


def suppliers_down() -> Iterator[Found]:
    now = timezone.now()
    heard = Q(account__last_success_at=None) | Q(account__last_success_at__lt=now - DOWN_TOO_LONG)
    down = Supplier.objects.filter(heard, active=True, failures__gte=OPENS_AFTER, paused_reason="")
    for supplier in down.select_related("account"):
        at = supplier.account.last_success_at
        since = f"for {lasted(now - at)}" if at else "at all so far"
        yield _of_supplier(supplier, f"{supplier.name} has not answered {since}; its orders wait.")


def prices_old() -> Iterator[Found]:
    yield from _not_told("old-prices", PRICES_HOLD, "prices")


def stock_old() -> Iterator[Found]:
    yield from _not_told("hot-stock", STOCK_HOLDS, "stock")


def _not_told(job: str, patience: timedelta, what: str) -> Iterator[Found]:
    failing, now = failing_since(job), timezone.now()
    for supplier in _suppliers():
        since = failing.get(supplier.pk)
        if since is not None and now - since > patience:
            words = f"{supplier.name} has not told its {what} since {_at(since, now)}, though it was asked."
            yield _of_supplier(supplier, words)


def ranges_old() -> Iterator[Found]:
    """Of what was never told nobody knows whether it should have been."""
    now = timezone.now()
    for supplier in _suppliers():
        told = supplier.account.catalogue_fetched_at
        if (
            told is not None
            and now - told > RANGE_HOLDS
            and Capability.CATALOGUE in supplier_capabilities(supplier)
        ):
            words = f"What {supplier.name} sells was last told on {_at(told, now)}."
            yield _of_supplier(supplier, words)


def rates_missing() -> Iterator[Found]:
    sellers = _sellers()
    known = rates_in_force(currencies=sellers)
    for currency, names in sellers.items():
        if why := known.problem(currency):
            words = f"Plans leave out what is sold in {currency} ({', '.join(names)}): {why}."
            yield Found(currency, words, reverse("rate-list"))


def rates_held() -> Iterator[Found]:
    """Only while nothing newer is counted with: else nobody has to hurry."""
    sellers = _sellers()
    held = ExchangeRate.objects.filter(
        base=settings.BASE_CURRENCY, status=ExchangeRate.Status.HELD, currency__in=sellers
    )
    newest = {row.currency: row for row in held.order_by("date", "pk")}
    known = rates_in_force(currencies=newest)
    for currency, row in newest.items():
        last = known.usable.get(currency) or known.too_old.get(currency)
        if last is None or last.date < row.date:
            words = f"The rate of {currency} of {row.date:%-d %b %Y} waits until somebody has looked: {row.doubt}."
            yield Found(currency, words, reverse("rate-list"))


def _sellers() -> dict[str, list[str]]:
    """Suppliers by their currency, where it is not the base currency."""
    found = defaultdict[str, list[str]](list)
    foreign = Supplier.objects.filter(active=True).exclude(currency=settings.BASE_CURRENCY).order_by("name")
    for currency, name in foreign.values_list("currency", "name"):
        found[currency].append(name)
    return found


def _at(told: datetime, now: datetime) -> str:
    return moment(timezone.localtime(told), timezone.localtime(now))


def _suppliers() -> list[Supplier]:
    asked = Supplier.objects.filter(active=True, paused_reason="", account__isnull=False)
    return list(asked.select_related("account"))


def _of_job(job: PeriodicJob, words: str) -> Found:
    return Found(job.name, words, reverse("job", args=[job.name]))


def _of_supplier(supplier: Supplier, words: str) -> Found:
    return Found(supplier.code, words, reverse("supplier", args=[supplier.code]))


KINDS = (
    AlertKind("worker", "Worker silent", "none has taken a task for 5 minutes", worker_silent),
    AlertKind(
        "job-failed",
        "Job failed",
        "its last run failed; 3 in a row where it runs more often than every six hours",
        jobs_failed,
    ),
    AlertKind("job-late", "Job did not run", "3 turns were missed, and 10 minutes at the least", jobs_late),
    AlertKind(
        "plan-missed",
        "Plan by itself missed",
        "a site's last plan before a cut-off failed, or was not begun in time",
        plans_missed,
    ),
    AlertKind(
        "schedule",
        "Schedule changed",
        "a job's place in the schedule table is missing or not as it should be",
        schedules_wrong,
    ),
    AlertKind(
        "source-stale",
        "Source stale",
        "no good reading for 3 times its rhythm, and 15 minutes at the least",
        sources_silent,
    ),
    AlertKind(
        "supplier-stopped",
        "Supplier stopped",
        "it refuses our credentials; nothing is sent until somebody resumes it",
        suppliers_stopped,
    ),
    AlertKind(
        "supplier-down",
        "Supplier down",
        "it fails again and again and has not answered for an hour",
        suppliers_down,
    ),
    AlertKind("prices-old", "Prices old", "they were asked for, and not told for 3 days", prices_old),
    AlertKind("stock-old", "Stock on offer old", "it was asked for, and not told for 2 days", stock_old),
    AlertKind(
        "rate-missing",
        "Exchange rate missing",
        "a supplier sells in a currency of which there is no rate that is new enough",
        rates_missing,
    ),
    AlertKind(
        "rate-held",
        "Exchange rate held",
        "the last rate of a currency that a supplier sells in has jumped, and nobody has looked at it",
        rates_held,
    ),
    AlertKind("range-old", "Range old", "it can be asked for, and was not told for 3 days", ranges_old),
)
TITLES = {kind.key: kind.title for kind in KINDS}
