"""A person says how a unit of an item converts."""

from decimal import Decimal

from django.contrib.auth.base_user import AbstractBaseUser
from django.db import IntegrityError, transaction
from django.utils import timezone

from procurement.exceptions import CodeRefused
from procurement.models import CustomerOrderLine, SourceAccount, UnitConversion, UnmatchedCode
from procurement.services.codes.rereading import code_read_again, entries_ask_again, system_hold
from procurement.units import by_physics
from suppliers.models import Product


@transaction.atomic
def unit_convert(*, product: Product, unit: str, quantity: Decimal, by: AbstractBaseUser) -> UnitConversion:
    """One `unit` of it is `quantity` of the unit that we count it in. Raises `CodeRefused`."""
    if by_physics(unit, product.unit) is not None:
        raise CodeRefused(
            f"One {unit} is the same number of {product.unit} for every item; nothing is to be said."
        )
    try:
        with transaction.atomic():
            made = UnitConversion.objects.create(
                product=product, unit=unit, quantity=quantity, base=product.unit,
                entered_by_id=by.pk, entered_at=timezone.now(),
            )  # fmt: skip
    except IntegrityError:
        said = UnitConversion.objects.get(product=product, unit=unit)
        if (said.quantity, said.base) != (quantity, product.unit):
            raise CodeRefused(f"Somebody has said that {said}; delete that first.") from None
        return said
    waiting = UnmatchedCode.objects.filter(product=product, trouble=UnmatchedCode.Trouble.UNIT)
    for row in waiting.select_related("system__account", "system__supplier").order_by("system", "pk"):
        system_hold(row.system)
        UnmatchedCode.objects.filter(pk=row.pk).update(settled_at=timezone.now())
        code_read_again(row.system, row.code)
    return made


@transaction.atomic
def unit_forget(*, conversion: UnitConversion) -> int:
    """All that may have been counted with it is read again: the sources that tell of the item. How many those are."""
    deleted, _ = UnitConversion.objects.filter(pk=conversion.pk).delete()
    if not deleted:
        return 0
    product = conversion.product
    sources = SourceAccount.objects.filter(active=True).order_by("pk")
    for source in sources:
        lines = CustomerOrderLine.objects.filter(product=product, order__kept_by=source)
        why = f"names {product.sku}, of which a unit converts otherwise now"
        entries_ask_again(source, lines.values_list("order__external_id", flat=True), why)
    return len(sources)
