"""What is wrong is one open row and one mail, and closes by itself; what is well opens none."""

from datetime import timedelta

import pytest
from django.core import mail
from django.utils import timezone
from django_q.models import Schedule

from orders.models import WorkerHeartbeat
from procurement.alerts import KINDS
from procurement.models import Alert, JobPart, JobRun, JobSetting, SourceAccount, SourceRun
from procurement.schedules import JOBS
from procurement.services.alert_mails import alert_tell
from procurement.services.alerting import alerts_prune, alerts_refresh, worker_alarm
from procurement.services.timetable import schedules_ensure
from suppliers.models import ExchangeRate, Supplier, SupplierAccount
from suppliers.services.breaker import OPENS_AFTER
from tests import factories
from tests.flow.background import woken, work_off
from tests.flow.race import race

pytestmark = pytest.mark.django_db


def ago(**length: float):
    return timezone.now() - timedelta(**length)


@pytest.fixture(autouse=True)
def well(request: pytest.FixtureRequest, db: None) -> None:
    """An installation in which nothing is wrong."""
    schedules_ensure()
    WorkerHeartbeat.objects.create(name="sweep", at=timezone.now())


def opened() -> dict[str, str]:
    alerts_refresh()
    return {f"{alert.kind} {alert.subject}": alert.words for alert in Alert.objects.filter(closed_at=None)}


def run(job: str, state: str, **values: object) -> JobRun:
    made = JobRun.objects.create(**({"job": job, "state": state, "started_at": timezone.now()} | values))
    JobRun.objects.filter(pk=made.pk).update(asked_at=made.started_at)
    return made


def test_nothing_is_opened_while_all_is_well(sandbox_supplier):
    for name in JOBS:
        run(name, "done")
    assert opened() == {}


def worker() -> None:
    WorkerHeartbeat.objects.update(at=ago(minutes=7))


def failed_once_a_day() -> None:
    run("sync-catalogues", "partly", error="Acme Ltd: Refused.")


def failed_each_minute() -> None:
    for _ in range(3):
        run("sync-sources", "failed", error="Broken.")


def test_single_failure_of_an_hourly_job_is_nobodys_business():
    run("old-prices", "partly", error="Acme Ltd: Did not answer.")
    assert opened() == {}


def late() -> None:
    run("hot-stock", "done", started_at=ago(hours=4))


def never_begun() -> None:
    Schedule.objects.filter(name="prune").update(next_run=ago(days=4))


def no_schedule() -> None:
    Schedule.objects.filter(name="prune").delete()


def changed_schedule() -> None:
    Schedule.objects.filter(name="prune").update(repeats=0)


def stale() -> None:
    source = SourceAccount.objects.create(
        code="sap",
        name="SAP",
        kind="sap",
        site=factories.site(),
        last_success_at=ago(days=2),
        paused_reason="Refused.",
    )
    SourceRun.objects.create(account=source, status="failed", lease_until=timezone.now())


def stopped() -> None:
    factories.supplier(code="acme", name="Acme", paused_reason="Credentials refused.")


def down() -> None:
    supplier = factories.supplier(code="acme", name="Acme", failures=OPENS_AFTER)
    SupplierAccount.objects.filter(supplier=supplier).update(last_success_at=ago(hours=3))


def rate(status: str, *, days: int) -> None:
    ExchangeRate.objects.create(
        currency="EUR", base="GBP", date=timezone.localdate() - timedelta(days=days), rate="0.84", source="ECB",
        status=status, doubt="12.0 % above" if status == "held" else "", read_at=timezone.now(),
    )  # fmt: skip


def no_rate() -> None:
    factories.supplier(name="Rhein", currency="EUR")


def old_rate() -> None:
    no_rate()
    rate("accepted", days=9)


def held_rate() -> None:
    no_rate()
    rate("accepted", days=2)
    rate("held", days=1)


