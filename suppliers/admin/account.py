"""How a supplier is reached. The form has the settings that the protocol declares; secrets go in and never come out."""

from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from django.shortcuts import redirect
from django.urls import reverse

from suppliers.admin.declared import NewCredentialInline, StoredCredentialInline, declared_form, setting_names
from suppliers.connectors.base import Connector
from suppliers.connectors.registry import CONNECTORS, connector_class
from suppliers.models import SupplierAccount, SupplierCredential


def protocol_choices() -> list[tuple[str, str]]:
    return [(protocol, connector_class(protocol).label) for protocol in CONNECTORS]


def connector_of(account: SupplierAccount | None) -> type[Connector] | None:
    """None while the account is not saved, or when its protocol is no longer part of the program."""
    if account is None or account.protocol not in CONNECTORS:
        return None
    return connector_class(account.protocol)


class NewAccountForm(forms.ModelForm):
    protocol = forms.ChoiceField(
        choices=protocol_choices,
        help_text="Save to see the settings of this protocol. It cannot be changed later.",
    )


class NewCredential(NewCredentialInline):
    model = SupplierCredential
    declaring = staticmethod(connector_of)


class StoredCredential(StoredCredentialInline):
    model = SupplierCredential


@admin.register(SupplierAccount)
class SupplierAccountAdmin(admin.ModelAdmin):
    list_display = [
        "supplier",
        "spoken",
        "allow_private_network",
        "last_success_at",
        "catalogue_fetched_at",
    ]
    list_filter = ["protocol"]
    list_select_related = ["supplier"]
    search_fields = ["supplier__name", "supplier__code"]

    @admin.display(description="protocol", ordering="protocol")
    def spoken(self, account: SupplierAccount) -> str:
        return account.protocol_label

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        connector = connector_of(obj)
        kwargs["form"] = declared_form(connector) if connector else NewAccountForm
        return super().get_form(request, obj, change, **kwargs)

    def get_fieldsets(self, request: HttpRequest, obj: SupplierAccount | None = None) -> Any:
        fieldsets: list[Any] = [(None, {"fields": ["supplier", "protocol", "allow_private_network"]})]
        if connector := connector_of(obj):
            fieldsets.append((f"{connector.label} settings", {"fields": setting_names(connector)}))
        return fieldsets

    def get_readonly_fields(self, request: HttpRequest, obj: SupplierAccount | None = None) -> list[str]:
        return ["supplier", "protocol"] if obj else []

    def get_inlines(self, request: HttpRequest, obj: SupplierAccount | None) -> list[Any]:
        return [StoredCredential, NewCredential] if connector_of(obj) else []

    def response_add(
        self, request: HttpRequest, obj: SupplierAccount, post_url_continue: str | None = None
    ) -> Any:
        """On to the protocol's settings, whichever button was pressed."""
        return redirect(reverse("admin:suppliers_supplieraccount_change", args=[obj.pk]))
