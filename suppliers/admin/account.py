"""How a supplier is reached. The form has the settings that the protocol declares; secrets go in and never come out."""

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.shortcuts import redirect
from django.urls import reverse

from suppliers.connectors.base import Connector, SettingField
from suppliers.connectors.registry import CONNECTORS, connector_class
from suppliers.models import SupplierAccount, SupplierCredential

PREFIX = "setting_"


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


class AccountForm(forms.ModelForm):
    """Its setting fields are added by `account_form`, one a declared setting."""

    declared: tuple[SettingField, ...] = ()
    connector: type[Connector]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for setting in self.declared:
            self.fields[PREFIX + setting.name].initial = self.instance.settings.get(
                setting.name, setting.default
            )

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        for setting in self.declared:
            problem = self.connector.problem_with(setting.name, data.get(PREFIX + setting.name, ""))
            if problem and PREFIX + setting.name not in self.errors:
                self.add_error(PREFIX + setting.name, problem)
        return data

    def save(self, commit: bool = True) -> SupplierAccount:
        self.instance.settings = {
            setting.name: self.cleaned_data[PREFIX + setting.name] for setting in self.declared
        }
        return super().save(commit)


def account_form(connector: type[Connector]) -> type[AccountForm]:
    fields: dict[str, Any] = {
        PREFIX + setting.name: forms.CharField(
            label=setting.label,
            help_text=setting.help,
            required=setting.required,
            max_length=8000 if setting.long else 500,
            widget=(
                forms.Textarea(attrs={"class": "vLargeTextField", "rows": 12})
                if setting.long
                else forms.TextInput(attrs={"class": "vLargeTextField"})
            ),
        )
        for setting in connector.setting_fields
    }
    return type(
        "AccountForm", (AccountForm,), fields | {"declared": connector.setting_fields, "connector": connector}
    )


class NewCredentialForm(forms.ModelForm):
    connector: type[Connector]
    name = forms.ChoiceField()
    value = forms.CharField(
        max_length=4000,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password", "class": "vTextField"}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        declared = [(field.name, field.label) for field in self.connector.credential_fields]
        self.fields["name"] = forms.ChoiceField(choices=[("", "---------"), *declared])

    def clean_value(self) -> str:
        value: str = self.cleaned_data["value"]
        problem = self.connector.problem_with(self.cleaned_data.get("name", ""), value)
        if problem:
            raise forms.ValidationError(problem)
        return value


class NewCredentialInline(admin.TabularInline):
    """Secrets go in here. To replace one, add the new value beside it and retire the old one."""

    model = SupplierCredential
    verbose_name_plural = "enter credentials"
    fields = ["name", "value"]
    extra = 1
    can_delete = False

    def get_formset(self, request: HttpRequest, obj: SupplierAccount | None = None, **kwargs: Any) -> Any:
        form = type("CredentialForm", (NewCredentialForm,), {"connector": connector_of(obj)})
        return super().get_formset(request, obj, form=form, **kwargs)

    def get_queryset(self, request: HttpRequest) -> QuerySet[SupplierCredential]:
        return super().get_queryset(request).none()


class StoredCredentialInline(admin.TabularInline):
    """What is stored: never the value. Retiring ends its use at that time."""

    model = SupplierCredential
    verbose_name_plural = "stored credentials"
    fields = ["name", "created_at", "retired_at"]
    readonly_fields = ["name", "created_at"]
    extra = 0

    def has_add_permission(self, request: HttpRequest, obj: SupplierAccount | None = None) -> bool:
        return False


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
        kwargs["form"] = account_form(connector) if connector else NewAccountForm
        return super().get_form(request, obj, change, **kwargs)

    def get_fieldsets(self, request: HttpRequest, obj: SupplierAccount | None = None) -> Any:
        fieldsets: list[Any] = [(None, {"fields": ["supplier", "protocol", "allow_private_network"]})]
        if connector := connector_of(obj):
            names = [PREFIX + setting.name for setting in connector.setting_fields]
            fieldsets.append((f"{connector.label} settings", {"fields": names}))
        return fieldsets

    def get_readonly_fields(self, request: HttpRequest, obj: SupplierAccount | None = None) -> list[str]:
        return ["supplier", "protocol"] if obj else []

    def get_inlines(self, request: HttpRequest, obj: SupplierAccount | None) -> list[Any]:
        return [StoredCredentialInline, NewCredentialInline] if connector_of(obj) else []

    def response_add(
        self, request: HttpRequest, obj: SupplierAccount, post_url_continue: str | None = None
    ) -> Any:
        """On to the protocol's settings, whichever button was pressed."""
        return redirect(reverse("admin:suppliers_supplieraccount_change", args=[obj.pk]))
