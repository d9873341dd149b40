"""Whom people decided to buy from rather, or not at all: who, since when and why."""

from typing import Self

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone

from suppliers.models.catalogue import SupplierProduct
from suppliers.models.supplier import Supplier


class DecisionQuerySet(models.QuerySet["SourcingDecision"]):
    def in_force(self, day: object) -> Self:
        return self.standing(day).filter(since__lte=day)

    def standing(self, day: object) -> Self:
        """In force, or to come."""
        return self.filter(Q(until=None) | Q(until__gte=day), ended_at=None)


class SourcingDecision(models.Model):
    """Holds from `since` to `until`, both included, for one product of the supplier or for all of them.

    A product that it sells under several codes or in several packs is one: whichever offer is named, it counts for all.
    """

    class Kind(models.TextChoices):
        PREFERRED = "preferred", "Preferred"
        BLOCKED = "blocked", "Blocked"

    supplier = models.ForeignKey(Supplier, on_delete=models.CASCADE, related_name="decisions")
    supplier_product = models.ForeignKey(
        SupplierProduct, on_delete=models.CASCADE, null=True, blank=True, related_name="decisions",
        help_text="Empty: all that the supplier sells.",
    )  # fmt: skip
    kind = models.CharField(max_length=10, choices=Kind.choices)
    reason = models.CharField(max_length=200, help_text="Shown wherever the decision counts.")
    since = models.DateField(default=timezone.localdate)
    until = models.DateField(null=True, blank=True, help_text="The last day; empty: until it is changed.")
    dearer_by_percent = models.DecimalField(
        max_digits=5, decimal_places=2, null=True, blank=True,
        validators=[MinValueValidator(0), MaxValueValidator(500)],
        help_text="Of a preferred one: bought from as long as it is at most so much dearer; empty: at any price.",
    )  # fmt: skip
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, editable=False, related_name="+"
    )
    decided_at = models.DateTimeField(default=timezone.now, editable=False)
    ended_at = models.DateTimeField(
        null=True, editable=False, help_text="When somebody undid it, or decided otherwise."
    )
    ended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, editable=False, related_name="+"
    )

    objects = DecisionQuerySet.as_manager()

    class Meta:
        ordering = ["supplier", "-since", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(until=None) | Q(until__gte=models.F("since")),
                name="decision_ends_after_it_began",
                violation_error_message="It ends before it begins.",
            ),
            models.CheckConstraint(
                condition=Q(dearer_by_percent=None) | Q(kind="preferred"),
                name="only_preferred_may_be_dearer",
                violation_error_message="Only a preferred one may be dearer.",
            ),
            models.CheckConstraint(
                condition=Q(ended_at=None, ended_by=None) | Q(ended_at__isnull=False, ended_by__isnull=False),
                name="decision_undone_by_somebody",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.supplier}: {self.words}"

    def clean(self) -> None:
        of = self.supplier_product
        if of is not None and self.supplier_id and of.supplier_id != self.supplier_id:
            raise ValidationError({"supplier_product": f"This is not a product of {self.supplier}."})

    @property
    def subject(self) -> str:
        of = self.supplier_product
        return f"{self.supplier.name} for {of.product.sku}" if of else self.supplier.name

    @property
    def state(self) -> str:
        """ "in force", "to come", "over" or "undone"."""
        today = timezone.localdate()
        if self.ended_at:
            return "undone"
        if self.until and self.until < today:
            return "over"
        return "to come" if self.since > today else "in force"

    @property
    def stands(self) -> bool:
        return self.state in ("in force", "to come")

    @property
    def words(self) -> str:
        """As reasons of lines state it: "blocked until 3 Dec 2026: quality complaints"."""
        until = f" until {self.until:%-d %b %Y}" if self.until else ""
        return f"{self.kind}{until}: {self.reason}"
