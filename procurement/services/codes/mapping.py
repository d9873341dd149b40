"""A person says what a code means, that it means something else, or that it is none of ours.

Unique rows and conditional updates decide between two people; whoever was second is told what the first one said.
"""

from dataclasses import dataclass
from decimal import Decimal

from django.contrib.auth.base_user import AbstractBaseUser
from django.db import IntegrityError, transaction
from django.utils import timezone

from procurement.exceptions import CodeRefused
from procurement.models import CodeSystem, ItemCode, UnmatchedCode, WaitingEntry
from procurement.services.codes.rereading import code_read_again, code_take_back, system_hold
from procurement.services.codes.supplier_codes import offer_drop, offer_map
from suppliers.gtin import gtin
from suppliers.models import Product


@dataclass(frozen=True, slots=True, kw_only=True)
class Meaning:
    product: Product
    factor: Decimal | None = None
    unit: str = ""
    adds_up: bool = False


@transaction.atomic
def code_map(*, system: CodeSystem, code: str, meaning: Meaning, by: AbstractBaseUser) -> list[str]:
    """Sentences of what was taken back, as it was something else until now. Raises `CodeRefused`."""
    _possible(system, code, meaning)
    system_hold(system)
    try:
        with transaction.atomic():
            ItemCode.objects.create(
                system=system, code=code, kind=_kind(system, code), mapped_by_id=by.pk, mapped_at=timezone.now(),
                **_values(meaning),
            )  # fmt: skip
    except IntegrityError:
        said = ItemCode.objects.select_related("product", "mapped_by").get(system=system, code=code)
        if _values(meaning) == {name: getattr(said, name) for name in _values(meaning)}:
            return []  # the same word twice
        raise CodeRefused(
            f"{code} was mapped to {said.product.sku} by {said.mapped_by} meanwhile; change it there if that is wrong."
        ) from None
    if system.supplier is not None:
        offer_map(supplier=system.supplier, code=code, product=meaning.product)
    same = meaning.product.pk if meaning.factor is None else None  # as it counted without a word of anybody
    told = code_take_back(system, code, lines_but=same, stock_but=same)
    _settle(system, code)
    return told


@transaction.atomic
def code_change(*, mapping: ItemCode, meaning: Meaning, by: AbstractBaseUser) -> list[str]:
    """As `code_map`. `mapping` as the person saw it."""
    system = mapping.system
    _possible(system, mapping.code, meaning)
    system_hold(system)
    as_seen = ItemCode.objects.filter(pk=mapping.pk, mapped_at=mapping.mapped_at)
    if not as_seen.update(mapped_by_id=by.pk, mapped_at=timezone.now(), **_values(meaning)):
        raise CodeRefused(f"Somebody else has changed what {mapping.code} means; look at it again.")
    if system.supplier is not None:
        offer_map(supplier=system.supplier, code=mapping.code, product=meaning.product)
    # Another factor is another quantity, so of the same product, too.
    counts = (meaning.product.pk, meaning.factor, _values(meaning)["unit"])
    same = counts == (mapping.product_id, mapping.factor, mapping.unit)
    told = code_take_back(system, mapping.code, lines_but=mapping.product_id if same else None)
    _settle(system, mapping.code)
    return told


@transaction.atomic
def code_unmap(*, mapping: ItemCode) -> list[str]:
    """As `code_map`. The code is unknown again wherever nothing else says what it is."""
    system = mapping.system
    system_hold(system)
    deleted, _ = ItemCode.objects.filter(pk=mapping.pk, mapped_at=mapping.mapped_at).delete()
    if not deleted:
        raise CodeRefused(f"Somebody else has changed what {mapping.code} means; look at it again.")
    if system.supplier is not None:
        offer_drop(supplier=system.supplier, code=mapping.code)
    told = code_take_back(system, mapping.code)
    code_read_again(system, mapping.code)
    return told


