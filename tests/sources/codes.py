"""What people say of codes, in as few words as a test needs."""

from decimal import Decimal
from typing import Any

from django.contrib.auth.models import User

from procurement.models import ItemCode, SourceAccount, UnmatchedCode, WaitingEntry
from procurement.services.codes.mapping import Meaning, code_map
from procurement.services.codes.waiting import code_system
from suppliers.models import Product
from tests import factories


def mapped(
    source: SourceAccount | None,
    code: str,
    sku: str,
    *,
    by: User | None = None,
    factor: Any = None,
    **said: Any,
) -> ItemCode:
    system = code_system(account=source)
    product = Product.objects.get(sku=sku)
    meaning = Meaning(product=product, factor=None if factor is None else Decimal(factor), **said)
    code_map(system=system, code=code, meaning=meaning, by=by or factories.user())
    return ItemCode.objects.get(system=system, code=code)


def unmatched(code: str) -> UnmatchedCode:
    return UnmatchedCode.objects.get(code=code)


def waiting() -> dict[str, int]:
    """Codes that entries wait for, with how many do."""
    found: dict[str, int] = {}
    for code, rows in WaitingEntry.objects.filter(code__ignored_at=None).values_list("code__code", "rows"):
        found[code] = found.get(code, 0) + rows
    return found
