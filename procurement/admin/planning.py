"""Planning policies, and the people who work here."""

from typing import Any

from django.contrib import admin
from django.contrib.auth.admin import GroupAdmin, UserAdmin
from django.contrib.auth.models import Group, User
from django.http import HttpRequest

from procurement.models import PlanningPolicy, PlanRun
from suppliers.admin.read_only import ReadOnlyAdmin


@admin.register(PlanningPolicy)
class PlanningPolicyAdmin(admin.ModelAdmin):
    list_display = ["site", "service_level", "buffer_spread", "review_period_days", "history_days"]
    list_select_related = ["site"]


@admin.register(PlanRun)
class PlanRunAdmin(ReadOnlyAdmin):
    list_display = ["id", "site", "status", "as_of", "by", "started_at", "orders", "lines", "value"]
    list_filter = ["status", "site"]
    list_select_related = ["site", "by"]


admin.site.unregister(User)
admin.site.unregister(Group)


@admin.register(Group)
class RoleAdmin(ReadOnlyAdmin, GroupAdmin):
    """What a role may do is written in procurement.services.roles; `manage.py setup` restores it."""

    filter_horizontal = ()


@admin.register(User)
class PersonAdmin(UserAdmin):
    """An administrator gives people roles, and can neither become a superuser that way nor change their own roles."""

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        allowed = super().has_change_permission(request, obj)
        return allowed and (obj is None or not obj.is_superuser or request.user.is_superuser)

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        if obj is None or request.user.is_superuser:
            return super().get_fieldsets(request, obj)
        return [
            (None, {"fields": ["username", "password"]}),
            ("Person", {"fields": ["first_name", "last_name", "email"]}),
            ("Role", {"fields": ["is_active", "is_staff", "groups"]}),
            ("Dates", {"fields": ["last_login", "date_joined"]}),
        ]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        own = obj is not None and obj.pk == request.user.pk and not request.user.is_superuser
        return ["last_login", "date_joined", *(["is_active", "is_staff", "groups"] if own else [])]
