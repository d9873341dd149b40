"""What a supply contract says of one product of a supplier: its price, or how much of our need goes there."""

from decimal import Decimal
from typing import Self

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from suppliers.models.catalogue import SupplierProduct


class ContractQuerySet(models.QuerySet["ContractItem"]):
    def in_force(self, day: object) -> Self:
        """Of several of one product the newest comes first."""
        rows = self.filter(valid_from__lte=day, valid_until__gte=day)
        return rows.order_by("supplier_product", "-valid_from", "-pk")


class ContractItem(models.Model):
    supplier_product = models.ForeignKey(
        SupplierProduct, on_delete=models.CASCADE, related_name="contract_items"
    )
    number = models.CharField(max_length=60, help_text="Of the contract, as both sides call it.")
    valid_from = models.DateField()
    valid_until = models.DateField(help_text="The last day.")
    unit_price = models.DecimalField(
        max_digits=14, decimal_places=4, null=True, blank=True, validators=[MinValueValidator(Decimal(0))],
        help_text="Counts instead of price lists; empty: price lists count.",
    )  # fmt: skip
    currency = models.CharField(
        max_length=3, blank=True, help_text="Of the price; empty: that of the supplier."
    )
    share_percent = models.DecimalField(
        max_digits=5, decimal_places=2, null=True, blank=True,
        validators=[MinValueValidator(Decimal("0.01")), MaxValueValidator(100)],
        help_text="Of what we buy of the product while the contract holds; empty: none is agreed.",
    )  # fmt: skip
    note = models.CharField(max_length=200, blank=True)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, editable=False, related_name="+"
    )
    entered_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = ContractQuerySet.as_manager()

    class Meta:
        ordering = ["supplier_product", "-valid_from", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["supplier_product", "number", "valid_from"], name="contract_item_once"
            ),
            models.CheckConstraint(
                condition=Q(valid_until__gte=F("valid_from")),
                name="contract_ends_after_it_began",
                violation_error_message="It ends before it begins.",
            ),
            models.CheckConstraint(
                condition=Q(unit_price=None) | Q(unit_price__gte=0), name="contract_price_not_negative"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.supplier_product}: {self.words}"

    @property
    def words(self) -> str:
        """As reasons of lines state it."""
        return f"contract {self.number} until {self.valid_until:%-d %b %Y}"
