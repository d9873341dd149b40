"""An account's settings are the ones its protocol declares, checked when they are entered."""

import pytest
from django.test import Client

from suppliers.models import Supplier, SupplierAccount
from tests.admin.form_data import form_data

ADD = "/admin/suppliers/supplieraccount/add/"


def address(account: SupplierAccount) -> str:
    return f"/admin/suppliers/supplieraccount/{account.pk}/change/"


def test_account_shows_the_settings_of_its_protocol_when_it_was_added(administrator: Client) -> None:
    supplier = Supplier.objects.create(code="acme", name="Acme")
    page = administrator.post(ADD, {"supplier": supplier.pk, "protocol": "cerve"})
    account = SupplierAccount.objects.get()
    assert page.url == address(account)
    body = administrator.get(page.url).content.decode()
    assert "Token address" in body
    assert "Supplier id" in body


def test_account_is_refused_when_the_protocol_is_unknown(administrator: Client) -> None:
    supplier = Supplier.objects.create(code="acme", name="Acme")
    page = administrator.post(ADD, {"supplier": supplier.pk, "protocol": "telex"})
    assert page.status_code == 200
    assert "telex is not one of the available choices" in page.content.decode()
    assert not SupplierAccount.objects.exists()


def test_account_settings_are_stored_as_entered(administrator: Client, account: SupplierAccount) -> None:
    data = form_data(administrator.get(address(account)))
    page = administrator.post(address(account), data | {"setting_supplier_id": " s2 "})
    assert page.status_code == 302, page.context["errors"]
    account.refresh_from_db()
    assert account.settings["supplier_id"] == "s2"
    assert account.settings["base_url"] == "https://api.example/v2"


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("supplier_id", "", "This field is required."),
        ("base_url", "ftp://example", "http"),
        ("base_url", "not an address", "http"),
        ("timeout_seconds", "soon", "number"),
        ("supplier_id", "x" * 501, "at most 500 characters"),
        ("supplier_id", "a\x00b", "Null characters are not allowed"),
    ],
)
def test_account_setting_is_refused_in_words_when_it_cannot_be(
    name: str, value: str, said: str, administrator: Client, account: SupplierAccount
) -> None:
    before = account.settings
    data = form_data(administrator.get(address(account)))
    page = administrator.post(address(account), data | {f"setting_{name}": value})
    assert page.status_code == 200
    assert said in page.content.decode()
    account.refresh_from_db()
    assert account.settings == before
