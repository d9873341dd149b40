"""What a code that nobody understands could mean, with the reason: for a person to decide, never taken for granted."""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from typing import Any

from django.db.models import F, Func, Q, Value
from django.db.models.functions import Lower, Replace

from procurement.models import ItemCode, UnmatchedCode
from suppliers.gtin import gtin
from suppliers.models import Product, SupplierProduct
from suppliers.selectors import products_by_gtin

SHOWN = 4
BARCODE, ALIKE, OTHERS, NAME = 1000, 100, 50, 10  # what weighs more comes first
LIKE_ENOUGH = 0.55
WORDS_ASKED, NAMES_COMPARED = 3, 200
SEPARATORS = "- ._/"


@dataclass(slots=True)
class Suggestion:
    product: Product
    weight: float = 0
    why: list[str] = field(default_factory=list)

    def add(self, weight: float, why: str) -> None:
        if why not in self.why:
            self.weight += weight
            self.why.append(why)


class _Found(dict[int, Suggestion]):
    def add(self, product: Product, weight: float, why: str) -> None:
        self.setdefault(product.pk, Suggestion(product)).add(weight, why)


def code_suggestions(rows: Sequence[UnmatchedCode]) -> Mapping[int, list[Suggestion]]:
    """By the row's id, best first. A few questions for all rows, and one more for each that has a description."""
    found = defaultdict[int, _Found](_Found)
    _barcodes(rows, found)
    _alike(rows, found)
    _said_elsewhere(rows, found)
    for row in rows:
        _names(row, found[row.pk])
    return {pk: sorted(those.values(), key=lambda one: -one.weight)[:SHOWN] for pk, those in found.items()}


def products_found(words: str) -> list[Product]:
    """By code, bar code or the words of the name."""
    words = " ".join(words.split())
    if not words:
        return []
    named = Q(*(Q(name__icontains=word) for word in words.split()[:5]))
    wanted = Q(sku__icontains=words) | Q(barcode=words) | named
    if number := gtin(words):
        wanted |= Q(pk__in=[product.pk for product in products_by_gtin([number]).get(number, ())])
    return list(Product.objects.filter(wanted).order_by("sku")[:20])


def _barcodes(rows: Iterable[UnmatchedCode], found: Mapping[int, _Found]) -> None:
    numbers = {row.pk: number for row in rows if (number := gtin(row.barcode) or gtin(row.code))}
    having = products_by_gtin(numbers.values()) if numbers else {}
    for pk, number in numbers.items():
        for product in having.get(number, ()):
            found[pk].add(product, BARCODE, "same bar code")


def simplified(code: str) -> str:
    """Without what differs between ways of writing one code: case, separators, leading zeros."""
    return re.sub(f"[{re.escape(SEPARATORS)}]", "", code).lower().lstrip("0")


def _alike(rows: Iterable[UnmatchedCode], found: Mapping[int, _Found]) -> None:
    by_key = defaultdict[str, list[UnmatchedCode]](list)
    for row in rows:
        if key := simplified(row.code):
            by_key[key].append(row)
    written: Any = Lower("sku")
    for separator in SEPARATORS:
        written = Replace(written, Value(separator), Value(""))
    key_of = Func(written, Value("0"), function="LTRIM")
    for product in Product.objects.annotate(key=key_of).filter(key__in=by_key).order_by("sku"):
        for row in by_key.get(simplified(product.sku), ()):
            if product.sku != row.code:
                found[row.pk].add(product, ALIKE, _difference(row.code, product.sku))


def _difference(code: str, sku: str) -> str:
    if code.lower() == sku.lower():
        return "same code but for capitals"
    if code.lower().lstrip("0") == sku.lower().lstrip("0"):
        return "same code but for leading zeros"
    return "same code but for how it is written"


def _said_elsewhere(rows: Sequence[UnmatchedCode], found: Mapping[int, _Found]) -> None:
    by_code = defaultdict[str, list[UnmatchedCode]](list)
    for row in rows:
        by_code[row.code].append(row)
    mapped = ItemCode.objects.filter(code__in=by_code).select_related(
        "product", "system__account", "system__supplier"
    )
    for said in mapped:
        for row in by_code[said.code]:
            if said.system_id != row.system_id:
                found[row.pk].add(said.product, OTHERS, f"mapped so for {said.system}")
    for offer in SupplierProduct.objects.filter(supplier_sku__in=by_code).select_related(
        "product", "supplier"
    ):
        for row in by_code[offer.supplier_sku]:
            found[row.pk].add(offer.product, OTHERS, f"{offer.supplier.name}'s code")


def _names(row: UnmatchedCode, found: _Found) -> None:
    words = {word for word in re.findall(r"\w+", row.description.lower()) if len(word) > 2}
    if not words:
        return
    longest = sorted(words, key=lambda word: (-len(word), word))[:WORDS_ASKED]
    any_of = Q(*(Q(name__icontains=word) for word in longest), _connector=Q.OR)
    for product in Product.objects.filter(any_of).order_by(F("active").desc(), "sku")[:NAMES_COMPARED]:
        likeness = _likeness(row.description.lower(), words, product.name.lower())
        if likeness >= LIKE_ENOUGH:
            found.add(product, NAME * likeness, "same name" if likeness == 1 else "similar name")


def _likeness(description: str, words: set[str], name: str) -> float:
    named = {word for word in re.findall(r"\w+", name) if len(word) > 2}
    shared = len(words & named) / max(1, len(words | named))
    return max(shared, SequenceMatcher(None, description, name).ratio())
