"""What people type about classes, items and stock put aside."""

from datetime import date
from decimal import Decimal
from typing import Any

from django import forms
from django.utils import timezone

from orders.models import Site
from procurement.models import CELLS, ItemPolicy, StorageArea
from suppliers.templatetags.figures import plain

LEAST, MOST = Decimal(50), Decimal("99.9")
LONGEST_SHOWN = 20  # of what was typed where a number belongs


def percent_field(label: str, help_text: str = "") -> forms.DecimalField:
    return forms.DecimalField(
        label=label,
        help_text=help_text,
        required=False,
        min_value=LEAST,
        max_value=MOST,
        decimal_places=1,
        error_messages={
            "invalid": "Write a number, such as 98.5.",
            "min_value": f"At least {LEAST} %%.",
            "max_value": f"At most {MOST} %%.",
            "max_decimal_places": "One decimal at most, such as 98.5.",
        },
    )


class ClassLevelsForm(forms.Form):
    """A percentage a class; empty: the site's own."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        for cell in CELLS:
            self.fields[cell] = percent_field(f"Service level of {cell}, percent")

    def levels(self) -> dict[str, Decimal | None]:
        asked = {cell: self.cleaned_data[cell] for cell in CELLS}
        return {cell: None if percent is None else percent / 100 for cell, percent in asked.items()}

    def complaints(self) -> dict[str, list[str]]:
        return {cell: [str(error) for error in errors] for cell, errors in self.errors.items()}

    def typed(self) -> dict[str, str]:
        return {cell: self.data.get(cell, "")[:LONGEST_SHOWN] for cell in CELLS}


class ItemPolicyForm(forms.ModelForm):
    service_percent = percent_field(
        "Service level, percent", "Empty: that of its class, else as the site's planning policy says."
    )

    class Meta:
        model = ItemPolicy
        fields = (
            "value_class",
            "variation_class",
            "presentation_stock",
            "maximum_stock",
            "maximum_cover_days",
            "storage_area",
            "storage_size",
            "why",
        )
        labels = {
            "value_class": "Class by value",
            "variation_class": "Class by variability",
            "maximum_cover_days": "Longest cover, days",
            "maximum_stock": "Room for at most",
            "presentation_stock": "Always on the shelf",
            "storage_size": "Takes of it, a unit",
            "why": "Why",
        }
        error_messages = {
            name: {"invalid_choice": "Choose one of the list."} for name in ("value_class", "variation_class")
        }

    def __init__(self, *args: Any, site: Site, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["storage_area"].queryset = StorageArea.objects.filter(site=site)  # type: ignore[attr-defined]
        self.fields["storage_area"].empty_label = "None that is shared"  # type: ignore[attr-defined]
        for name in ("value_class", "variation_class"):
            choices = self.fields[name].choices  # type: ignore[attr-defined]
            self.fields[name].choices = [("", "As history says"), *list(choices)[1:]]  # type: ignore[attr-defined]
        for name in ("presentation_stock", "maximum_stock", "storage_size"):
            self.initial[name] = plain(self.initial.get(name))  # 400, as it was typed, and not 400.0000
        level = self.instance.service_level
        self.fields["service_percent"].initial = None if level is None else (level * 100).normalize()
        self.order_fields(["value_class", "variation_class", "service_percent"])

    def clean(self) -> dict[str, Any]:
        cleaned = dict(super().clean() or {})
        percent = cleaned.get("service_percent")
        cleaned["service_level"] = None if percent is None else percent / 100
        by_hand = percent is not None or cleaned.get("value_class") or cleaned.get("variation_class")
        if by_hand and not cleaned.get("why") and "why" not in self.errors:
            self.add_error("why", "Say why it differs from what its history says.")
        wrong = {"storage_area", "storage_size"} & set(self.errors)
        if not wrong and bool(cleaned.get("storage_area")) != bool(cleaned.get("storage_size")):
            self.add_error("storage_size", "A storage area and what a unit takes of it go together.")
        return cleaned


class ReservationForm(forms.Form):
    quantity = forms.DecimalField(
        label="Quantity", min_value=Decimal("0.0001"), max_digits=14, decimal_places=4
    )
    purpose = forms.CharField(label="For whom or what", max_length=120)
    until = forms.DateField(
        label="Until",
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}),
        help_text="Empty: no end.",
    )

    def clean_until(self) -> date | None:
        until: date | None = self.cleaned_data["until"]
        if until and until < timezone.localdate():
            raise forms.ValidationError("That day is over; nothing would be put aside.")
        return until

    def sentence(self) -> str:
        return "Nothing was put aside. " + " ".join(
            f"{self.fields[name].label}: {error}" for name, errors in self.errors.items() for error in errors
        )
