"""Changing the key that credentials are encrypted with. The steps for people: docs/operations.md."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.apps import apps
from django.db import models, transaction

from suppliers.exceptions import ConnectorConfigurationError
from suppliers.fields import EncryptedTextField

BATCH = 500


class KeyRotationRefused(Exception):
    """A value cannot be read with any of the keys; nothing was changed. Says which one."""


@dataclass(frozen=True, slots=True)
class Rotated:
    label: str  # e.g. "supplier credential: value"
    count: int


def _encrypted_columns() -> Iterator[tuple[type[models.Model], EncryptedTextField]]:
    for model in apps.get_models():
        for field in model._meta.concrete_fields:
            if isinstance(field, EncryptedTextField):
                yield model, field


@transaction.atomic
def credentials_rotate() -> list[Rotated]:
    """Encrypt every stored secret with the first of CREDENTIAL_KEYS, all or none."""
    return [
        Rotated(f"{model._meta.verbose_name}: {field.verbose_name}", _rotate(model, field))
        for model, field in _encrypted_columns()
    ]


def _rotate(model: type[models.Model], field: EncryptedTextField) -> int:
    count, last = 0, 0
    while True:
        # By primary key and not by iterator: SQLite's cursor must not read what it is writing.
        batch = list(model._default_manager.filter(pk__gt=last).order_by("pk")[:BATCH])
        if not batch:
            return count
        for row in batch:
            secret = getattr(row, field.attname)
            if secret is None:
                continue
            try:
                setattr(row, field.attname, secret.rotated())
            except ConnectorConfigurationError:
                raise KeyRotationRefused(
                    f"Nothing was changed: {model._meta.verbose_name} {row.pk} ({row}) cannot be decrypted "
                    "with any key in CREDENTIAL_KEYS. Add the key it was stored with to the end of the list, "
                    "or delete it and enter it again; then repeat."
                ) from None
            count += 1
        model._default_manager.bulk_update(batch, [field.attname])
        last = batch[-1].pk
