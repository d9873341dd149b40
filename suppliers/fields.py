"""A text column that is encrypted at rest. See docs/adr/0005-credentials-are-encrypted.md.

Reading gives a `Secret`, which shows stars wherever it is printed and is decrypted only by `reveal()`; so a
lost key breaks the call that needs the credential, with a clear message, and not every page that happens to
load the row.
"""

from functools import lru_cache
from typing import TYPE_CHECKING, Any

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.db import models

from suppliers.exceptions import ConnectorConfigurationError

DUMPED = "encrypted:"  # marks a ciphertext in dumpdata's output, so that loaddata does not encrypt it again


@lru_cache(maxsize=4)
def _cipher(keys: tuple[str, ...]) -> MultiFernet:
    return MultiFernet([Fernet(key) for key in keys])


def cipher() -> MultiFernet:
    """Encrypts with the first key of CREDENTIAL_KEYS, decrypts with any."""
    return _cipher(tuple(settings.CREDENTIAL_KEYS))


class Secret:
    """An encrypted value. Equal only to itself re-read; never shows its content by accident."""

    __slots__ = ("token",)

    def __init__(self, token: str) -> None:
        self.token = token

    @classmethod
    def of(cls, plain: str) -> "Secret":
        return cls(cipher().encrypt(plain.encode()).decode())

    def reveal(self) -> str:
        try:
            return cipher().decrypt(self.token.encode()).decode()
        except InvalidToken:
            raise ConnectorConfigurationError(
                "A stored credential cannot be decrypted with the keys in CREDENTIAL_KEYS. "
                "Put the old key back at the end of the list, or enter the credential again."
            ) from None

    def rotated(self) -> "Secret":
        try:
            return Secret(cipher().rotate(self.token.encode()).decode())
        except InvalidToken:
            self.reveal()  # raises the sentence that says what to do
            raise

    def __str__(self) -> str:
        return "••••••••"

    __repr__ = __str__


if TYPE_CHECKING:
    SecretTextField = models.TextField[str | Secret, Secret]
else:
    SecretTextField = models.TextField


class EncryptedTextField(SecretTextField):
    description = "Text, encrypted at rest"

    def from_db_value(self, value: str | None, expression: Any, connection: Any) -> Secret | None:
        return None if value is None else Secret(value)

    def to_python(self, value: Any) -> Any:
        if value is None or isinstance(value, Secret):
            return value
        text = str(value)
        return Secret(text.removeprefix(DUMPED)) if text.startswith(DUMPED) else Secret.of(text)

    def get_prep_value(self, value: Any) -> str | None:
        if value is None:
            return None
        return value.token if isinstance(value, Secret) else Secret.of(str(value)).token

    def value_to_string(self, obj: models.Model) -> str:
        return f"{DUMPED}{self.get_prep_value(self.value_from_object(obj))}"
