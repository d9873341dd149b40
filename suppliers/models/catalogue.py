"""What we buy and what each supplier offers for it."""

from decimal import Decimal

from django.core.validators import MinValueValidator
from django.db import models

from suppliers.models.supplier import Supplier
from suppliers.packing import plain, plain_price

POSITIVE = [MinValueValidator(Decimal("0.0001"))]


class Product(models.Model):
    sku = models.CharField(max_length=60, unique=True)
    name = models.CharField(max_length=200)
    unit = models.CharField(
        max_length=3, default="C62", help_text="UN/ECE Recommendation 20 code; C62 is a piece."
    )
    barcode = models.CharField(max_length=20, blank=True, db_index=True)
    shelf_life_days = models.PositiveSmallIntegerField(
        null=True, blank=True, help_text="How long it keeps once it has arrived; empty: it does not spoil."
    )
    active = models.BooleanField(default=True)

    class Meta:
        ordering = ["sku"]

    def __str__(self) -> str:
        return f"{self.sku} {self.name}"


class SupplierProduct(models.Model):
    """A product in a supplier's range, with the supplier's own codes and packing rules (in the product's
    unit).
    """

    supplier = models.ForeignKey(Supplier, on_delete=models.CASCADE, related_name="products")
    product = models.ForeignKey(Product, on_delete=models.PROTECT, related_name="offers")
    supplier_sku = models.CharField(max_length=60)
    external_id = models.CharField(
        max_length=100, blank=True, help_text="The supplier's internal id, where its API wants one."
    )
    pack_size = models.DecimalField(max_digits=14, decimal_places=4, default=1, validators=POSITIVE)
    minimum_quantity = models.DecimalField(max_digits=14, decimal_places=4, default=1, validators=POSITIVE)
    lead_time_days = models.PositiveSmallIntegerField(
        null=True, blank=True, help_text="Empty: the supplier's lead time."
    )
    stock_on_offer = models.DecimalField(
        max_digits=14, decimal_places=4, null=True, blank=True, help_text="Empty: the supplier does not say."
    )
    stock_as_of = models.DateTimeField(null=True, blank=True)
    prices_checked_at = models.DateTimeField(
        null=True, blank=True, editable=False,
        help_text="When the supplier last answered about its prices, changed or not; empty: never asked.",
    )  # fmt: skip
    shelf_life_days = models.PositiveSmallIntegerField(
        null=True, blank=True, help_text="On arrival, where it is another than the product's."
    )
    active = models.BooleanField(default=True)
    replaced_by = models.ForeignKey(
        "self", on_delete=models.SET_NULL, null=True, blank=True, related_name="replaces",
        help_text="The code to use instead, remembered from a correction.",
    )  # fmt: skip

    class Meta:
        ordering = ["supplier", "supplier_sku"]
        constraints = [
            models.UniqueConstraint(fields=["supplier", "supplier_sku"], name="supplier_sku_once"),
            models.CheckConstraint(condition=models.Q(pack_size__gt=0), name="pack_size_positive"),
            models.CheckConstraint(
                condition=models.Q(minimum_quantity__gt=0), name="minimum_quantity_positive"
            ),
        ]
        indexes = [models.Index(fields=["product", "supplier"])]

    def __str__(self) -> str:
        return f"{self.supplier.code} {self.supplier_sku}"


class PriceQuote(models.Model):
    """A price list of one supplier product as it was at one time.
    The one without `superseded_at` is in force.
    """

    supplier_product = models.ForeignKey(SupplierProduct, on_delete=models.CASCADE, related_name="quotes")
    currency = models.CharField(max_length=3)
    incremental = models.BooleanField(
        default=False,
        help_text="Each unit costs the price of its own tier; else all cost that of the tier the quantity reaches.",
    )
    fetched_at = models.DateTimeField()
    superseded_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-fetched_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["supplier_product"], condition=models.Q(superseded_at=None), name="one_quote_in_force"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.supplier_product} at {self.fetched_at:%Y-%m-%d}"


class PriceTier(models.Model):
    """All-units: an order of at least `from_quantity` pays `unit_price` for every unit. Incremental: for what lies
    beyond `from_quantity`, up to the next tier: suppliers.prices.
    """

    quote = models.ForeignKey(PriceQuote, on_delete=models.CASCADE, related_name="tiers")
    from_quantity = models.DecimalField(max_digits=14, decimal_places=4)
    unit_price = models.DecimalField(max_digits=14, decimal_places=4)

    class Meta:
        ordering = ["quote", "from_quantity"]
        constraints = [
            models.UniqueConstraint(fields=["quote", "from_quantity"], name="one_price_a_tier"),
            models.CheckConstraint(condition=models.Q(unit_price__gte=0), name="tier_price_not_negative"),
        ]

    def __str__(self) -> str:
        return f"{plain_price(self.unit_price)} from {plain(self.from_quantity)}"
