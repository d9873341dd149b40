"""What people say of codes and units."""

from decimal import Decimal
from typing import Any

from django import forms

from suppliers.models import Product

UNIT = forms.RegexField(
    r"^[A-Za-z0-9]{2,3}\Z",
    label="Their unit",
    required=False,
    strip=True,
    help_text="UN/ECE code, such as CS (case); empty: whatever they count this code in.",
    error_messages={"invalid": "Enter a UN/ECE code of 2 or 3 letters and digits, such as CS or C62."},
)


class MeaningForm(forms.Form):
    """What a code means: one of the products shown, or one by our own code."""

    product = forms.ModelChoiceField(Product.objects.all(), required=False)
    sku = forms.CharField(label="Our item code", max_length=60, required=False)
    factor = forms.DecimalField(
        label="How many of our unit one of theirs is",
        max_digits=18,
        decimal_places=6,
        min_value=Decimal("0.000001"),
        required=False,
        help_text="Empty: quantities mean the same.",
    )
    unit = UNIT
    adds_up = forms.BooleanField(
        label="Its stock is added to that of the item's other codes in this system", required=False
    )

    def clean_unit(self) -> str:
        return str(self.cleaned_data["unit"]).upper()

    def clean(self) -> dict[str, Any]:
        told = super().clean() or {}
        sku = told.get("sku")
        if sku and not told.get("product"):
            told["product"] = Product.objects.filter(sku=sku).first()
            if told["product"] is None:
                self.add_error(
                    "sku", f"There is no product {sku}; codes count with their capitals and zeros."
                )
        elif not sku and not told.get("product") and "product" not in self.errors:
            self.add_error("sku", "Choose a product, or enter our code of it.")
        if told.get("unit") and told.get("factor") is None and "factor" not in self.errors:
            self.add_error("factor", f"How many of our unit is one {told['unit']}?")
        return told


class NewProductForm(forms.ModelForm):
    unit = forms.RegexField(
        r"^[A-Z0-9]{2,3}\Z",
        label="Unit",
        error_messages={"invalid": "Enter a UN/ECE code such as C62 (piece) or KGM."},
    )

    class Meta:
        model = Product
        fields = ["sku", "name", "unit", "barcode"]
        labels = {"sku": "Our item code"}


class UnitForm(forms.Form):
    """A unit of an item, before anybody tells it so."""

    sku = forms.CharField(max_length=60)
    unit = forms.RegexField(r"^[A-Za-z0-9]{2,3}\Z", strip=True)
    quantity = forms.DecimalField(max_digits=18, decimal_places=6, min_value=Decimal("0.000001"))

    def clean_sku(self) -> Product:
        product = Product.objects.filter(sku=self.cleaned_data["sku"]).first()
        if product is None:
            raise forms.ValidationError("There is no such product.")
        return product


class ConversionForm(forms.Form):
    quantity = forms.DecimalField(max_digits=18, decimal_places=6, min_value=Decimal("0.000001"))