@pytest.mark.parametrize(
    ("wrong", "key", "words"),
    [
        (worker, "worker worker", "The background worker has given no sign of life for 7 minutes."),
        (failed_once_a_day, "job-failed sync-catalogues", "failed in part: Acme Ltd: Refused."),
        (failed_each_minute, "job-failed sync-sources", "failed 3 times in a row: Broken."),
        (late, "job-late hot-stock", "has not run for 4 hours."),
        (never_begun, "job-late prune", "has not run for 4 days."),
        (no_schedule, "schedule prune", "never runs by itself. manage.py setup mends it."),
        (changed_schedule, "schedule prune", "in the schedule table itself: repeats is not as it should be."),
        (stale, "source-stale sap", "SAP has not been read for 2 days; its figures are of"),
        (stopped, "supplier-stopped acme", "Acme is stopped and its orders wait: Credentials refused."),
        (no_rate, "rate-missing EUR", "what is sold in EUR (Rhein): no exchange rate of EUR to GBP is known."),
        (old_rate, "rate-missing EUR", "(Rhein): the last exchange rate of EUR is of"),
        (held_rate, "rate-held EUR", "waits until somebody has looked: 12.0 % above."),
        (down, "supplier-down acme", "Acme has not answered for 3 hours; its orders wait."),
    ],
)  # fmt: skip
def test_what_is_wrong_is_opened_in_words(wrong, key, words):
    wrong()
    found = opened()
    assert list(found) == [key]
    assert words in found[key]


def test_held_rate_of_a_currency_nobody_sells_in_or_that_is_overtaken_is_no_alert():
    rate("held", days=1)
    assert opened() == {}
    no_rate()
    rate("accepted", days=0)
    assert opened() == {}


def asked(supplier: Supplier, job: str, state: str, **length: float) -> None:
    JobPart.objects.create(
        run=run("elsewhere", "done"), job=job, subject=supplier.pk, state=state, lease_until=timezone.now(),
        finished_at=ago(**length),
    )  # fmt: skip


def test_figures_a_supplier_does_not_tell_though_it_is_asked_are_opened(sandbox_supplier):
    for job, days in (("old-prices", 4), ("hot-stock", 3)):
        asked(sandbox_supplier, job, "failed", days=9)
        asked(sandbox_supplier, job, "done", days=8)
        asked(sandbox_supplier, job, "failed", days=days)
        asked(sandbox_supplier, job, "failed", days=1)
    SupplierAccount.objects.update(catalogue_fetched_at=ago(days=4))
    code = sandbox_supplier.code
    found = opened()
    assert set(found) == {f"prices-old {code}", f"stock-old {code}", f"range-old {code}"}
    assert f"has not told its stock since {timezone.localtime(ago(days=3)):%A}" in found[f"stock-old {code}"]
    for job in ("old-prices", "hot-stock"):
        asked(sandbox_supplier, job, "done", days=0)
    assert set(opened()) == {f"range-old {code}"}


@pytest.mark.parametrize(
    "not_wrong",
    [
        lambda: [run("sync-sources", "failed") for _ in range(2)],  # once more, and it is
        lambda: (failed_each_minute(), run("sync-sources", "done")),
        lambda: (late(), JobSetting.objects.create(job="hot-stock", paused_at=timezone.now())),
        lambda: (late(), run("hot-stock", "parts")),
        lambda: (stale(), SourceAccount.objects.update(active=False)),
    ],
)
def test_what_is_no_trouble_or_known_opens_nothing(not_wrong):
    not_wrong()
    assert opened() == {}


def test_while_the_worker_is_silent_its_jobs_are_not_told_one_by_one():
    worker()
    late()
    never_begun()
    assert list(opened()) == ["worker worker"]


def test_it_is_one_row_however_often_it_is_found_and_closes_when_it_is_well():
    worker()
    assert [len(opened()) for _ in range(3)] == [1] * 3
    WorkerHeartbeat.objects.update(at=ago(minutes=125))
    assert "125 minutes" not in opened()["worker worker"]
    assert "2 hours" in opened()["worker worker"]
    WorkerHeartbeat.objects.update(at=timezone.now())
    assert opened() == {}
    assert Alert.objects.get().closed_at is not None


def test_a_kind_that_cannot_be_looked_for_closes_none_and_keeps_the_others_from_nothing(monkeypatch):
    stopped()
    opened()
    monkeypatch.setattr("procurement.alerts.OPENS_AFTER", object())  # breaks "supplier-down"
    worker()
    assert set(opened()) == {"supplier-stopped acme", "worker worker"}


