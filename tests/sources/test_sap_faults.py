"""What goes wrong at SAP, over a real socket: the reading goes on, waits, or says in words what it lacks."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.utils import timezone

from procurement.models import SourceAccount, SourceCredential, SourceRun, StockLevel
from procurement.services.syncing import source_check, source_sync
from procurement.sources.sandbox.sap import System
from procurement.sources.sandbox.server import SourceSandbox
from suppliers.exceptions import AuthenticationFailed, ConnectorConfigurationError
from suppliers.sandbox.faults import Fault, Kind
from tests import factories
from tests.sources.accounts import make_products, source_create, source_plain
from tests.sources.sap_stock import put

pytestmark = pytest.mark.django_db


@pytest.fixture
def sandbox() -> Iterator[SourceSandbox]:
    """Three items of three batches each at one site and one at another; two rows a page."""
    with SourceSandbox("sap", page_size=2) as sandbox:
        for sku in ("A", "B", "C"):
            for batch in range(3):
                put(sandbox.system, sku, "5", Batch=f"B{batch}")
            put(sandbox.system, sku, "5", Plant="1020")
        yield sandbox


@pytest.fixture
def system(sandbox: SourceSandbox) -> System:
    return sandbox.system


@pytest.fixture
def source(db: None, sandbox: SourceSandbox) -> SourceAccount:
    factories.site(code="north", name="North")
    make_products("A", "B", "C")
    return source_create(sandbox, "sap", name="Acme SAP", code="sap")


def failing(source: SourceAccount) -> SourceRun:
    run = source_sync(source=source, by=None)
    assert run.status == SourceRun.Status.FAILED
    source.refresh_from_db()
    return run


def whole() -> bool:
    """All is known, and no sum is a part of one."""
    found = StockLevel.objects.values_list("product__sku", "site__code", "on_hand")
    return set(found) == {
        (sku, site, n) for sku in ("A", "B", "C") for site, n in (("main", 15), ("north", 5))
    }


@pytest.mark.parametrize("way", ["basic", "oauth2", "api_key"])
def test_each_way_in_opens(source, system, way):
    system.authentication = way
    source.settings |= {"authentication": way}
    source.save()
    assert source_check(source=source) == "Signed in; stock can be read."
    assert source_sync(source=source, by=None).status == "done"
    assert whole()


@pytest.mark.parametrize(
    ("way", "credential"), [("basic", "password"), ("oauth2", "client_secret"), ("api_key", "api_key")]
)
def test_wrong_secret_is_said_in_words_and_pauses_the_source(source, system, way, credential):
    system.authentication = way
    source.settings |= {"authentication": way}
    source.save()
    SourceCredential.objects.filter(name=credential).delete()
    SourceCredential.objects.create(account=source, name=credential, value="wrong-secret")
    run = failing(source)
    assert "Acme SAP refused our credentials" in run.error
    assert "wrong-secret" not in run.error
    assert source.paused_reason == run.error
    with pytest.raises(AuthenticationFailed):
        source_check(source=source)


@pytest.mark.parametrize(
    ("way", "missing"),
    [
        ("basic", ("password", "Password")),
        ("oauth2", ("client_id", "Client id")),
        ("api_key", ("api_key", "API key")),
    ],
)
def test_missing_secret_is_named(source, way, missing):
    source.settings |= {"authentication": way}
    source.save()
    SourceCredential.objects.filter(name=missing[0]).delete()
    assert failing(source).error == f"Acme SAP: {missing[1]} is not set."


def test_token_that_ends_between_two_pages_is_renewed_once(source, system, sandbox):
    system.authentication = "oauth2"
    source.settings |= {"authentication": "oauth2"}
    source.save()
    sandbox.faults.set(Fault(kind=Kind.TOKEN_EXPIRED, operation="more", count=1))
    assert source_sync(source=source, by=None).status == "done"
    assert whole()


def test_client_goes_with_every_page(source, system):
    system.client = "200"
    assert "refused our credentials" in failing(source).error
    source.settings |= {"client": "200"}
    source.save()
    assert source_sync(source=source, by=None).status == "done"
    assert {asked["sap-client"] for asked in system.asked} == {"200"}
    assert any("$skiptoken" in asked for asked in system.asked)
    assert whole()


def test_short_wait_is_waited_for(source, sandbox):
    sandbox.faults.set(Fault(kind=Kind.RATE_LIMITED, operation="more", seconds=0, count=1))
    assert source_sync(source=source, by=None).status == "done"
    assert whole()


def test_long_wait_is_kept_to(source, sandbox):
    sandbox.faults.set(Fault(kind=Kind.RATE_LIMITED, seconds=900))
    before = timezone.now()
    assert "slow down" in failing(source).error
    assert timedelta(minutes=14) < source.next_run_at - before < timedelta(minutes=16)
    assert source.paused_reason == ""


@pytest.mark.parametrize("kind", [Kind.BROKEN_BODY, Kind.RESET_AFTER, Kind.RESET_BEFORE])
@pytest.mark.parametrize("operation", ["stock", "more"])
def test_page_that_fails_half_way_leaves_no_part_of_a_sum(source, sandbox, kind, operation):
    sandbox.faults.set(Fault(kind=kind, operation=operation, count=1))
    if source_sync(source=source, by=None).status == "failed":
        for level in StockLevel.objects.select_related("site"):
            assert level.on_hand == (15 if level.site.code == "main" else 5)
        assert source_sync(source=source, by=None).status == "done"
    assert whole()


def test_server_errors_are_tried_again(source, sandbox):
    sandbox.faults.set(Fault(kind=Kind.ERROR_BEFORE, status=503, count=2))
    assert source_sync(source=source, by=None).status == "done"
    assert whole()


def test_field_that_is_gone_is_told_in_their_words_and_the_last_good_state_kept(source, system):
    source_sync(source=source, by=None)
    put(system, "A", "99", Batch="NEW")
    system.hidden.add("MatlWrhsStkQtyInMatlBaseUnit")
    run = failing(source)
    assert run.error == (
        "Acme SAP refused the question (005056A509B11EE1B9A8FEC11C21D78E): Property MatlWrhsStkQtyInMatlBaseUnit"
        " not found in type 'A_MatlStkInAcctModType'."
    )
    assert whole()


@pytest.mark.parametrize("field", ["Plant", "InventoryStockType", "InventorySpecialStockType"])
def test_field_that_is_missing_without_a_word_is_named(source, system, field):
    source_sync(source=source, by=None)
    system.untold.add(field)
    assert failing(source).error == f"Acme SAP has changed: its stock has no {field} any more."
    assert whole()


def test_address_without_the_service_is_said_in_words(source):
    source.settings |= {"base_url": source.settings["base_url"] + "/elsewhere"}
    source.save()
    assert "Acme SAP has no stock service at this address" in failing(source).error


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("base_url", "acme"),
        ("authentication", "magic"),
        ("token_url", "tokens"),
        ("client", "1"),
        ("plants", "1010"),
        ("plants", "1010 = main\n1010 = north"),
        ("plants", "10100 = main"),
        ("leading_zeros", "some"),
        ("number_digits", "41"),
        ("unit_words", "piece"),
        ("page_rows", "0"),
        ("timeout_seconds", "-1"),
    ],
)
def test_setting_that_cannot_be_is_refused_before_anything_is_asked(sandbox, system, setting, value):
    source = source_plain(sandbox, "sap", **{setting: value})
    assert source.problem_with(setting, value)
    with pytest.raises(ConnectorConfigurationError):
        source.open()
    assert system.asked == []


def test_tokens_need_an_address(sandbox):
    source = source_plain(sandbox, "sap", authentication="oauth2", token_url="")
    with pytest.raises(ConnectorConfigurationError, match="oauth2 needs one"):
        source.open()
