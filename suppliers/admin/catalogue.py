"""Products, suppliers' offers and price lists."""

from typing import Any

from django import forms
from django.contrib import admin

from suppliers.currency import currency_code
from suppliers.models import PriceQuote, PriceTier, Product, SupplierProduct


@admin.register(Product)
class ProductAdmin(admin.ModelAdmin):
    list_display = ["sku", "name", "unit", "barcode", "active"]
    list_filter = ["active", "unit"]
    search_fields = ["sku", "name", "barcode"]
    show_full_result_count = False


@admin.register(SupplierProduct)
class SupplierProductAdmin(admin.ModelAdmin):
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
class PriceQuoteAdmin(admin.ModelAdmin):
    form = PriceQuoteForm
    inlines = [PriceTierInline]
    list_display = ["supplier_product", "currency", "fetched_at", "superseded_at"]
    list_filter = ["supplier_product__supplier", ("superseded_at", admin.EmptyFieldListFilter)]
    list_select_related = ["supplier_product__supplier"]
    search_fields = ["supplier_product__supplier_sku", "supplier_product__product__sku"]
    autocomplete_fields = ["supplier_product"]
    date_hierarchy = "fetched_at"
    show_full_result_count = False
