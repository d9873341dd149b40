"""What goes wrong at Salesforce, over a real socket: the reading goes on, waits, or says in words what it lacks."""

from datetime import timedelta

import pytest
from django.utils import timezone

from procurement.models import SourceCredential, SourceRun
from procurement.services.syncing import source_check, source_sync
from suppliers.exceptions import AuthenticationFailed, ConnectorConfigurationError, ProtocolError
from suppliers.sandbox.faults import Fault, Kind
from tests.sources.accounts import lines, quantities, source_plain
from tests.sources.salesforce_org import item, order

pytestmark = pytest.mark.django_db


def failing(source) -> SourceRun:
    run = source_sync(source=source, by=None)
    assert run.status == SourceRun.Status.FAILED
    source.refresh_from_db()
    return run


def orders(org, count: int) -> None:
    for n in range(1, count + 1):
        order(org, n, (n, "A", n))


def test_token_that_ends_between_two_pages_is_renewed_once(source, sandbox, org):
    orders(org, 7)
    sandbox.faults.set(Fault(kind=Kind.TOKEN_EXPIRED, operation="more", count=1))
    run = source_sync(source=source, by=None)
    assert (run.status, run.added) == ("done", 7)


def test_token_that_is_never_taken_pauses_the_source(source, sandbox, org):
    orders(org, 1)
    sandbox.faults.set(Fault(kind=Kind.TOKEN_EXPIRED))
    run = failing(source)
    assert "Acme CRM refused our token (INVALID_SESSION_ID): Session expired or invalid" in run.error
    assert source.paused_reason == run.error
    sandbox.faults.clear()
    source_sync(source=source, by=None)  # a person tries again
    source.refresh_from_db()
    assert source.paused_reason == ""


def test_wrong_secret_is_said_in_words(source):
    SourceCredential.objects.filter(name="client_secret").delete()
    SourceCredential.objects.create(account=source, name="client_secret", value="wrong-secret")
    run = failing(source)
    assert "refused our credentials" in run.error
    assert "wrong-secret" not in run.error
    with pytest.raises(AuthenticationFailed):
        source_check(source=source)


def test_missing_secret_is_said_in_words(source):
    SourceCredential.objects.all().delete()
    assert failing(source).error == "Acme CRM: Consumer key is not set."


def test_short_wait_is_waited_for(source, sandbox, org):
    orders(org, 3)
    sandbox.faults.set(Fault(kind=Kind.RATE_LIMITED, operation="more", seconds=0, count=1))
    run = source_sync(source=source, by=None)
    assert (run.status, run.added) == ("done", 3)


def test_long_wait_is_kept_to(source, sandbox, org):
    orders(org, 3)
    sandbox.faults.set(Fault(kind=Kind.RATE_LIMITED, operation="query", seconds=900))
    before = timezone.now()
    assert "slow down" in failing(source).error
    assert timedelta(minutes=14) < source.next_run_at - before < timedelta(minutes=16)
    assert source.paused_reason == ""


def test_calls_that_are_used_up_are_waited_for(source, org):
    orders(org, 3)
    org.used = org.allowed
    before = timezone.now()
    assert (
        "all calls of the last 24 hours are used up: TotalRequests Limit exceeded." in failing(source).error
    )
    assert source.next_run_at - before > timedelta(minutes=29)
    assert source.paused_reason == ""


def test_calls_that_are_used_up_between_two_pages_cost_no_order(source, sandbox, org):
    orders(org, 7)
    sandbox.faults.set(Fault(kind=Kind.CALLS_USED_UP, operation="more", count=1))
    assert "all calls of the last 24 hours are used up" in failing(source).error
    assert len(lines()) == 2  # what was taken over before
    source_sync(source=source, by=None)
    assert quantities() == {n: (n, 0) for n in range(1, 8)}


def test_others_keep_their_share_of_the_calls(source, org):
    orders(org, 3)
    org.used, org.allowed = 799, 1000
    assert "800 of 1,000 calls of the last 24 hours are used up" in failing(source).error
    assert org.used == 800
    source.settings |= {"share_percent": "90"}
    source.save()
    assert source_sync(source=source, by=None).status == "done"


@pytest.mark.parametrize("kind", [Kind.BROKEN_BODY, Kind.RESET_AFTER, Kind.RESET_BEFORE])
def test_page_that_fails_half_way_is_tried_again_or_left_whole(source, sandbox, org, kind):
    orders(org, 5)
    sandbox.faults.set(Fault(kind=kind, operation="more", count=1))
    if source_sync(source=source, by=None).status == "failed":
        assert len(lines()) == 2  # what was taken over before
        source_sync(source=source, by=None)
    assert quantities() == {n: (n, 0) for n in range(1, 6)}


def test_server_errors_are_tried_again(source, sandbox, org):
    orders(org, 5)
    sandbox.faults.set(Fault(kind=Kind.ERROR_BEFORE, status=503, operation="query", count=2))
    assert source_sync(source=source, by=None).status == "done"


def test_query_that_was_forgotten_between_two_pages_is_asked_again(source, sandbox, org):
    orders(org, 5)

    class Forgetful(dict):
        def __contains__(self, locator: object) -> bool:
            return False

    sandbox.system._answers = Forgetful()
    assert "has forgotten the query between two pages" in failing(source).error
    assert len(lines()) == 2
    sandbox.system._answers = {}
    assert source_sync(source=source, by=None).status == "done"
    assert len(lines()) == 5


@pytest.mark.parametrize("field", ["Quantity", "ProductCode", "EffectiveDate", "SystemModstamp"])
def test_field_that_is_gone_is_named_and_the_last_good_state_kept(source, org, field):
    orders(org, 2)
    source_sync(source=source, by=None)
    source.refresh_from_db()
    before, cursor = lines(), source.cursor
    item(org, 1, 1, "A", 9, stamp=None)
    org.hidden.add(field)
    run = failing(source)
    assert f"It says: No such column '{field}'" in run.error
    assert "Correct the field names in the settings" in run.error
    assert lines() == before
    assert source.cursor == cursor
    with pytest.raises(ProtocolError, match=field):
        source_check(source=source)
    org.hidden.clear()
    source_sync(source=source, by=None)
    assert quantities()[1] == (9, 0)


def test_organisation_without_reduction_orders_is_read_when_told_so(source, org):
    orders(org, 2)
    org.hidden.add("OriginalOrderItemId")
    assert "OriginalOrderItemId" in failing(source).error
    source.settings |= {"reductions": "no"}
    source.save()
    assert source_sync(source=source, by=None).added == 2


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("sku_field", "Product2.ProductCode FROM Order"),
        ("overlap_minutes", "soon"),
        ("statuses", "Draft"),
        ("api_version", "latest"),
        ("share_percent", "0"),
        ("reductions", "maybe"),
        ("timeout_seconds", "-1"),
        ("base_url", "acme"),
    ],
)
def test_setting_that_cannot_be_is_refused_before_anything_is_asked(sandbox, org, setting, value):
    source = source_plain(sandbox, **{setting: value})
    assert source.problem_with(setting, value)
    with pytest.raises(ConnectorConfigurationError):
        source.open()
    assert org.used == 0


def test_check_says_what_works(source):
    assert source_check(source=source).startswith(
        "Signed in; orders and their items can be read; 4 of 15,000 calls"
    )
