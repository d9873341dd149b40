"""What was said to a source is kept, secrets removed, and shown to administrators."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from procurement.chores import prune
from procurement.models import SourceCall
from procurement.services.syncing import source_check, source_sync
from procurement.source_call_figures import source_calls_today
from suppliers.sandbox.faults import Fault, Kind
from tests import factories
from tests.sources.salesforce_org import order


def everything() -> str:
    return "".join(
        f"{call.url}{call.error}{bytes(call.request_body)!r}{bytes(call.response_body)!r}"
        for call in SourceCall.objects.all()
    )


def test_every_call_of_a_reading_is_kept_and_of_those_that_went_well_no_bodies(source, org):
    order(org, 1, (1, "A", 1))
    run = source_sync(source=source, by=None)
    assert run.status == "done"
    calls = list(SourceCall.objects.order_by("pk"))
    assert {call.method for call in calls} == {"POST", "GET"}  # a token, then questions
    assert all(call.status == 200 and call.response_size > 0 and not call.response_body for call in calls)
    assert source_calls_today(source).calls == len(calls)
    assert sum(source_calls_today(source).hours) == len(calls)
    last = calls[-1]
    assert (last.used, last.allowed) == (org.used, org.allowed)


def test_failed_call_keeps_what_came_back_and_no_secret(source, sandbox):
    sandbox.faults.set(Fault(kind=Kind.ERROR_BEFORE, status=503))
    assert source_sync(source=source, by=None).status == "failed"
    call = SourceCall.objects.latest("pk")
    assert (call.status, call.failed) == (503, True)
    assert source_calls_today(source).failed == SourceCall.objects.count()
    for secret in sandbox.system.account_credentials().values():
        assert secret not in everything()


def test_token_is_in_no_row(source, sandbox, org):
    order(org, 1, (1, "A", 1))
    source_check(source=source)
    sandbox.faults.set(Fault(kind=Kind.TOKEN_EXPIRED, count=1))
    source_sync(source=source, by=None)
    assert sandbox.system.reader.client_secret not in everything()
    assert any(call.status == 401 for call in SourceCall.objects.all())


def test_administrators_see_calls_and_buyers_do_not(source, org):
    source_sync(source=source, by=None)
    client = Client()
    client.force_login(factories.user("Administrator"))
    page = client.get(f"/stock/sources/{source.code}/").content.decode()
    assert "the last that failed; secrets removed" in page
    assert f"{org.used} of {org.allowed}" in page.replace(",", "")
    client.force_login(factories.user("Buyer"))
    assert "secrets removed" not in client.get(f"/stock/sources/{source.code}/").content.decode()


@pytest.mark.django_db
def test_calls_are_thrown_away_after_two_weeks(source):
    now = timezone.now()
    for days in (13, 15):
        SourceCall.objects.create(
            account=source, operation="query", method="GET", url="https://x.example", duration_ms=1, status=200,
            started_at=now - timedelta(days=days),
        )  # fmt: skip
    prune()
    assert SourceCall.objects.count() == 1