@transaction.atomic
def code_ignore(*, unmatched: UnmatchedCode, by: AbstractBaseUser) -> bool:
    """Not ours: entries are taken over without it. Whether it was this call that said so. Raises `CodeRefused`."""
    system_hold(unmatched.system)
    _ignorable(unmatched)
    rows = UnmatchedCode.objects.filter(pk=unmatched.pk, ignored_at=None)
    if not rows.update(ignored_at=timezone.now(), ignored_by_id=by.pk):
        return False
    code_read_again(unmatched.system, unmatched.code)
    return True


@transaction.atomic
def code_unignore(*, unmatched: UnmatchedCode) -> bool:
    system_hold(unmatched.system)
    rows = UnmatchedCode.objects.filter(pk=unmatched.pk, ignored_at__isnull=False)
    if not rows.update(ignored_at=None, ignored_by=None, settled_at=None):
        return False
    code_read_again(unmatched.system, unmatched.code)
    return True


@transaction.atomic
def code_create_product(*, unmatched: UnmatchedCode, product: Product, by: AbstractBaseUser) -> None:
    """A new product for the code, under the code itself or another of ours. Raises `CodeRefused`."""
    try:
        with transaction.atomic():
            product.save(force_insert=True)
    except IntegrityError:
        raise CodeRefused(f"There is a product {product.sku} already; map the code to it.") from None
    if product.sku != unmatched.code or unmatched.system.supplier_id:
        code_map(system=unmatched.system, code=unmatched.code, meaning=Meaning(product=product), by=by)
    else:
        system_hold(unmatched.system)
        _settle(unmatched.system, unmatched.code)


def _possible(system: CodeSystem, code: str, meaning: Meaning) -> None:
    ours = Product.objects.filter(sku=code).first()
    if ours is not None and system.supplier is None:
        if ours != meaning.product:
            raise CodeRefused(
                f"{code} is our own code of {ours.name}, so it cannot mean {meaning.product.sku}."
            )
        if meaning.factor is None and not meaning.adds_up:
            raise CodeRefused(f"{code} is our own code of it; there is nothing to map.")
    if system.supplier is not None and meaning.factor is not None:
        raise CodeRefused("A supplier's packs are entered at its offer, not with its code.")


def _ignorable(unmatched: UnmatchedCode) -> None:
    """What counts all the same would be hidden, and nothing else."""
    row = UnmatchedCode.objects.filter(pk=unmatched.pk).values_list("trouble", "settled_at").first()
    trouble, settled_at = row or (unmatched.trouble, None)
    if trouble == UnmatchedCode.Trouble.UNIT and unmatched.system.supplier_id is None:
        raise CodeRefused(f"{unmatched.code} is ours, and only its unit or quantity is open; explain that.")
    said = ItemCode.objects.filter(system=unmatched.system, code=unmatched.code).select_related("product")
    if (mapping := said.first()) and (settled_at or trouble == UnmatchedCode.Trouble.UNKNOWN):
        raise CodeRefused(
            f"Somebody has said that {mapping.code} means {mapping.product.sku}; delete that first."
        )


def _settle(system: CodeSystem, code: str) -> None:
    UnmatchedCode.objects.filter(system=system, code=code).update(
        settled_at=timezone.now(), ignored_at=None, ignored_by=None
    )
    code_read_again(system, code)
    if system.account_id is None and system.supplier_id is None:
        # Files do not come again by themselves, so nothing waits.
        WaitingEntry.objects.filter(code__system=system, code__code=code).delete()


def _values(meaning: Meaning) -> dict[str, object]:
    return {
        "product": meaning.product,
        "factor": meaning.factor,
        "unit": meaning.unit if meaning.factor is not None else "",
        "adds_up": meaning.adds_up,
    }


def _kind(system: CodeSystem, code: str) -> str:
    if system.supplier_id:
        return ItemCode.Kind.SUPPLIER
    return ItemCode.Kind.GTIN if gtin(code) else ItemCode.Kind.SKU
