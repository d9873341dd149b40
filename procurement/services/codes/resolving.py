"""Which of our items a code of another system is. Never a guess: one answer that can be proved, or none.

In this order: our own code; what a person said it means in that system; a GTIN that exactly one product has. Why:
docs/adr/0012-what-a-code-means.md.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import TypeAlias

from django.db.models import QuerySet

from procurement.models import ItemCode, SourceAccount, UnitConversion, UnmatchedCode
from procurement.units import Conversion, NotExact, UnitUnknown, by_physics, exactly, times
from suppliers.gtin import gtin, in_house
from suppliers.models import Product, SupplierProduct
from suppliers.selectors import products_by_gtin

UNKNOWN = (
    "is not in the catalogue; load the catalogue first, or map the code (Demand & stock, Unmatched codes)"
)
Trouble = UnmatchedCode.Trouble


@dataclass(frozen=True, slots=True)
class Unmatched:
    """Why a code, or the unit it comes in, is not understood."""

    code: str
    trouble: str
    words: str
    column: str = "sku"
    value: str = ""  # what of the record is meant; empty: the code
    product: int | None = None  # where only the unit is unknown
    unit: str = ""
    ignored: bool = False  # a person said: not ours


@dataclass(frozen=True, slots=True)
class Item:
    """A product, and how quantities of this code come to ours."""

    product: int
    sku: str
    unit: str
    code: str = ""  # as they call it, where not by our own code
    factor: Decimal | None = None
    factor_unit: str = ""
    conversions: tuple[Conversion, ...] = ()

    def quantity(self, value: Decimal, unit: str = "") -> Decimal | Unmatched:
        """Theirs in the product's unit, exact; or why it does not come out. `unit` empty: not told."""
        if self.factor is None and unit in ("", self.unit):
            return value
        try:
            return exactly(value, self._times(unit), unit or "of theirs", self.unit)
        except UnitUnknown as why:
            words = f"is not {self.unit}, which our item is counted in, and {why}"
            return self._trouble(words, "unit", unit, unit if self.factor is None else "")
        except NotExact as why:
            return self._trouble(f"is not exact in {self.unit}: {why}", "quantity", f"{value:f}")

    def price(self, value: Decimal, unit: str = "") -> Decimal | None:
        """Theirs of one unit of ours; None where it does not come out to 4 decimals."""
        if self.factor is None and unit in ("", self.unit):
            return value
        try:
            return exactly(value, 1 / self._times(unit), "", self.unit)
        except (UnitUnknown, NotExact):
            return None

    def _times(self, unit: str) -> Fraction:
        if self.factor is None:
            return times(unit, self.unit, self.conversions)
        into = self.factor_unit if self.factor_unit and unit else unit
        if by_physics(unit, into) is None:  # the factor is of another unit than this one
            return times(unit, self.unit, self.conversions)
        return times(unit, into) * Fraction(self.factor) if unit != into else Fraction(self.factor)

    def _trouble(self, words: str, column: str, value: str, unit: str = "") -> Unmatched:
        """`unit`: that somebody may explain."""
        return Unmatched(self.code or self.sku, Trouble.UNIT, words, column, value, self.product, unit)


Found: TypeAlias = Item | Unmatched


def items_by_code(
    account: SourceAccount | None, codes: Iterable[str], *, units: bool = False
) -> dict[str, Found]:
    """What each code means in that source, or in files. The same few queries, however many codes there are.

    `units`: quantities come in units of theirs.
    """
    asked = set(codes)
    found: dict[str, Found] = {}
    rows = Product.objects.filter(sku__in=asked).order_by()
    for pk, sku, unit in rows.values_list("pk", "sku", "unit"):
        found[sku] = Item(pk, sku, unit)
    mapped = mapped_codes(account)
    if mapped.exists():
        for row in mapped.filter(code__in=asked).select_related("product"):
            found[row.code] = _mapped(row, found.get(row.code))
    if missing := asked - found.keys():
        found |= _by_gtin(missing)
    if missing := asked - found.keys():
        found |= {code: _unknown(code) for code in missing}
    troubled = [code for code, one in found.items() if isinstance(one, Unmatched)]
    found |= {
        code: Unmatched(code, Trouble.UNKNOWN, "", ignored=True) for code in codes_ignored(account, troubled)
    }
    return dict(_with_conversions(found)) if units else found


