"""Secrets go into the admin and never come out of it."""

import pytest
from django.contrib.admin.models import LogEntry
from django.test import Client

from suppliers.models import SupplierAccount, SupplierCredential
from tests.admin.form_data import form_data

PLAIN = "correct-horse-battery-staple"


def address(account: SupplierAccount) -> str:
    return f"/admin/suppliers/supplieraccount/{account.pk}/change/"


def save(client: Client, account: SupplierAccount, **changes: str) -> object:
    data = form_data(client.get(address(account)))
    return client.post(address(account), data | changes)


def enter(client: Client, account: SupplierAccount, name: str, value: str) -> object:
    return save(client, account, **{"credentials-2-0-name": name, "credentials-2-0-value": value})


def test_credential_is_stored_encrypted_and_not_shown_when_entered(
    administrator: Client, account: SupplierAccount
) -> None:
    assert enter(administrator, account, "client_secret", PLAIN).status_code == 302
    assert SupplierCredential.objects.get().value.reveal() == PLAIN
    for page in (address(account), f"/admin/suppliers/supplieraccount/{account.pk}/history/", "/admin/"):
        body = administrator.get(page).content.decode()
        assert PLAIN not in body
        assert "gAAAA" not in body
    assert "client_secret" in administrator.get(address(account)).content.decode()
    assert not [entry for entry in LogEntry.objects.all() if PLAIN in entry.change_message]


def test_credential_is_not_echoed_when_the_form_has_an_error(
    administrator: Client, account: SupplierAccount
) -> None:
    page = save(
        administrator,
        account,
        **{
            "credentials-2-0-name": "client_secret",
            "credentials-2-0-value": PLAIN,
            "setting_supplier_id": "",
        },
    )
    assert page.status_code == 200
    assert "This field is required." in page.content.decode()
    assert PLAIN not in page.content.decode()
    assert not SupplierCredential.objects.exists()


def test_credential_is_rotated_by_adding_another_and_retiring_the_first(
    administrator: Client, account: SupplierAccount
) -> None:
    enter(administrator, account, "client_secret", "first")
    enter(administrator, account, "client_secret", "second")
    newest, oldest = SupplierCredential.objects.order_by("-pk")
    data = form_data(administrator.get(address(account)))
    row = next(n for n in range(2) if data[f"credentials-{n}-id"] == str(oldest.pk))
    save(
        administrator,
        account,
        **{f"credentials-{row}-retired_at_0": "2024-01-02", f"credentials-{row}-retired_at_1": "03:04"},
    )
    oldest.refresh_from_db()
    newest.refresh_from_db()
    assert oldest.retired_at is not None
    assert newest.retired_at is None
    assert (oldest.value.reveal(), newest.value.reveal()) == ("first", "second")


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("password", PLAIN, "not one of the available choices"),
        ("client_secret", "", "This field is required."),
        ("webhook_secret", "no-prefix", "whsec_"),
        ("webhook_secret", "whsec_!!!", "whsec_"),
    ],
)
def test_credential_is_refused_in_words_when_it_cannot_be(
    name: str, value: str, said: str, administrator: Client, account: SupplierAccount
) -> None:
    page = enter(administrator, account, name, value)
    assert page.status_code == 200
    assert said in page.content.decode()
    assert not SupplierCredential.objects.exists()


def test_credentials_are_out_of_reach_for_a_buyer_who_may_enter_the_admin(
    sign_in: object, account: SupplierAccount
) -> None:
    SupplierCredential.objects.create(account=account, name="client_secret", value=PLAIN)
    assert sign_in("Buyer").get(address(account)).status_code == 403
