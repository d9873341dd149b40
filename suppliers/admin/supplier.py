"""Suppliers: terms, tolerances, and proving their connection."""

from typing import cast

from django import forms
from django.contrib import admin, messages
from django.contrib.auth.models import User
from django.db.models import QuerySet
from django.http import HttpRequest

from suppliers.currency import currency_code
from suppliers.exceptions import ConnectorConfigurationError, ConnectorError
from suppliers.models import Supplier, SupplierCalendar, SupplierClosure
from suppliers.services.connection_report import connection_report


class SupplierForm(forms.ModelForm):
    def clean_currency(self) -> str:
        return currency_code(self.cleaned_data["currency"])


class CalendarInline(admin.StackedInline):
    model = SupplierCalendar


class ClosureInline(admin.TabularInline):
    model = SupplierClosure
    extra = 0


@admin.register(Supplier)
class SupplierAdmin(admin.ModelAdmin):
    form = SupplierForm
    inlines = [CalendarInline, ClosureInline]
    list_display = ["name", "code", "active", "paused_reason", "currency", "lead_time_days"]
    list_filter = ["active", "currency"]
    search_fields = ["name", "code"]
    actions = ["check_connection"]
    readonly_fields = ["paused_reason"]
    fieldsets = [
        (None, {"fields": ["code", "name", "active", "paused_reason"]}),
        (
            "Terms",
            {
                "fields": [
                    *("currency", "lead_time_days", "minimum_order_value"),
                    *("below_minimum_surcharge", "delivery_fee", "free_delivery_from"),
                    "unreliability_percent",
                ]
            },
        ),
        ("Calls", {"fields": ["calls_per_minute", "calls_per_day", "prices_valid_hours"]}),
        (
            "What a confirmation may change without being listed for review",
            {"fields": ["price_tolerance_percent", "quantity_tolerance_percent", "date_tolerance_days"]},
        ),
    ]

    def get_readonly_fields(self, request: HttpRequest, obj: Supplier | None = None) -> list[str]:
        # The code is part of the callback address that the supplier was given.
        return ["paused_reason", *(["code"] if obj else [])]

    @admin.action(description="Check the connection; resume a paused supplier", permissions=["change"])
    def check_connection(self, request: HttpRequest, queryset: QuerySet[Supplier]) -> None:
        for supplier in queryset:
            try:
                report = connection_report(supplier=supplier, by=cast(User, request.user))
            except (ConnectorError, ConnectorConfigurationError) as error:
                self.message_user(request, f"{supplier}: {error}", messages.ERROR)
            else:
                self.message_user(request, f"{supplier}: {report.seen}")
                for ability in report.abilities:
                    level = messages.WARNING if ability.works is False else messages.INFO
                    self.message_user(request, f"{supplier}: {ability}", level)
