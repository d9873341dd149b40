"""Products, suppliers' offers and price lists."""

import re
from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest

from suppliers.currency import currency_code
from suppliers.models import PriceQuote, PriceTier, Product, SupplierProduct

ROW_ID = re.compile(r"[0-9]{1,18}")


@admin.register(Product)
class ProductAdmin(admin.ModelAdmin):
    list_display = ["sku", "name", "unit", "barcode", "active"]
    list_filter = ["active", "unit"]
    search_fields = ["sku", "name", "barcode"]
    show_full_result_count = False


class AutocompleteAdmin(admin.ModelAdmin):
    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """The address may name related rows; Django looks them up unchecked, so what is no id is left out."""
        given: dict[str, Any] = super().get_changeform_initial_data(request)
        related = set(self.autocomplete_fields)
        return {
            name: value
            for name, value in given.items()
            if name not in related or ROW_ID.fullmatch(str(value))
        }


@admin.register(SupplierProduct)
class SupplierProductAdmin(AutocompleteAdmin):
    list_display = [
        *("supplier_sku", "supplier", "product", "pack_size", "minimum_quantity"),
        *("stock_on_offer", "stock_as_of", "active"),
    ]
    list_filter = ["supplier", "active"]
    list_select_related = ["supplier", "product"]
    search_fields = ["supplier_sku", "product__sku", "product__name"]
    autocomplete_fields = ["supplier", "product"]
    show_full_result_count = False


class PriceTierInline(admin.TabularInline):
    model = PriceTier
    extra = 1


class PriceQuoteForm(forms.ModelForm):
    def clean_currency(self) -> str:
        return currency_code(self.cleaned_data["currency"])

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        offer = data.get("supplier_product")
        if offer and not data.get("superseded_at"):
            rivals = PriceQuote.objects.filter(supplier_product=offer, superseded_at=None)
            if rivals.exclude(pk=self.instance.pk).exists():
                self.add_error(
                    "superseded_at",
                    "This offer has a price list in force already. Say when this one was superseded, "
                    "or close the other one first.",
                )
        return data


@admin.register(PriceQuote)
class PriceQuoteAdmin(AutocompleteAdmin):
    form = PriceQuoteForm
    inlines = [PriceTierInline]
    list_display = ["supplier_product", "currency", "incremental", "fetched_at", "superseded_at"]
    list_filter = ["supplier_product__supplier", ("superseded_at", admin.EmptyFieldListFilter)]
    list_select_related = ["supplier_product__supplier"]
    search_fields = ["supplier_product__supplier_sku", "supplier_product__product__sku"]
    autocomplete_fields = ["supplier_product"]
    date_hierarchy = "fetched_at"
    show_full_result_count = False
