"""What people type of a promotion."""

import re
from datetime import timedelta
from typing import Any

from django import forms
from django.utils.text import Truncator

from orders.models import Site
from procurement.services.promotions import PromotionTold
from suppliers.models import Product

LONGEST = timedelta(days=366)
MOST_ITEMS = 2_000  # more come as a file
LONGEST_CODE = 60  # that an item can have
DAY = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


class PromotionForm(forms.Form):
    site = forms.ModelChoiceField(Site.objects, to_field_name="code", widget=forms.HiddenInput)
    name = forms.CharField(label="Name", max_length=80, required=False, help_text="As people call it.")
    starts_on = forms.DateField(label="First day", widget=DAY)
    ends_on = forms.DateField(label="Last day", widget=DAY)
    items = forms.CharField(
        label="Items",
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="Our codes, with blanks, commas or line breaks between them.",
        max_length=200_000,
    )

    def __init__(self, *args: Any, site: Site | None = None, **options: Any) -> None:
        """`site`: of a promotion that is there; whatever is sent, it stays there."""
        super().__init__(*args, **options)
        if site:
            self.fields["site"].disabled = True
            self.initial["site"] = site.code

    def clean_items(self) -> list[Product]:
        codes = list(dict.fromkeys(re.split(r"[\s,;]+", self.cleaned_data["items"].strip())))
        if len(codes) > MOST_ITEMS:
            raise forms.ValidationError(f"That is more than {MOST_ITEMS} items; load them as a file.")
        known = {product.sku: product for product in Product.objects.filter(sku__in=codes)}
        if missing := [code for code in codes if code not in known]:
            more = f" and {len(missing) - 5} more" if len(missing) > 5 else ""
            named = ", ".join(Truncator(code).chars(LONGEST_CODE) for code in missing[:5])
            raise forms.ValidationError(f"There is no item {named}{more}.")
        return list(known.values())

    def clean(self) -> dict[str, Any]:
        told = super().clean() or {}
        start, end = told.get("starts_on"), told.get("ends_on")
        if start and end and end < start:
            self.add_error("ends_on", "It ends before it begins.")
        elif start and end and end - start > LONGEST:
            self.add_error("ends_on", "It lasts longer than a year: that is no promotion.")
        return told

    def told(self) -> PromotionTold:
        data = self.cleaned_data
        return PromotionTold(
            site=data["site"], name=data["name"], starts_on=data["starts_on"], ends_on=data["ends_on"],
            products=data["items"],
        )  # fmt: skip
