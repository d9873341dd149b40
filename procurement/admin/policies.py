"""Classes, limits and storage areas. Items' own are set on their page."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from procurement.models import ItemPolicy, StorageArea


@admin.register(StorageArea)
class StorageAreaAdmin(admin.ModelAdmin):
    list_display = ["name", "site", "capacity", "measure"]
    list_select_related = ["site"]


@admin.register(ItemPolicy)
class ItemPolicyAdmin(admin.ModelAdmin):
    list_display = ["product", "site", "value_class", "variation_class", "service_level", "why", "by"]
    list_select_related = ["site", "product", "by"]
    list_filter = ["site", "storage_area"]
    search_fields = ["product__sku", "product__name"]
    raw_id_fields = ["product"]
    exclude = ["by"]

    def save_model(self, request: HttpRequest, obj: ItemPolicy, form: Any, change: bool) -> None:
        obj.by_id = request.user.pk
        super().save_model(request, obj, form, change)
