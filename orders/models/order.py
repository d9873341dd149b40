"""A purchase order and its lines. What was asked and what the supplier answered stand side by side,
never overwritten.
"""

from decimal import Decimal

from django.conf import settings
from django.core.validators import MinValueValidator
from django.db import models

from orders.models.site import Site
from suppliers.messages import LineProblemKind
from suppliers.models import Product, Supplier, SupplierProduct
from suppliers.rates import Rate


class Status(models.TextChoices):
    DRAFT = "draft", "Draft"
    TRANSFERRED = "transferred", "Transferred"
    CONFIRMED = "confirmed", "Confirmed"
    REJECTED = "rejected", "Rejected"
    SHIPPED = "shipped", "Shipped"
    CANCELLED = "cancelled", "Cancelled"


class PurchaseOrder(models.Model):
    number = models.CharField(max_length=20, unique=True, help_text="What people call the order.")
    # What the supplier sees and looks it up by; the same on every attempt.
    buyer_reference = models.CharField(max_length=40, unique=True)
    supplier = models.ForeignKey(Supplier, on_delete=models.PROTECT, related_name="orders")
    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="orders")
    # Written by orders.state alone.
    status = models.CharField(max_length=12, choices=Status.choices, default=Status.DRAFT, editable=False)
    version = models.PositiveIntegerField(default=0, editable=False)

    origin = models.CharField(max_length=40, default="manual", help_text="plan, manual, replacement, ...")
    currency = models.CharField(max_length=3)
    # What a unit of the order's currency was worth when it was drafted: what is approved and reported stays what it
    # was. Empty: it is in the base currency, or no rate was known.
    base_currency = models.CharField(max_length=3, blank=True, editable=False)
    exchange_rate = models.DecimalField(max_digits=20, decimal_places=12, null=True, editable=False)
    rate_date = models.DateField(null=True, editable=False)
    rate_source = models.CharField(max_length=40, blank=True, editable=False)
    requested_date = models.DateField(null=True, blank=True)
    approve_before = models.DateTimeField(
        null=True, editable=False,
        help_text="The supplier's cut-off that the plan counted with. Empty: it takes orders at any time.",
    )  # fmt: skip
    delivery_fee = models.DecimalField(max_digits=14, decimal_places=2, default=0)
    surcharge = models.DecimalField(
        max_digits=14, decimal_places=2, default=0, help_text="For an order below the supplier's minimum."
    )
    charges = models.JSONField(
        default=list,
        blank=True,
        help_text="Freight and surcharges the supplier confirmed: label, code, amount.",
    )
    note = models.TextField(blank=True, max_length=1000, help_text="The supplier reads this.")
    comment = models.TextField(blank=True, max_length=1000, help_text="Internal; never sent.")
    replaces = models.OneToOneField(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="replaced_by"
    )

    supplier_reference = models.CharField(max_length=80, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    last_edited_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    transferred_at = models.DateTimeField(null=True, blank=True)
    answered_at = models.DateTimeField(null=True, blank=True)
    shipped_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-created_at", "-pk"]
        permissions = [("approve_purchaseorder", "Can approve purchase orders")]
        constraints = [
            models.CheckConstraint(condition=models.Q(status__in=Status.values), name="order_status_known"),
        ]
        indexes = [models.Index(fields=["status", "supplier"]), models.Index(fields=["-created_at"])]

    def __str__(self) -> str:
        return self.number

    @property
    def extras(self) -> Decimal:
        """What is expected to be charged on top of the goods."""
        return self.delivery_fee + self.surcharge

    @property
    def rate(self) -> Rate | None:
        """What it is counted with in the base currency; None where it is in that, or no rate was known."""
        if self.exchange_rate is None or self.rate_date is None:
            return None
        return Rate(
            currency=self.currency, base=self.base_currency, value=self.exchange_rate, date=self.rate_date,
            source=self.rate_source,
        )  # fmt: skip


class PurchaseOrderLine(models.Model):
    order = models.ForeignKey(PurchaseOrder, on_delete=models.CASCADE, related_name="lines")
    line_number = models.PositiveIntegerField()
    product = models.ForeignKey(Product, on_delete=models.PROTECT, related_name="order_lines")
    supplier_product = models.ForeignKey(
        SupplierProduct, on_delete=models.PROTECT, related_name="order_lines"
    )
    supplier_sku = models.CharField(max_length=60)
    description = models.CharField(max_length=200)
    unit = models.CharField(max_length=3)

    suggested_quantity = models.DecimalField(max_digits=14, decimal_places=4, null=True)
    quantity = models.DecimalField(
        max_digits=14, decimal_places=4, validators=[MinValueValidator(Decimal("0.0001"))]
    )
    unit_price = models.DecimalField(max_digits=14, decimal_places=4)
    requested_date = models.DateField(null=True, blank=True)
    reason = models.JSONField(
        default=dict, help_text="Why the plan proposed this line; shape: procurement.engine.explain."
    )

    # The supplier's answer; None until it came. confirmed_quantity 0: will not be delivered.
    confirmed_quantity = models.DecimalField(max_digits=14, decimal_places=4, null=True)
    confirmed_price = models.DecimalField(max_digits=14, decimal_places=4, null=True)
    promised_date = models.DateField(null=True)
    backorder_quantity = models.DecimalField(
        max_digits=14, decimal_places=4, default=0, help_text="Follows at no date yet."
    )
    substitute_sku = models.CharField(max_length=60, blank=True)
    substitute_description = models.CharField(max_length=200, blank=True)
    supplier_note = models.CharField(max_length=300, blank=True)
    problem = models.CharField(
        max_length=16,
        blank=True,
        choices=[
            (LineProblemKind.UNKNOWN_ITEM.value, "The supplier does not know this article"),
            (LineProblemKind.NO_PRICE.value, "The supplier has no price for it"),
            (LineProblemKind.OUT_OF_STOCK.value, "Not in stock at the supplier"),
            (LineProblemKind.NOT_PERMITTED.value, "Not sold to this account"),
            (LineProblemKind.UNAVAILABLE.value, "The supplier cannot deliver it"),
        ],
        help_text="Why the supplier could not take the line when the order was last sent.",
    )
    problem_text = models.CharField(max_length=300, blank=True)
    shipped_quantity = models.DecimalField(max_digits=14, decimal_places=4, default=0)
    received_quantity = models.DecimalField(max_digits=14, decimal_places=4, default=0)

    class Meta:
        ordering = ["order", "line_number"]
        constraints = [
            models.UniqueConstraint(fields=["order", "line_number"], name="line_number_once_an_order"),
            models.CheckConstraint(condition=models.Q(quantity__gt=0), name="line_quantity_positive"),
            models.CheckConstraint(condition=models.Q(unit_price__gte=0), name="line_price_not_negative"),
            models.CheckConstraint(
                condition=models.Q(confirmed_quantity=None) | models.Q(confirmed_quantity__gte=0),
                name="confirmed_quantity_not_negative",
            ),
        ]
        indexes = [models.Index(fields=["product", "order"])]

    def __str__(self) -> str:
        return f"{self.order.number} line {self.line_number}"

    @property
    def total(self) -> Decimal:
        return (self.quantity * self.unit_price).quantize(Decimal("0.01"))

    @property
    def confirmed_total(self) -> Decimal | None:
        if self.confirmed_quantity is None or self.confirmed_price is None:
            return None
        return (self.confirmed_quantity * self.confirmed_price).quantize(Decimal("0.01"))

    @property
    def is_changed(self) -> bool:
        """The supplier answered something else than was asked."""
        return self.confirmed_quantity is not None and (
            self.confirmed_quantity != self.quantity
            or self.confirmed_price != self.unit_price
            or (self.promised_date is not None and self.promised_date != self.requested_date)
            or bool(self.substitute_sku)
        )
