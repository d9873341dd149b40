"""What changed price lists mean on the demand expected: one row a list that replaced another."""

from decimal import Decimal

from django.conf import settings
from django.db import models

from suppliers.models import PriceQuote, Product, Supplier, SupplierProduct
from suppliers.packing import plain_price


class PriceChange(models.Model):
    quote = models.OneToOneField(PriceQuote, on_delete=models.CASCADE, related_name="change")
    previous = models.ForeignKey(PriceQuote, on_delete=models.CASCADE, related_name="+")
    supplier = models.ForeignKey(Supplier, on_delete=models.CASCADE, related_name="price_changes")
    product = models.ForeignKey(Product, on_delete=models.CASCADE, related_name="price_changes")
    supplier_product = models.ForeignKey(
        SupplierProduct, on_delete=models.CASCADE, related_name="price_changes"
    )
    day = models.DateField(help_text="When the new list came.")
    usual_quantity = models.DecimalField(
        max_digits=14, decimal_places=4, help_text="What is bought at once; its prices are compared."
    )
    old_price = models.DecimalField(max_digits=14, decimal_places=4)
    new_price = models.DecimalField(max_digits=14, decimal_places=4)
    old_currency = models.CharField(max_length=3)
    currency = models.CharField(max_length=3)
    yearly_quantity = models.DecimalField(
        max_digits=18, decimal_places=4, help_text="Expected by the newest plans of all sites."
    )
    yearly_effect = models.DecimalField(
        max_digits=18, decimal_places=2, null=True,
        help_text="What it costs more a year, in the base currency; empty: no exchange rate was known.",
    )  # fmt: skip
    concerns_us = models.BooleanField(
        help_text="It is, or was, the cheapest for the usual quantity, or was bought there in the last year."
    )
    standing = models.CharField(max_length=300, blank=True, help_text="Who is cheaper now, in words.")
    computed_at = models.DateTimeField()
    seen_at = models.DateTimeField(null=True)
    seen_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )

    class Meta:
        ordering = ["-day", "supplier", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(seen_at__isnull=True, seen_by__isnull=True)
                | models.Q(seen_at__isnull=False, seen_by__isnull=False),
                name="price_change_who_and_when",
            )
        ]
        indexes = [models.Index(fields=["seen_at", "day"])]

    def __str__(self) -> str:
        return f"{self.supplier_product} on {self.day}: {plain_price(self.old_price)} → {plain_price(self.new_price)}"

    @property
    def percent(self) -> Decimal | None:
        """Dearer by so much; None where the currencies differ or nothing was asked before."""
        if self.old_currency != self.currency or not self.old_price:
            return None
        return ((self.new_price / self.old_price - 1) * 100).quantize(Decimal("0.1"))
