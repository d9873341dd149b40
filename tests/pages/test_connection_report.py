"""Testing a connection says what works, one thing at a time, and orders nothing."""

import pytest
from django.test import Client

from suppliers.exceptions import AuthenticationFailed
from suppliers.models import ConnectorCall, Supplier, SupplierCredential
from suppliers.sandbox.server import SandboxServer
from suppliers.services.connection_report import connection_report
from tests.pages.reading import text


def told(supplier: Supplier) -> dict[str, str]:
    return {ability.name: str(ability) for ability in connection_report(supplier=supplier, by=None).abilities}


def test_each_thing_is_tried_and_told_in_words(sandbox: SandboxServer, sandbox_supplier: Supplier) -> None:
    words = told(sandbox_supplier)
    assert words["product list"] == "Product list: can be read."
    assert words["prices"] == "Prices: 6 of APLJ-1L cost 2.00 GBP each."
    assert words["stock on offer"] == "Stock on offer: answered; that of APLJ-1L is 600."
    assert words["order look-up"].startswith("Order look-up: answers, and knows of no order")
    assert words["live check"].startswith("Live check: not tried")
    assert "/callbacks/greengrocer/" in words["callbacks"]
    assert sandbox.ledger.summary()["orders"] == []
    assert not ConnectorCall.objects.filter(operation__in=("submit", "preview")).exists()


def test_what_does_not_work_says_so_and_the_rest_is_tried(
    sandbox: SandboxServer, sandbox_supplier: Supplier
) -> None:
    account = sandbox_supplier.account
    account.settings["order_lookup_path"] = "no-such-place?ref={reference}"
    account.save()
    words = told(sandbox_supplier)
    assert words["order look-up"].startswith("Order look-up: does not work. Greengrocer Ltd")
    assert words["prices"].endswith("each.")


def test_a_bug_in_one_thing_hides_none_of_the_others(
    sandbox_supplier: Supplier, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*args: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(
        "suppliers.connectors.cerve.connector.CerveConnector.fetch_stock_availability", broken
    )
    words = told(sandbox_supplier)
    assert "does not work. something broke on our side" in words["stock on offer"]
    assert words["prices"].endswith("each.")


def test_without_credentials_nothing_else_is_tried(sandbox_supplier: Supplier) -> None:
    SupplierCredential.objects.filter(name="client_secret").update(value="wrong-secret")
    with pytest.raises(AuthenticationFailed):
        connection_report(supplier=sandbox_supplier, by=None)
    assert set(ConnectorCall.objects.values_list("operation", flat=True)) == {"token"}


def test_a_supplier_that_is_slow_does_not_keep_the_page_waiting(
    sandbox_supplier: Supplier, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("suppliers.services.connection_report.PATIENCE", -1)
    assert "took so long" in told(sandbox_supplier)["prices"]


def test_the_page_shows_it_once(administrator: Client, sandbox_supplier: Supplier) -> None:
    address = f"/suppliers/{sandbox_supplier.code}/"
    page = text(administrator.post(f"{address}check/", follow=True))
    for words in (
        "Signed in; 3 products",
        "What works",
        "6 of APLJ-1L cost 2.00 GBP each",
        "Cannot repeat is answered",
    ):
        assert words in page
    assert "What works" not in text(administrator.get(address))


def test_the_admin_tells_it_too(administrator: Client, sandbox_supplier: Supplier) -> None:
    data = {"action": "check_connection", "_selected_action": sandbox_supplier.pk}
    page = text(administrator.post("/admin/suppliers/supplier/", data, follow=True))
    assert "Greengrocer Ltd: Prices: 6 of APLJ-1L cost 2.00 GBP each." in page
