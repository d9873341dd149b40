"""What items are called elsewhere, how their units convert, and the codes that nobody has explained yet."""

from django.conf import settings
from django.core.validators import RegexValidator
from django.db import models
from django.db.models.functions import Coalesce

from orders.models import Site
from procurement.models.sources import SourceAccount
from suppliers.models import Product, Supplier

UNIT_CODE = RegexValidator(r"^[A-Z0-9]{2,3}\Z", "Enter a UN/ECE code such as C62 (piece), CS (case) or KGM.")


class CodeSystem(models.Model):
    """Where a code has its meaning: a source, a supplier's list, or (neither) the files that people load."""

    account = models.OneToOneField(
        SourceAccount, on_delete=models.CASCADE, null=True, blank=True, related_name="code_system"
    )
    supplier = models.OneToOneField(
        Supplier, on_delete=models.CASCADE, null=True, blank=True, related_name="code_system"
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                Coalesce("account_id", 0), Coalesce("supplier_id", 0), name="one_code_system_each"
            ),
            models.CheckConstraint(
                condition=models.Q(account=None) | models.Q(supplier=None), name="code_system_of_one"
            ),
        ]

    def __str__(self) -> str:
        if self.account is not None:
            return self.account.name
        return f"{self.supplier.name}'s list" if self.supplier is not None else "Files"


class ItemCode(models.Model):
    """A person's word on what a code means in one system."""

    class Kind(models.TextChoices):
        SKU = "sku", "item code"
        GTIN = "gtin", "GTIN"
        SUPPLIER = "supplier", "supplier's code"

    system = models.ForeignKey(CodeSystem, on_delete=models.CASCADE, related_name="codes")
    code = models.CharField(max_length=60)
    kind = models.CharField(max_length=10, choices=Kind.choices, default=Kind.SKU)
    product = models.ForeignKey(Product, on_delete=models.CASCADE, related_name="codes")
    factor = models.DecimalField(
        max_digits=18, decimal_places=6, null=True, blank=True,
        help_text="How many of the product's unit one of theirs is; empty: quantities mean the same.",
    )  # fmt: skip
    unit = models.CharField(
        max_length=3, blank=True, validators=[UNIT_CODE],
        help_text="Theirs that the factor is of; empty: whatever they count this code in.",
    )  # fmt: skip
    adds_up = models.BooleanField(
        default=False,
        help_text="Its stock is added to what the same system tells under the item's other codes.",
    )
    mapped_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    mapped_at = models.DateTimeField()

    class Meta:
        ordering = ["system", "code"]
        constraints = [
            models.UniqueConstraint(fields=["system", "code"], name="one_meaning_a_code"),
            models.CheckConstraint(
                condition=models.Q(factor=None) | models.Q(factor__gt=0), name="code_factor_positive"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code} in {self.system}"


class UnitConversion(models.Model):
    """One `unit` of the product is `quantity` of `base`, e.g. 1 CS = 12 C62."""

    product = models.ForeignKey(Product, on_delete=models.CASCADE, related_name="conversions")
    unit = models.CharField(max_length=3, validators=[UNIT_CODE], help_text="E.g. CS, a case.")
    quantity = models.DecimalField(max_digits=18, decimal_places=6)
    base = models.CharField(max_length=3, validators=[UNIT_CODE], help_text="E.g. C62, a piece.")
    entered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    entered_at = models.DateTimeField()

    class Meta:
        ordering = ["product", "unit"]
        constraints = [
            models.UniqueConstraint(fields=["product", "unit"], name="one_conversion_a_unit"),
            models.CheckConstraint(condition=models.Q(quantity__gt=0), name="conversion_positive"),
        ]

    def __str__(self) -> str:
        return f"1 {self.unit} = {self.quantity.normalize():f} {self.base} of {self.product.sku}"


class UnmatchedCode(models.Model):
    """A code that entries wait for, as nobody knows what it means or how its unit converts."""

    class Trouble(models.TextChoices):
        UNKNOWN = "unknown", "unknown code"
        AMBIGUOUS = "ambiguous", "could be several items"
        UNIT = "unit", "unknown unit"

    system = models.ForeignKey(CodeSystem, on_delete=models.CASCADE, related_name="unmatched")
    code = models.CharField(max_length=60)
    trouble = models.CharField(max_length=10, choices=Trouble.choices, default=Trouble.UNKNOWN)
    product = models.ForeignKey(
        Product,
        on_delete=models.CASCADE,
        null=True,
        related_name="+",
        help_text="Where only the unit is unknown.",
    )
    description = models.CharField(max_length=200, blank=True)
    unit = models.CharField(max_length=30, blank=True)
    barcode = models.CharField(max_length=20, blank=True)
    words = models.CharField(max_length=400, help_text="What was said of one of the entries.")
    first_seen = models.DateTimeField()
    last_seen = models.DateTimeField(db_index=True)
    settled_at = models.DateTimeField(null=True, help_text="Somebody explained it; what waits is read again.")
    ignored_at = models.DateTimeField(null=True, help_text="Not ours; entries are taken over without it.")
    ignored_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )

    class Meta:
        ordering = ["-last_seen", "code"]
        constraints = [models.UniqueConstraint(fields=["system", "code"], name="one_unmatched_row_a_code")]

    def __str__(self) -> str:
        return f"{self.code} in {self.system}"


class WaitingEntry(models.Model):
    """An entry that names the code; of files and suppliers' lists, how many of their rows do."""

    code = models.ForeignKey(UnmatchedCode, on_delete=models.CASCADE, related_name="waiting")
    external_id = models.CharField(max_length=60, db_index=True)
    rows = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["code", "external_id"], name="waits_once_for_a_code")]

    def __str__(self) -> str:
        return f"{self.external_id} waits for {self.code}"


class StockPart(models.Model):
    """What one system tells of an item at a site under one of the several codes that it has there."""

    site = models.ForeignKey(Site, on_delete=models.CASCADE, related_name="+")
    system = models.ForeignKey(CodeSystem, on_delete=models.CASCADE, related_name="stock_parts")
    product = models.ForeignKey(Product, on_delete=models.CASCADE, related_name="stock_parts")
    code = models.CharField(max_length=60)
    on_hand = models.DecimalField(max_digits=14, decimal_places=4)
    as_of = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["site", "system", "code"], name="one_part_a_code")]
        indexes = [models.Index(fields=["site", "product"])]

    def __str__(self) -> str:
        return f"{self.on_hand} as {self.code}"