def grown(alert: Alert, **fields: timedelta) -> None:
    Alert.objects.filter(pk=alert.pk).update(
        **{name: timezone.now() - length for name, length in fields.items()}
    )


def test_administrators_get_one_mail_when_it_opens_and_one_when_it_is_well(settings):
    settings.PUBLIC_URL = "https://buy.example"
    factories.user("Administrator", email="ada@example.com")
    factories.user("Administrator", email="left@example.com", is_active=False)
    factories.user("Buyer", email="bob@example.com")
    stopped()
    opened()
    assert woken() == []  # it may be well again in a minute
    alert = Alert.objects.get()
    grown(alert, opened_at=timedelta(minutes=3))
    for _ in range(3):
        alerts_refresh()
        work_off()
    (first,) = mail.outbox
    assert (first.to, first.subject) == (["ada@example.com"], "Supplier stopped: acme")
    assert "Acme is stopped and its orders wait: Credentials refused." in first.body
    assert "https://buy.example/suppliers/acme/" in first.body
    factories.supplier().__class__.objects.update(paused_reason="")
    for _ in range(2):
        alerts_refresh()
        work_off()
    assert len(mail.outbox) == 1  # not before it has lasted
    grown(alert, closed_at=timedelta(minutes=11))
    for _ in range(2):
        alerts_refresh()
        work_off()
    assert [sent.subject for sent in mail.outbox[1:]] == ["Well again: Supplier stopped: acme"]
    assert "had been open since" in mail.outbox[1].body


def test_what_comes_back_at_once_was_never_well():
    worker()
    opened()
    alert = Alert.objects.get()
    grown(alert, opened_at=timedelta(hours=1))
    Alert.objects.update(told_opened_at=timezone.now(), closed_at=ago(minutes=5))
    opened()
    assert Alert.objects.get().closed_at is None
    Alert.objects.update(closed_at=ago(minutes=15))
    opened()
    assert Alert.objects.count() == 2


def test_what_was_well_before_anybody_was_told_is_not_told():
    worker()
    opened()
    Alert.objects.update(opened_at=ago(hours=1), closed_at=ago(minutes=30))
    WorkerHeartbeat.objects.update(at=timezone.now())
    alerts_refresh()
    assert woken() == []


def test_mail_that_does_not_leave_is_said_and_tried_later(monkeypatch):
    worker()
    opened()
    alert = Alert.objects.get()
    grown(alert, opened_at=timedelta(minutes=3))
    assert not alert_tell(alert_id=alert.pk)
    alert.refresh_from_db()
    assert alert.mail_error == "No administrator has an e-mail address."
    factories.user("Administrator", email="ada@example.com")
    assert not alert_tell(alert_id=alert.pk)  # not yet
    Alert.objects.update(mail_next_at=timezone.now())
    assert alert_tell(alert_id=alert.pk)
    alert.refresh_from_db()
    assert (alert.mail_error, len(mail.outbox)) == ("", 1)


def test_who_watches_the_worker_tells_of_its_silence_without_it():
    factories.user("Administrator", email="ada@example.com")
    worker_alarm()
    assert mail.outbox == []
    worker()
    stopped()
    worker_alarm()
    worker_alarm()
    assert [sent.subject for sent in mail.outbox] == ["Worker silent: worker"]
    assert woken() == []


def test_old_alerts_are_thrown_away():
    stopped()
    opened()
    assert alerts_prune() == 0
    Alert.objects.update(closed_at=ago(days=91))
    assert alerts_prune() == 1


def test_each_kind_has_its_words():
    assert len({kind.key for kind in KINDS}) == len(KINDS)
    assert all(kind.title and kind.when and len(kind.key) <= 30 for kind in KINDS)


@pytest.mark.django_db(transaction=True)
@pytest.mark.postgresql
def test_found_by_several_at_once_it_is_opened_and_told_once():
    factories.user("Administrator", email="ada@example.com")
    stopped()
    race(*[alerts_refresh] * 4)
    alert = Alert.objects.get()
    grown(alert, opened_at=timedelta(minutes=3))
    assert sorted(race(*[lambda: alert_tell(alert_id=alert.pk)] * 4)) == [False, False, False, True]
