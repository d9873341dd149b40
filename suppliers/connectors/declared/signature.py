"""A signature of the body in a header whose form is declared."""

import base64
import hashlib
import hmac
import re

from suppliers.exceptions import ConnectorConfigurationError

HEADER = re.compile(r"[A-Za-z0-9-]{1,60}")


class SignatureForm:
    """The HMAC-SHA256 of a body in a header, from a setting like "X-Signature: sha256={hex}"."""

    def __init__(self, setting: str, name: str) -> None:
        header, sign, self._value = (piece.strip() for piece in setting.partition(":"))
        places = self._value.count("{hex}") + self._value.count("{base64}")
        if not sign or not HEADER.fullmatch(header) or places != 1 or not self._value.isprintable():
            raise ConnectorConfigurationError(
                f"{name} is {setting!r}; expected a header and where the signature goes in it, such as "
                "X-Signature: {hex} or X-Signature: sha256={base64}."
            )
        self.header = header

    def made(self, body: bytes, secret: str) -> str:
        digest = hmac.new(secret.encode(), body, hashlib.sha256).digest()
        return self._value.replace("{hex}", digest.hex()).replace(
            "{base64}", base64.b64encode(digest).decode()
        )

    def fits(self, presented: str, body: bytes, secret: str) -> bool:
        expected = self.made(body, secret)
        if "{hex}" in self._value:  # hexadecimal digits may come in either case
            expected, presented = expected.lower(), presented.lower()
        return hmac.compare_digest(expected.encode(), presented.encode("utf-8", "replace"))


def header_problem(name: str) -> str:
    return "" if HEADER.fullmatch(name) else f"{name!r} is no name of a header, such as X-API-Key."
