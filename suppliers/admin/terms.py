"""What was decided about suppliers and agreed with them; whoever enters it is kept with it."""

from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest

from suppliers.admin.catalogue import AutocompleteAdmin
from suppliers.currency import currency_code
from suppliers.models import ContractItem, SourcingDecision


class SignedAdmin(AutocompleteAdmin):
    """The last person to change a row answers for it."""

    readonly_fields = ["by"]

    def save_model(self, request: HttpRequest, obj: Any, form: forms.ModelForm, change: bool) -> None:
        obj.by = request.user
        super().save_model(request, obj, form, change)


@admin.register(SourcingDecision)
class SourcingDecisionAdmin(SignedAdmin):
    list_display = ["supplier", "supplier_product", "kind", "reason", "since", "until", "by", "ended_at"]
    list_filter = ["kind", "supplier"]
    list_select_related = ["supplier", "supplier_product__supplier", "by"]
    search_fields = ["reason", "supplier__name", "supplier_product__supplier_sku"]
    autocomplete_fields = ["supplier", "supplier_product"]


class ContractItemForm(forms.ModelForm):
    def clean_currency(self) -> str:
        typed = self.cleaned_data["currency"]
        return currency_code(typed) if typed else ""


@admin.register(ContractItem)
class ContractItemAdmin(SignedAdmin):
    form = ContractItemForm
    list_display = [
        *("number", "supplier_product", "valid_from", "valid_until"),
        *("unit_price", "currency", "share_percent", "by"),
    ]
    list_filter = ["supplier_product__supplier", "number"]
    list_select_related = ["supplier_product__supplier", "by"]
    search_fields = ["number", "supplier_product__supplier_sku", "supplier_product__product__name"]
    autocomplete_fields = ["supplier_product"]
    date_hierarchy = "valid_until"
