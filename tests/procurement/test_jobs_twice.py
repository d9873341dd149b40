"""Every periodic job is safe to run twice, and at the same time: the rows are those of one run."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import models
from django.utils import timezone
from django.utils.module_loading import import_string

from orders.models import InboundMessage, OrderMail, PurchaseOrder, TransferJob
from procurement.exceptions import JobAlreadyRunning
from procurement.models import (
    CustomerOrder,
    CustomerOrderLine,
    DailyDemand,
    JobPart,
    JobRun,
    SourceAccount,
    SourceRun,
)
from procurement.schedules import JOBS, PERIODIC_JOBS, Done, PeriodicJob
from procurement.services.job_parts import part_run
from procurement.services.jobs import job_request, job_scheduled, jobs_take_over
from procurement.sources.sandbox.server import SourceSandbox
from suppliers.models import PriceQuote, PriceTier, SupplierProduct
from tests import factories
from tests.flow.background import work_off
from tests.flow.race import race
from tests.procurement.jobs import job, some
from tests.sources.accounts import make_products, source_create
from tests.sources.salesforce_org import order, products

TOLD: tuple[type[models.Model], ...] = (
    CustomerOrder, CustomerOrderLine, DailyDemand, InboundMessage, OrderMail, PriceQuote, PriceTier, PurchaseOrder,
    SupplierProduct, TransferJob,
)  # fmt: skip


def rows() -> dict[str, list[Any]]:
    """What the jobs are about, without the times at which it was looked at."""
    told = {}
    for model in TOLD:
        names = [f.name for f in model._meta.concrete_fields if not isinstance(f, models.DateTimeField)]
        told[model.__name__] = sorted(map(str, model._default_manager.order_by().values_list(*names)))
    return told


@pytest.fixture
def world(sandbox_supplier):
    """A supplier with a range, a draft of what it sells, and a source with orders."""
    draft = factories.order(sandbox_supplier, lines=0)
    factories.line(draft, sandbox_supplier.products.get(supplier_sku="RICE-5"))
    with SourceSandbox("salesforce", page_size=2) as sandbox:
        products(sandbox.system.organisation, "A", "B")
        make_products("A", "B")
        source_create(sandbox)
        for n in range(1, 4):
            order(sandbox.system.organisation, n, (n, "A", n))
        yield sandbox


def again() -> None:
    """Its turn comes once more."""
    JobRun.objects.all().delete()
    SourceAccount.objects.update(next_run_at=None)


@pytest.mark.django_db
@pytest.mark.parametrize("listed", PERIODIC_JOBS, ids=lambda listed: listed.name)
def test_second_run_changes_nothing(listed: PeriodicJob, world):
    import_string(listed.task)()
    work_off()
    once = rows()
    again()
    import_string(listed.task)()
    work_off()
    assert rows() == once
    assert set(JobRun.objects.values_list("state", flat=True)) == {"done"}
    assert set(JobPart.objects.values_list("state", flat=True)) <= {"done"}


@pytest.mark.django_db(transaction=True)
@pytest.mark.postgresql
@pytest.mark.parametrize("listed", PERIODIC_JOBS, ids=lambda listed: listed.name)
def test_two_at_once_leave_what_one_would(listed: PeriodicJob, world):
    """Past the claim, as a worker that came back late is."""
    subjects = [part.subject for part in import_string(listed.parts)()] if listed.parts else []
    work = import_string(listed.work)
    runners = [lambda subject=subject: work(subject) for subject in subjects] if listed.parts else [work]
    found = race(*runners * 2)
    assert [one for one in found if not isinstance(one, Done) or one.error] == []
    told = rows()
    in_force = PriceQuote.objects.filter(superseded_at=None)
    assert in_force.count() == in_force.values("supplier_product").distinct().count()
    again()
    import_string(listed.task)()
    work_off()
    if listed.name != "sync-sources":  # of two readings at once one is refused, and the source is due again
        assert rows() == told
    assert SourceRun.objects.filter(status="running").count() == 0


@pytest.mark.django_db(transaction=True)
@pytest.mark.postgresql
def test_of_several_starts_at_once_one_runs(monkeypatch):
    tidy, by = job(monkeypatch, some), factories.user()
    for _ in range(3):
        JobRun.objects.all().delete()
        requested = race(*[lambda: job_request(job=tidy, by=by)] * 4)
        assert sum(isinstance(result, JobRun) for result in requested) == 1, requested
        assert sum(isinstance(result, JobAlreadyRunning) for result in requested) == 3, requested
        ran = [result for result in race(*[lambda: job_scheduled(job=tidy)] * 4) if result is not None]
        assert all(isinstance(result, JobRun) for result in ran), ran
        assert JobRun.objects.filter(by=by, state="done").count() == 1


@pytest.mark.django_db(transaction=True)
@pytest.mark.postgresql
def test_dead_run_is_taken_over_once_and_each_part_done_once(monkeypatch):
    done = []
    tidy = job(monkeypatch, lambda subject: done.append(subject) or Done({"things": 1}), of=[1, 2, 3])
    monkeypatch.setattr("procurement.services.jobs.PERIODIC_JOBS", (tidy,))
    ago = timezone.now() - timedelta(minutes=5)
    JobRun.objects.create(job="tidy", started_at=ago, lease_until=ago)
    assert sum(race(*[jobs_take_over] * 4)) == 1
    run = job_scheduled(job=JOBS["tidy"])
    parts = list(run.parts.values_list("pk", flat=True))
    race(*[lambda pk=pk: part_run(part_id=pk) for pk in parts * 3])
    run.refresh_from_db()
    assert (sorted(done), run.state, run.counts) == ([1, 2, 3], "done", {"things": 3})