def items_of_supplier(supplier_id: int, codes: Iterable[str]) -> dict[str, tuple[Item, int]]:
    """By the supplier's own codes: the item and the offer it names."""
    rows = SupplierProduct.objects.filter(supplier=supplier_id, supplier_sku__in=set(codes))
    return {
        row.supplier_sku: (Item(row.product_id, row.product.sku, row.product.unit, row.supplier_sku), row.pk)
        for row in rows.select_related("product")
    }


def mapped_codes(account: SourceAccount | None) -> QuerySet[ItemCode]:
    """What people said of that source's codes, or of those in files."""
    if account is not None:
        return ItemCode.objects.filter(system__account=account)
    return ItemCode.objects.filter(system__account=None, system__supplier=None)


def _mapped(row: ItemCode, ours: Found | None) -> Found:
    if isinstance(ours, Item) and ours.product != row.product_id:
        words = (
            f"is our own code of an item, and was mapped to {row.product.sku} as well;"
            " delete that mapping, or rename one of the two"
        )
        return Unmatched(row.code, Trouble.AMBIGUOUS, words)
    return Item(
        row.product_id, row.product.sku, row.product.unit,
        row.code if row.code != row.product.sku else "", row.factor, row.unit,
    )  # fmt: skip


def _unknown(code: str) -> Unmatched:
    return Unmatched(code, Trouble.UNKNOWN, UNKNOWN)


def _by_gtin(codes: Iterable[str]) -> dict[str, Found]:
    numbers = {code: number for code in codes if (number := gtin(code))}
    if not numbers:
        return {}
    having = products_by_gtin(numbers.values())
    found: dict[str, Found] = {}
    for code, number in numbers.items():
        products = having.get(number, [])
        if products and in_house(number):
            words = (
                f"is the bar code of {products[0].sku}, but such numbers are given within a company, and another one's"
                " may be of something else; map it if it is the same"
            )
            found[code] = Unmatched(code, Trouble.AMBIGUOUS, words)
        elif len(products) == 1:
            found[code] = Item(products[0].pk, products[0].sku, products[0].unit, code)
        elif products:
            named = " and ".join(product.sku for product in products[:3])
            words = (
                f"is the bar code of several items, {named}; map it to one of them, or mend their bar codes"
            )
            found[code] = Unmatched(code, Trouble.AMBIGUOUS, words)
    return found


def codes_ignored(account: SourceAccount | None, codes: Sequence[str]) -> set[str]:
    """Those of which a person said that they are none of ours."""
    if not codes:
        return set()
    rows = UnmatchedCode.objects.filter(code__in=codes, ignored_at__isnull=False)
    of_system = (
        rows.filter(system__account=account)
        if account
        else rows.filter(system__account=None, system__supplier=None)
    )
    return set(of_system.values_list("code", flat=True))


def _with_conversions(found: Mapping[str, Found]) -> Iterator[tuple[str, Found]]:
    said = defaultdict[int, list[Conversion]](list)
    products = {one.product for one in found.values() if isinstance(one, Item)}
    rows = UnitConversion.objects.filter(product__in=products).order_by("unit")
    for product, unit, quantity, base in rows.values_list("product", "unit", "quantity", "base"):
        said[product].append(Conversion(unit, quantity, base))
    for code, one in found.items():
        if isinstance(one, Item) and one.product in said:
            one = Item(
                one.product,
                one.sku,
                one.unit,
                one.code,
                one.factor,
                one.factor_unit,
                tuple(said[one.product]),
            )
        yield code, one
