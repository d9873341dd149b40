"""Systems that records come from. The form has the settings that the source declares; secrets never come out."""

from typing import Any, cast

from django import forms
from django.contrib import admin
from django.contrib.auth.models import User
from django.http import HttpRequest
from django.shortcuts import redirect
from django.urls import reverse

from procurement.models import SourceAccount, SourceCredential, SourceRun
from procurement.services.stock_settling import settle_where_told
from procurement.sources.base import Source
from procurement.sources.registry import SOURCES, source_class
from suppliers.admin.declared import NewCredentialInline, StoredCredentialInline, declared_form, setting_names
from suppliers.admin.read_only import ReadOnlyAdmin

READ_THE_SAME = {"code", "active", "every_minutes", "allow_private_network"}


def source_choices() -> list[tuple[str, str]]:
    return [(kind, source_class(kind).label) for kind in SOURCES]


def source_of(account: SourceAccount | None) -> type[Source] | None:
    """None while the account is not saved, or when its kind is no longer part of the program."""
    if account is None or account.kind not in SOURCES:
        return None
    return source_class(account.kind)


class NewSourceForm(forms.ModelForm):
    kind = forms.ChoiceField(
        choices=source_choices,
        help_text="Save to see the settings of this kind of source. It cannot be changed later.",
    )


class NewCredential(NewCredentialInline):
    model = SourceCredential
    declaring = staticmethod(source_of)


class StoredCredential(StoredCredentialInline):
    model = SourceCredential


@admin.register(SourceAccount)
class SourceAccountAdmin(admin.ModelAdmin):
    list_display = ["name", "code", "spoken", "site", "active", "every_minutes", "last_success_at"]
    list_filter = ["kind", "active"]
    list_select_related = ["site"]
    search_fields = ["name", "code"]

    @admin.display(description="kind", ordering="kind")
    def spoken(self, account: SourceAccount) -> str:
        return account.kind_label

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        source = source_of(obj)
        kwargs["form"] = declared_form(source) if source else NewSourceForm
        return super().get_form(request, obj, change, **kwargs)

    def get_fieldsets(self, request: HttpRequest, obj: SourceAccount | None = None) -> Any:
        own = [
            "code",
            "name",
            "kind",
            "site",
            "active",
            "every_minutes",
            "gives_demand",
            "allow_private_network",
        ]
        fieldsets: list[Any] = [(None, {"fields": own})]
        if source := source_of(obj):
            fieldsets.append((f"{source.label} settings", {"fields": setting_names(source)}))
        return fieldsets

    def get_readonly_fields(self, request: HttpRequest, obj: SourceAccount | None = None) -> list[str]:
        """Its orders belong to the site, and stay with it."""
        return ["kind", "site"] if obj else []

    def get_inlines(self, request: HttpRequest, obj: SourceAccount | None) -> list[Any]:
        return [StoredCredential, NewCredential] if source_of(obj) else []

    def save_model(self, request: HttpRequest, obj: SourceAccount, form: Any, change: bool) -> None:
        """Whoever changes something here has mended it: it is asked, for everything if that may read otherwise."""
        obj.paused_reason, obj.next_run_at = "", None
        if set(form.changed_data) - READ_THE_SAME:
            obj.cursor = {}
        super().save_model(request, obj, form, change)
        if "active" in form.changed_data:
            settle_where_told(teller=obj, by=cast(User, request.user))

    def response_add(
        self, request: HttpRequest, obj: SourceAccount, post_url_continue: str | None = None
    ) -> Any:
        """On to the source's settings, whichever button was pressed."""
        return redirect(reverse("admin:procurement_sourceaccount_change", args=[obj.pk]))


@admin.register(SourceRun)
class SourceRunAdmin(ReadOnlyAdmin):
    list_display = [
        "id",
        "account",
        "status",
        "started_at",
        "finished_at",
        "fetched",
        "added",
        "changed",
        "failed",
    ]
    list_filter = ["status", "account"]
    list_select_related = ["account"]
