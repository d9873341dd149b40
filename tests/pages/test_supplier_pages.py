import pytest
from django.test import Client

from suppliers.connectors.sftp_ubl.connector import SftpUblConnector
from suppliers.models import Supplier, SupplierCredential
from tests import factories
from tests.fixtures.sandbox import CLIENT_SECRET, WEBHOOK_SECRET
from tests.pages.reading import html, text


@pytest.mark.django_db
def test_the_list_says_how_each_supplier_stands(buyer: Client) -> None:
    factories.supplier(name="Alder Ltd")
    factories.supplier(name="Birch Ltd", paused_reason="Credentials refused.")
    Supplier.objects.create(code="cedar", name="Cedar Ltd")
    page = text(buyer.get("/suppliers/"))
    for words in ("Alder Ltd", "Cerve", "paused", "not set up"):
        assert words in page


@pytest.mark.django_db
def test_the_page_shows_terms_and_the_protocol_by_its_label(buyer: Client) -> None:
    supplier = factories.supplier(
        code="alder", protocol="sftp_ubl", minimum_order_value=250, paused_reason="Credentials refused."
    )
    page = text(buyer.get(f"/suppliers/{supplier.code}/"))
    for words in ("£250.00", "Credentials refused.", SftpUblConnector.label):
        assert words in page
    assert "sftp_ubl" not in page
    assert "Test connection" not in page


@pytest.mark.django_db
@pytest.mark.parametrize(("protocol", "calls_back"), [("cerve", True), ("sftp_ubl", False)])
def test_what_a_protocol_does_not_have_is_not_shown(buyer: Client, protocol: str, calls_back: bool) -> None:
    supplier = factories.supplier(code="alder", protocol=protocol)
    page = text(buyer.get(f"/suppliers/{supplier.code}/"))
    assert ("/callbacks/alder/" in page) == ("Catalogue read" in page) == calls_back


@pytest.mark.django_db
def test_the_journal_is_for_administrators(buyer: Client, administrator: Client) -> None:
    order = factories.order()
    call = factories.call(order, response_body=b"what they said")
    address = f"/suppliers/{order.supplier.code}/"
    assert "201" not in text(buyer.get(address))
    assert "201" in text(administrator.get(address))
    assert buyer.get(f"{address}calls/{call.pk}/").status_code == 403
    assert "what they said" in text(administrator.get(f"{address}calls/{call.pk}/"))
    other = factories.supplier()
    assert administrator.get(f"/suppliers/{other.code}/calls/{call.pk}/").status_code == 404


def test_a_connection_that_works_is_told_and_resumes_the_supplier(
    administrator: Client, sandbox_supplier: Supplier
) -> None:
    Supplier.objects.update(paused_reason="Credentials refused.")
    answer = administrator.post(f"/suppliers/{sandbox_supplier.code}/check/", follow=True)
    assert "notice-success" in html(answer)
    sandbox_supplier.refresh_from_db()
    assert sandbox_supplier.paused_reason == ""


def test_wrong_credentials_are_told_without_showing_them(
    administrator: Client, sandbox_supplier: Supplier
) -> None:
    SupplierCredential.objects.filter(name="client_secret").delete()
    SupplierCredential.objects.create(
        account=sandbox_supplier.account, name="client_secret", value="wrong-secret-4711"
    )
    answer = administrator.post(f"/suppliers/{sandbox_supplier.code}/check/", follow=True)
    assert "notice-error" in html(answer)
    for secret in ("wrong-secret-4711", CLIENT_SECRET, WEBHOOK_SECRET):
        assert secret not in html(answer)


@pytest.mark.django_db
def test_only_administrators_test_a_connection(buyer: Client) -> None:
    supplier = factories.supplier()
    assert buyer.post(f"/suppliers/{supplier.code}/check/").status_code == 403
    assert buyer.get("/suppliers/no-such/").status_code == 404
