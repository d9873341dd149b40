"""What people type when they block or prefer a supplier."""

from datetime import date
from decimal import Decimal
from typing import Any

from django import forms
from django.utils import timezone

from suppliers.models import SourcingDecision, Supplier, SupplierProduct
from suppliers.services.decisions import Decided

Kind = SourcingDecision.Kind


class DecisionForm(forms.Form):
    kind = forms.ChoiceField(
        label="It is",
        choices=[
            (Kind.BLOCKED.value, "Blocked: never bought from"),
            (Kind.PREFERRED.value, "Preferred: bought from rather"),
        ],
        widget=forms.RadioSelect,
        error_messages=dict.fromkeys(
            ("required", "invalid_choice"), "Say whether it is blocked or preferred."
        ),
    )
    item = forms.CharField(
        label="For our item", max_length=60, required=False, help_text="Its code; empty: all that it sells."
    )
    reason = forms.CharField(
        label="Why",
        max_length=200,
        help_text="Shown wherever it counts.",
        error_messages={"required": "Say why, so that the next person understands."},
    )
    until = forms.DateField(
        label="Until",
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text="The last day; empty: until somebody undoes it.",
    )
    dearer_by_percent = forms.DecimalField(
        label="Preferred while at most so much dearer, percent",
        required=False,
        min_value=Decimal(0),
        max_value=Decimal(500),
        decimal_places=2,
        widget=forms.TextInput(attrs={"inputmode": "decimal"}),
        help_text="Empty: at any price.",
    )

    def __init__(self, *args: Any, supplier: Supplier, **options: Any) -> None:
        super().__init__(*args, **options)
        self.supplier = supplier
        self.offer: SupplierProduct | None = None  # None: all that it sells

    def clean_item(self) -> str:
        sku: str = self.cleaned_data["item"]
        if sku:
            self.offer = self.supplier.products.filter(product__sku=sku).order_by("-active", "pk").first()
            if self.offer is None:
                raise forms.ValidationError(f"{self.supplier.name} does not sell {sku}.")
        return sku

    def clean_until(self) -> date | None:
        until: date | None = self.cleaned_data["until"]
        if until and until < timezone.localdate():
            raise forms.ValidationError("That day is over; nothing would be decided.")
        return until

    def clean(self) -> dict[str, Any]:
        told = super().clean() or {}
        if told.get("kind") == Kind.BLOCKED and told.get("dearer_by_percent") is not None:
            self.add_error("dearer_by_percent", "What is blocked is not bought at any price: leave it empty.")
        return told

    def decided(self) -> Decided:
        data = self.cleaned_data
        return Decided(data["kind"], data["reason"], data["until"], data["dearer_by_percent"])
