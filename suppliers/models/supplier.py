"""A supplier, our account with it, and the account's credentials."""

from decimal import Decimal

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils import timezone

from suppliers.connectors.registry import CONNECTORS, connector_class
from suppliers.models.credential import Credential

NOT_NEGATIVE = [MinValueValidator(Decimal(0))]


class Supplier(models.Model):
    code = models.SlugField(
        max_length=40, unique=True, help_text="Short name used in addresses, e.g. /callbacks/<code>/."
    )
    name = models.CharField(max_length=120)
    active = models.BooleanField(
        default=True, help_text="Inactive suppliers are neither planned nor ordered from."
    )
    currency = models.CharField(max_length=3, default="GBP", help_text="ISO 4217.")
    lead_time_days = models.PositiveSmallIntegerField(
        default=3,
        help_text="Days from order to goods on the shelf, as it states them; its working days where they are known.",
    )
    minimum_order_value = models.DecimalField(
        max_digits=14, decimal_places=2, default=0, validators=NOT_NEGATIVE
    )
    below_minimum_surcharge = models.DecimalField(
        max_digits=14, decimal_places=2, null=True, blank=True, validators=NOT_NEGATIVE,
        help_text="What an order below the minimum costs more; empty: such an order is refused.",
    )  # fmt: skip
    delivery_fee = models.DecimalField(max_digits=14, decimal_places=2, default=0, validators=NOT_NEGATIVE)
    free_delivery_from = models.DecimalField(
        max_digits=14, decimal_places=2, null=True, blank=True, validators=NOT_NEGATIVE,
        help_text="Order value from which delivery is free; empty: never.",
    )  # fmt: skip
    unreliability_percent = models.DecimalField(
        max_digits=5, decimal_places=2, null=True, blank=True, validators=[*NOT_NEGATIVE, MaxValueValidator(100)],
        help_text="What trouble with it costs, in percent of the goods; empty: as measured from its orders.",
    )  # fmt: skip
    # Within these a confirmed change needs nobody; beyond them the order is listed for review.
    price_tolerance_percent = models.DecimalField(
        max_digits=5, decimal_places=2, default=0, validators=NOT_NEGATIVE
    )
    quantity_tolerance_percent = models.DecimalField(
        max_digits=5, decimal_places=2, default=0, validators=NOT_NEGATIVE
    )
    date_tolerance_days = models.PositiveSmallIntegerField(default=0)
    prices_valid_hours = models.PositiveSmallIntegerField(
        default=24, validators=[MinValueValidator(1), MaxValueValidator(8760)],
        help_text="How long an answer about prices holds; after that, or when a plan needs them, they are asked again.",
    )  # fmt: skip
    calls_per_minute = models.PositiveSmallIntegerField(
        null=True, blank=True, validators=[MinValueValidator(1), MaxValueValidator(6000)],
        help_text="How often all of our processes together may call it; empty: as its protocol says, else as we like.",
    )  # fmt: skip
    calls_per_day = models.PositiveIntegerField(
        null=True, blank=True, validators=[MinValueValidator(1), MaxValueValidator(10_000_000)],
        help_text="The same from midnight to midnight; a fifth of it is kept for orders, which are placed in any case.",
    )  # fmt: skip
    paused_reason = models.CharField(
        max_length=300, blank=True, editable=False,
        help_text="Set when the supplier refuses our credentials: its orders wait until "
        "an administrator resumes it.",
    )  # fmt: skip

    # The circuit breaker's memory: see suppliers.services.breaker.
    failures = models.PositiveIntegerField(default=0, editable=False, help_text="Since the last answer.")
    down_until = models.DateTimeField(
        null=True, blank=True, editable=False, help_text="Left alone until then, as it does not answer."
    )

    class Meta:
        ordering = ["name"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(minimum_order_value__gte=0), name="supplier_minimum_not_negative"
            ),
            models.CheckConstraint(condition=models.Q(delivery_fee__gte=0), name="supplier_fee_not_negative"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_down(self) -> bool:
        return self.down_until is not None and self.down_until > timezone.now()


class SupplierAccount(models.Model):
    """How we reach the supplier: the protocol and its settings. One account a supplier is in use."""

    supplier = models.OneToOneField(Supplier, on_delete=models.CASCADE, related_name="account")
    protocol = models.CharField(max_length=20)
    settings = models.JSONField(
        default=dict, blank=True, help_text="Values of the protocol's declared settings; no secrets."
    )
    allow_private_network = models.BooleanField(
        default=False,
        help_text="Allow addresses inside our own network. Needed for sandbox suppliers; "
        "leave off otherwise.",
    )
    last_success_at = models.DateTimeField(null=True, blank=True, editable=False)
    catalogue_fetched_at = models.DateTimeField(null=True, blank=True, editable=False)

    def __str__(self) -> str:
        return f"{self.supplier} by {self.protocol_label}"

    @property
    def protocol_label(self) -> str:
        """The protocol as people know it; its code, if it is no longer part of the program."""
        known = self.protocol in CONNECTORS
        return connector_class(self.protocol).label if known else self.protocol


class SupplierCredential(Credential):
    account = models.ForeignKey(SupplierAccount, on_delete=models.CASCADE, related_name="credentials")

    class Meta(Credential.Meta):
        ordering = ["account", "name", "-created_at", "-pk"]

    def __str__(self) -> str:
        return f"{self.account.supplier.code} {self.name}"
