"""From rows to a connector, and proving that it works."""

from datetime import timedelta

import pytest
from django.utils import timezone

from suppliers.connectors.base import CallRecord
from suppliers.exceptions import AuthenticationFailed, ConnectorConfigurationError
from suppliers.models import ConnectorCall, Supplier, SupplierAccount, SupplierCredential
from suppliers.services.connections import KEPT_BYTES, connection_check, connector_for, journal_write
from tests.suppliers.orders import order_of


def test_supplier_without_account_or_with_unknown_protocol_is_a_configuration_error(db):
    supplier = Supplier.objects.create(code="bare", name="Bare")
    with pytest.raises(ConnectorConfigurationError, match="Bare has no account"):
        connector_for(supplier)
    SupplierAccount.objects.create(supplier=supplier, protocol="telepathy")
    with pytest.raises(ConnectorConfigurationError, match="no protocol 'telepathy'"):
        connector_for(supplier)


def test_live_credentials_are_given_newest_first(sandbox_supplier):
    account = sandbox_supplier.account
    now = timezone.now()
    for value, retired_at in (
        ("retired", now - timedelta(seconds=1)),
        ("ending", now + timedelta(hours=1)),
        ("newest", None),
    ):
        SupplierCredential.objects.create(account=account, name="extra", value=value, retired_at=retired_at)
    assert connector_for(sandbox_supplier).config.credentials["extra"] == ("newest", "ending")


@pytest.mark.parametrize("missing", ["client_id", "client_secret"])
def test_missing_credential_is_named(sandbox_supplier, missing):
    SupplierCredential.objects.filter(name=missing).delete()
    with pytest.raises(ConnectorConfigurationError, match="Greengrocer Ltd: Client "):
        connector_for(sandbox_supplier).open()


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("supplier_id", ""),
        ("base_url", ""),
        ("base_url", "not an address"),
        ("timeout_seconds", "long"),
        ("timeout_seconds", "nan"),
        ("unit_words", "each"),
        ("duplicate_check", "perhaps"),
    ],
)
def test_setting_that_makes_no_sense_is_a_configuration_error(sandbox_supplier, setting, value):
    account = sandbox_supplier.account
    account.settings[setting] = value
    account.save()
    with pytest.raises(ConnectorConfigurationError):
        connection_check(supplier=sandbox_supplier, by=None)


def test_setting_of_another_type_is_read_as_its_text(sandbox_supplier):
    account = sandbox_supplier.account
    account.settings["timeout_seconds"] = 5
    account.save()
    assert connection_check(supplier=sandbox_supplier, by=None).startswith("Signed in")


def test_address_inside_our_network_needs_the_accounts_leave(sandbox_supplier):
    SupplierAccount.objects.update(allow_private_network=False)
    with pytest.raises(ConnectorConfigurationError, match="unencrypted; use https"):
        connection_check(supplier=sandbox_supplier, by=None)


def test_check_resumes_a_paused_supplier(sandbox_supplier):
    Supplier.objects.update(paused_reason="refused our credentials")
    assert connection_check(supplier=sandbox_supplier, by=None).startswith("Signed in; 3 products")
    sandbox_supplier.refresh_from_db()
    assert sandbox_supplier.paused_reason == ""
    assert SupplierAccount.objects.get().last_success_at


def test_failed_check_leaves_the_supplier_paused(sandbox_supplier):
    Supplier.objects.update(paused_reason="refused our credentials")
    SupplierCredential.objects.filter(name="client_secret").delete()
    SupplierCredential.objects.create(
        account=sandbox_supplier.account, name="client_secret", value="wrong-secret"
    )
    with pytest.raises(AuthenticationFailed):
        connection_check(supplier=sandbox_supplier, by=None)
    assert Supplier.objects.get().paused_reason
    call = ConnectorCall.objects.get()
    assert (call.operation, call.status) == ("token", 401)


def test_what_concerns_an_order_is_kept_whole(sandbox_supplier):
    with connector_for(sandbox_supplier, attempt=2) as connector, pytest.raises(Exception):  # noqa: B017
        connector.submit_order(order_of(*((f"{'X' * 50}{number}", "1") for number in range(4000))))
    call = ConnectorCall.objects.get(operation="submit")
    assert call.request_size == len(call.request_body) > 300_000
    assert bytes(call.request_body).endswith(b"]}")
    assert call.attempt == 2


def test_other_long_bodies_are_cut_and_their_size_is_kept(sandbox_supplier):
    record = CallRecord(
        operation="catalogue", method="GET", url="", started_at=timezone.now(), duration_ms=1, status=200,
        error="", request_body=b"", response_body=b"x" * (KEPT_BYTES + 9), reference="",
    )  # fmt: skip
    journal_write(sandbox_supplier, [record])
    call = ConnectorCall.objects.get()
    assert (call.response_size, len(call.response_body)) == (KEPT_BYTES + 9, KEPT_BYTES)


def test_every_call_made_for_an_order_bears_its_reference(sandbox_supplier):
    with connector_for(sandbox_supplier, reference="PO-7", attempt=1) as connector:
        connector.find_order("PO-7")
    assert set(ConnectorCall.objects.values_list("operation", "reference", "attempt")) == {
        ("token", "PO-7", 1),
        ("look_up", "PO-7", 1),
    }
