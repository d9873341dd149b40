"""Forms made from what a connector or a source declares: its settings, and secrets that go in and never come out."""

from collections.abc import Callable
from typing import Any, ClassVar, Protocol

from django import forms
from django.contrib import admin
from django.db import models
from django.db.models import QuerySet
from django.http import HttpRequest

from suppliers.connectors.account import CredentialField, SettingField

PREFIX = "setting_"


class Declaring(Protocol):
    """The class of a connector or a source."""

    credential_fields: ClassVar[tuple[CredentialField, ...]]
    setting_fields: ClassVar[tuple[SettingField, ...]]

    @classmethod
    def problem_with(cls, name: str, value: str) -> str: ...


class DeclaredForm(forms.ModelForm):
    """Of an account. Its setting fields are added by `declared_form`, one a declared setting."""

    declaring: type[Declaring]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for setting in self.declaring.setting_fields:
            self.fields[PREFIX + setting.name].initial = self.instance.settings.get(
                setting.name, setting.default
            )

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        for setting in self.declaring.setting_fields:
            problem = self.declaring.problem_with(setting.name, data.get(PREFIX + setting.name, ""))
            if problem and PREFIX + setting.name not in self.errors:
                self.add_error(PREFIX + setting.name, problem)
        return data

    def save(self, commit: bool = True) -> Any:
        self.instance.settings = {
            setting.name: self.cleaned_data[PREFIX + setting.name]
            for setting in self.declaring.setting_fields
        }
        return super().save(commit)


def setting_names(declaring: type[Declaring]) -> list[str]:
    return [PREFIX + setting.name for setting in declaring.setting_fields]


def declared_form(declaring: type[Declaring]) -> type[DeclaredForm]:
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
        for setting in declaring.setting_fields
    }
    return type("AccountForm", (DeclaredForm,), fields | {"declaring": declaring})


class NewCredentialForm(forms.ModelForm):
    declaring: type[Declaring]
    name = forms.ChoiceField()
    value = forms.CharField(
        max_length=4000,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password", "class": "vTextField"}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        declared = [(field.name, field.label) for field in self.declaring.credential_fields]
        self.fields["name"] = forms.ChoiceField(choices=[("", "---------"), *declared])

    def clean_value(self) -> str:
        value: str = self.cleaned_data["value"]
        problem = self.declaring.problem_with(self.cleaned_data.get("name", ""), value)
        if problem:
            raise forms.ValidationError(problem)
        return value


class NewCredentialInline(admin.TabularInline):
    """Secrets go in here. To replace one, add the new value beside it and retire the old one."""

    declaring: Callable[[Any], type[Declaring] | None]  # by account
    verbose_name_plural = "enter credentials"
    fields = ["name", "value"]
    extra = 1
    can_delete = False

    def get_formset(self, request: HttpRequest, obj: Any = None, **kwargs: Any) -> Any:
        form = type("CredentialForm", (NewCredentialForm,), {"declaring": self.declaring(obj)})
        return super().get_formset(request, obj, form=form, **kwargs)

    def get_queryset(self, request: HttpRequest) -> QuerySet[models.Model]:
        return super().get_queryset(request).none()


class StoredCredentialInline(admin.TabularInline):
    """What is stored: never the value. Retiring ends its use at that time."""

    verbose_name_plural = "stored credentials"
    fields = ["name", "created_at", "retired_at"]
    readonly_fields = ["name", "created_at"]
    extra = 0

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
