"""What people decided about a site's items: how safe each should be, how much there may be, what is put aside."""

from decimal import Decimal
from itertools import product as pairs

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models

from orders.models import Site
from suppliers.models import Product

SERVICE = (MinValueValidator(Decimal("0.5")), MaxValueValidator(Decimal("0.999")))
POSITIVE = (MinValueValidator(Decimal("0.0001")),)


class ValueClass(models.TextChoices):
    A = "A", "A: worth most"
    B = "B", "B: worth less"
    C = "C", "C: worth least"


class VariationClass(models.TextChoices):
    X = "X", "X: steady"
    Y = "Y", "Y: varies"
    Z = "Z", "Z: erratic"


CELLS = [f"{value}{variation}" for value, variation in pairs(ValueClass.values, VariationClass.values)]


class ClassServiceLevel(models.Model):
    """The service level of a class of items at a site; a class without one has the site's own."""

    site = models.ForeignKey(Site, on_delete=models.CASCADE, related_name="class_levels")
    cell = models.CharField(max_length=2, choices=[(cell, cell) for cell in CELLS])
    service_level = models.DecimalField(max_digits=4, decimal_places=3, validators=SERVICE)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ["site", "cell"]
        constraints = [models.UniqueConstraint(fields=["site", "cell"], name="one_level_a_class")]

    def __str__(self) -> str:
        return f"{self.site.code} {self.cell}: {self.service_level}"


class StorageArea(models.Model):
    """A place that several items of a site share, such as a cold store."""

    site = models.ForeignKey(Site, on_delete=models.CASCADE, related_name="storage_areas")
    name = models.CharField(max_length=60)
    capacity = models.DecimalField(max_digits=14, decimal_places=4, validators=POSITIVE)
    measure = models.CharField(max_length=30, default="pallets", help_text="What its capacity is counted in.")

    class Meta:
        ordering = ["site", "name"]
        constraints = [models.UniqueConstraint(fields=["site", "name"], name="storage_area_once")]

    def __str__(self) -> str:
        return f"{self.name} ({self.site.code})"


class ItemPolicy(models.Model):
    """What somebody set for one item at a site; what is empty follows its class, or is not limited."""

    site = models.ForeignKey(Site, on_delete=models.CASCADE, related_name="item_policies")
    product = models.ForeignKey(Product, on_delete=models.CASCADE, related_name="policies")
    value_class = models.CharField(max_length=1, choices=ValueClass.choices, blank=True)
    variation_class = models.CharField(max_length=1, choices=VariationClass.choices, blank=True)
    service_level = models.DecimalField(
        max_digits=4, decimal_places=3, null=True, blank=True, validators=SERVICE
    )
    presentation_stock = models.DecimalField(
        max_digits=14, decimal_places=4, null=True, blank=True, validators=POSITIVE,
        help_text="The shelf should never hold less: the buffer is at least this.",
    )  # fmt: skip
    maximum_stock = models.DecimalField(
        max_digits=14, decimal_places=4, null=True, blank=True, validators=POSITIVE,
        help_text="What its place holds: never more on hand and on order.",
    )  # fmt: skip
    maximum_cover_days = models.PositiveSmallIntegerField(
        null=True, blank=True, validators=[MinValueValidator(1)],
        help_text="Never more than sells in so many days, but for the smallest quantity that is sold.",
    )  # fmt: skip
    storage_area = models.ForeignKey(
        StorageArea, on_delete=models.SET_NULL, null=True, blank=True, related_name="item_policies"
    )
    storage_size = models.DecimalField(
        max_digits=14, decimal_places=6, null=True, blank=True, validators=[MinValueValidator(Decimal("0.000001"))],
        help_text="What one unit takes of the storage area's capacity.",
    )  # fmt: skip
    why = models.CharField(max_length=200, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ["site", "product"]
        verbose_name_plural = "item policies"
        constraints = [models.UniqueConstraint(fields=["site", "product"], name="one_policy_an_item")]

    def __str__(self) -> str:
        return f"{self.product.sku} at {self.site.code}"

    def clean(self) -> None:
        # A plan counts what its own site has in a place, so goods of another one would be there without being seen.
        if self.site_id and self.storage_area and self.storage_area.site_id != self.site_id:
            raise ValidationError({"storage_area": f"{self.storage_area} is a place of another site."})


class ItemPolicyChange(models.Model):
    """Who changed how an item is planned, from what to what. Rows are only ever added."""

    site = models.ForeignKey(
        Site, on_delete=models.CASCADE, null=True, related_name="+", help_text="Empty: at all sites."
    )
    product = models.ForeignKey(Product, on_delete=models.CASCADE, related_name="policy_changes")
    changed = models.JSONField(help_text="By what was changed: [before, after] as text; empty is not set.")
    why = models.CharField(max_length=200, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-at", "-pk"]
        indexes = [models.Index(fields=["product", "-at"])]

    def __str__(self) -> str:
        return f"{self.product.sku}: {', '.join(self.changed)}"


class StockReservation(models.Model):
    """Stock put aside for a purpose: it is there, and nobody may count on it. Not for what a customer has ordered:
    customer orders are taken off by themselves.
    """

    site = models.ForeignKey(Site, on_delete=models.CASCADE, related_name="reservations")
    product = models.ForeignKey(Product, on_delete=models.CASCADE, related_name="reservations")
    quantity = models.DecimalField(max_digits=14, decimal_places=4, validators=POSITIVE)
    purpose = models.CharField(max_length=120, help_text="For whom or what.")
    until = models.DateField(null=True, blank=True, help_text="The last day; empty: until it is taken back.")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["site", "product", "at"]
        indexes = [models.Index(fields=["site", "product"])]

    def __str__(self) -> str:
        return f"{self.quantity} of {self.product.sku} at {self.site.code} for {self.purpose}"
