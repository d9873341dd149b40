"""Credentials move to a new key all together or not at all."""

import io

import pytest
from cryptography.fernet import Fernet
from django.core.management import CommandError, call_command

from suppliers.exceptions import ConnectorConfigurationError
from suppliers.models import Supplier, SupplierAccount, SupplierCredential

pytestmark = pytest.mark.django_db

OLD, NEW, OTHER = (Fernet.generate_key().decode() for _ in range(3))


@pytest.fixture
def account(settings: object) -> SupplierAccount:
    settings.CREDENTIAL_KEYS = [OLD]
    supplier = Supplier.objects.create(code="acme", name="Acme")
    return SupplierAccount.objects.create(supplier=supplier, protocol="cerve")


def store(account: SupplierAccount, name: str, value: str) -> SupplierCredential:
    return SupplierCredential.objects.create(account=account, name=name, value=value)


def rotate() -> str:
    out = io.StringIO()
    call_command("rotate_keys", stdout=out)
    return out.getvalue()


def test_rotate_keys_when_the_new_key_stands_first(account: SupplierAccount, settings: object) -> None:
    for number in range(3):
        store(account, "client_secret", f"secret {number}")
    settings.CREDENTIAL_KEYS = [NEW, OLD]
    assert "3 encrypted with the first key" in rotate()
    settings.CREDENTIAL_KEYS = [NEW]
    assert sorted(row.value.reveal() for row in SupplierCredential.objects.all()) == [
        "secret 0",
        "secret 1",
        "secret 2",
    ]


def test_rotate_keys_when_one_value_cannot_be_decrypted_changes_nothing(
    account: SupplierAccount, settings: object
) -> None:
    store(account, "client_secret", "readable")
    settings.CREDENTIAL_KEYS = [OTHER]
    lost = store(account, "webhook_secret", "lost")
    before = dict(SupplierCredential.objects.values_list("pk", "value"))
    settings.CREDENTIAL_KEYS = [NEW, OLD]
    with pytest.raises(
        CommandError, match=f"supplier credential {lost.pk} \\(acme webhook_secret\\)"
    ) as refusal:
        rotate()
    assert "Nothing was changed" in str(refusal.value)
    after = dict(SupplierCredential.objects.values_list("pk", "value"))
    assert {pk: secret.token for pk, secret in after.items()} == {
        pk: secret.token for pk, secret in before.items()
    }


def test_rotate_keys_when_there_is_nothing_to_encrypt(settings: object) -> None:
    settings.CREDENTIAL_KEYS = [NEW]
    assert "0 encrypted" in rotate()


def test_credential_read_with_the_wrong_key_says_what_to_do(
    account: SupplierAccount, settings: object
) -> None:
    credential = store(account, "client_secret", "precious")
    settings.CREDENTIAL_KEYS = [OTHER]
    credential.refresh_from_db()  # loading the row is no problem, only using the value
    with pytest.raises(ConnectorConfigurationError, match="CREDENTIAL_KEYS") as error:
        credential.value.reveal()
    assert "precious" not in str(error.value)
