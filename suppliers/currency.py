"""ISO 4217 currency codes as people type them."""

from django.core.exceptions import ValidationError


def currency_code(text: str) -> str:
    code = text.strip().upper()
    if len(code) != 3 or not code.isascii() or not code.isalpha():
        raise ValidationError("A currency is three letters (ISO 4217), such as GBP or EUR.")
    return code
