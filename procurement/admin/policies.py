"""Classes, limits and storage areas. Items' own are set on their page; what is set here stands in their history too."""

from typing import Any, cast

from django.contrib import admin
from django.contrib.auth.models import AbstractBaseUser
from django.db.models import QuerySet
from django.http import HttpRequest

from procurement.models import ItemPolicy, StorageArea
from procurement.services.policy_history import Texts, policy_change_add, policy_texts
from suppliers.admin.catalogue import ProductAdmin
from suppliers.models import Product


@admin.register(StorageArea)
class StorageAreaAdmin(admin.ModelAdmin):
    list_display = ["name", "site", "capacity", "measure"]
    list_select_related = ["site"]

    def get_readonly_fields(self, request: HttpRequest, obj: StorageArea | None = None) -> list[str]:
        return ["site"] if obj else []  # its items lie at that site


@admin.register(ItemPolicy)
class ItemPolicyAdmin(admin.ModelAdmin):
    list_display = ["product", "site", "value_class", "variation_class", "service_level", "why", "by"]
    list_select_related = ["site", "product", "by"]
    list_filter = ["site", "storage_area"]
    search_fields = ["product__sku", "product__name"]
    raw_id_fields = ["product"]
    exclude = ["by"]

    def get_readonly_fields(self, request: HttpRequest, obj: ItemPolicy | None = None) -> list[str]:
        return ["site", "product"] if obj else []

    def save_model(self, request: HttpRequest, obj: ItemPolicy, form: Any, change: bool) -> None:
        before = policy_texts(ItemPolicy.objects.filter(pk=obj.pk).first() if change else None)
        obj.by_id = request.user.pk
        super().save_model(request, obj, form, change)
        _told(request, obj, before, policy_texts(obj), obj.why)

    def delete_model(self, request: HttpRequest, obj: ItemPolicy) -> None:
        _told(request, obj, policy_texts(obj), policy_texts(None))
        super().delete_model(request, obj)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[ItemPolicy]) -> None:
        for row in queryset.select_related("site", "product", "storage_area"):
            _told(request, row, policy_texts(row), policy_texts(None))
        super().delete_queryset(request, queryset)


def _told(request: HttpRequest, row: ItemPolicy, before: Texts, after: Texts, why: str = "") -> None:
    policy_change_add(
        site=row.site, product=row.product, before=before, after=after, why=why, by=_person(request)
    )


def _person(request: HttpRequest) -> AbstractBaseUser:
    return cast(AbstractBaseUser, request.user)  # the admin lets nobody else in


admin.site.unregister(Product)


@admin.register(Product)
class PlannedProductAdmin(ProductAdmin):
    def save_model(self, request: HttpRequest, obj: Product, form: Any, change: bool) -> None:
        before = _shelf_life(Product.objects.filter(pk=obj.pk).first() if change else None)
        super().save_model(request, obj, form, change)
        policy_change_add(product=obj, site=None, before=before, after=_shelf_life(obj), by=_person(request))


def _shelf_life(product: Product | None) -> dict[str, str]:
    days = product.shelf_life_days if product else None
    return {"shelf_life_days": "" if days is None else str(days)}
