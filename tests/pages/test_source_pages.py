"""The pages about sources: how each stands, why, and what a person can do about it."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from procurement.models import CustomerOrder, SourceAccount, SourceRun
from procurement.sources.sandbox.server import SourceSandbox
from tests import factories
from tests.flow.background import work_off
from tests.pages.reading import text
from tests.sources.accounts import make_products, source_create
from tests.sources.salesforce_org import order, products

pytestmark = pytest.mark.django_db


@pytest.fixture
def sandbox() -> Iterator[SourceSandbox]:
    with SourceSandbox("salesforce") as sandbox:
        products(sandbox.system.organisation, "A")
        yield sandbox


@pytest.fixture
def crm(db: None) -> SourceAccount:
    return SourceAccount.objects.create(code="crm", name="Acme CRM", kind="salesforce", site=factories.site())


def run(source: SourceAccount, status: str, **values: object) -> SourceRun:
    defaults = {"lease_until": timezone.now() + timedelta(minutes=1)}
    return SourceRun.objects.create(account=source, status=status, **(defaults | values))


def test_no_source_says_how_to_begin(buyer: Client) -> None:
    assert "No source yet" in text(buyer.get("/stock/sources/"))
    assert "Sources" in text(buyer.get("/stock/"))


def test_each_source_tells_its_last_reading_and_its_counts(buyer: Client, crm: SourceAccount) -> None:
    run(crm, "done", fetched=41, added=11, changed=12, unchanged=13, removed=14)
    SourceAccount.objects.update(last_success_at=timezone.now())
    page = text(buyer.get("/stock/sources/"))
    for words in (
        "Acme CRM",
        "Salesforce · Main warehouse",
        "up to date",
        " 41 ",
        " 11 ",
        " 12 ",
        " 13 ",
        " 14 ",
    ):
        assert words in page


@pytest.mark.parametrize(
    ("values", "status", "words"),
    [
        ({}, "", "not read yet"),
        ({"active": False}, "done", "inactive"),
        ({"paused_reason": "Acme CRM refused our credentials."}, "failed", "paused"),
        ({}, "running", "being read"),
        ({}, "failed", "failed"),
        ({"last_success_at": timezone.now() - timedelta(hours=2)}, "done", "stale"),
        ({"last_success_at": timezone.now() - timedelta(hours=2), "every_minutes": 60}, "done", "up to date"),
    ],
)
def test_state_is_said_in_words(buyer: Client, crm: SourceAccount, values, status, words) -> None:
    SourceAccount.objects.update(**values)
    if status:
        run(crm, status)
    assert words in text(buyer.get("/stock/sources/"))
    assert words in text(buyer.get("/stock/sources/crm/"))


def test_page_of_a_source_says_why_it_failed_and_what_was_not_taken_over(
    buyer: Client, crm: SourceAccount
) -> None:
    run(crm, "failed", error="Acme CRM has changed: it lacks something.")
    crm.problems.create(external_id="801X", words="Order 7: Status is new.", asked_at=timezone.now())
    page = text(buyer.get("/stock/sources/crm/"))
    for words in (
        "Acme CRM has changed: it lacks something.",
        "What was known stays as it is",
        "Order 7: Status is new.",
        "801X",
    ):
        assert words in page


def test_run_now_reads_in_the_background(buyer: Client, sandbox: SourceSandbox) -> None:
    make_products("A")
    source_create(sandbox)
    order(sandbox.system.organisation, 1, (1, "A", 5))
    answer = buyer.post("/stock/sources/crm/run/", follow=True)
    assert "Acme CRM is being read" in text(answer)
    assert not CustomerOrder.objects.exists()
    work_off()
    page = text(buyer.get("/stock/sources/crm/"))
    assert "up to date" in page
    assert SourceRun.objects.get().by.groups.get().name == "Buyer"
    assert CustomerOrder.objects.exists()


def test_running_reading_can_be_stopped(buyer: Client, crm: SourceAccount) -> None:
    running = run(crm, "running")
    assert "Stop" in text(buyer.get("/stock/sources/crm/"))
    buyer.post("/stock/sources/crm/stop/")
    running.refresh_from_db()
    assert running.status == "cancelled"
    assert "is not being read" in text(buyer.post("/stock/sources/crm/stop/", follow=True))


def test_connection_test_says_what_works_and_what_does_not(
    administrator: Client, sandbox: SourceSandbox
) -> None:
    source = source_create(sandbox)
    assert "orders and their items can be read" in text(
        administrator.post("/stock/sources/crm/check/", follow=True)
    )
    source.credentials.all().delete()
    assert "Consumer key is not set" in text(administrator.post("/stock/sources/crm/check/", follow=True))


def test_only_those_who_may_run_or_test_a_source(approver: Client, buyer: Client, crm: SourceAccount) -> None:
    assert "Run now" not in text(approver.get("/stock/sources/"))
    assert approver.post("/stock/sources/crm/run/").status_code == 403
    assert approver.post("/stock/sources/crm/stop/").status_code == 403
    assert buyer.post("/stock/sources/crm/check/").status_code == 403
    assert buyer.get("/stock/sources/crm/run/").status_code == 405
    assert buyer.get("/stock/sources/other/").status_code == 404


def test_number_of_queries_does_not_grow_with_the_sources(
    buyer: Client, django_assert_max_num_queries
) -> None:
    for n in range(6):
        source = SourceAccount.objects.create(
            code=f"s{n}", name=f"S{n}", kind="salesforce", site=factories.site()
        )
        run(source, "done")
    with django_assert_max_num_queries(14):
        buyer.get("/stock/sources/")
