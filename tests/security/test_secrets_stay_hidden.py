"""A stored secret shows up nowhere but where it is used."""

import io
import logging

import pytest
from django.core import serializers
from django.core.management import call_command
from django.db import connection

from suppliers.connectors.base import ConnectorConfig
from suppliers.fields import Secret
from suppliers.models import Supplier, SupplierAccount, SupplierCredential

PLAIN = "correct-horse-battery-staple"


@pytest.fixture
def credential(db: None) -> SupplierCredential:
    supplier = Supplier.objects.create(code="acme", name="Acme")
    account = SupplierAccount.objects.create(supplier=supplier, protocol="cerve")
    SupplierCredential.objects.create(account=account, name="client_secret", value=PLAIN)
    return SupplierCredential.objects.get()


def test_secret_is_readable_only_by_asking(credential: SupplierCredential) -> None:
    assert credential.value.reveal() == PLAIN
    for shown in (
        str(credential.value),
        repr(credential.value),
        f"{credential.value!r:>20}",
        str(credential),
    ):
        assert PLAIN not in shown


def test_secret_in_the_database_is_ciphertext(credential: SupplierCredential) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT value FROM suppliers_suppliercredential")
        (stored,) = cursor.fetchone()
    assert PLAIN not in stored
    assert stored.startswith("gAAAA")


def test_secret_in_a_dump_is_ciphertext_and_survives_loading(credential: SupplierCredential) -> None:
    out = io.StringIO()
    call_command("dumpdata", "suppliers", stdout=out)
    assert PLAIN not in out.getvalue()
    for row in serializers.deserialize("json", out.getvalue()):
        row.save()
    assert SupplierCredential.objects.get().value.reveal() == PLAIN


def test_secret_is_not_logged_with_its_row_or_its_configuration(
    credential: SupplierCredential, caplog: pytest.LogCaptureFixture
) -> None:
    config = ConnectorConfig(
        supplier_code="acme", supplier_name="Acme", credentials={"client_secret": (PLAIN,)}
    )
    with caplog.at_level(logging.DEBUG):
        logging.getLogger("suppliers").info("%s %r %r %s", credential, credential.__dict__, config, config)
    assert "acme" in caplog.text
    assert PLAIN not in caplog.text


def test_secret_made_from_text_is_encrypted_at_once() -> None:
    secret = Secret.of(PLAIN)
    assert PLAIN not in secret.token
    assert secret.reveal() == PLAIN
