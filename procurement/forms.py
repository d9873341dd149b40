"""What people type on the pages of the planning side."""

from typing import Any

from django import forms

from orders.models import Site
from procurement.models import FileImport, SourceAccount
from procurement.services.files.taking import FolderUpload, too_large_words
from suppliers.models import Product, Supplier


class ReceiveForm(forms.Form):
    form_token = forms.SlugField(
        max_length=40,
        error_messages={"required": "The form is incomplete. Reload the page and enter it again."},
    )
    note = forms.CharField(label="Note", max_length=300, required=False)


class BelieveForm(forms.Form):
    """Whose figures of stock count: `teller` is a source's code, "files", or empty where nobody is preferred."""

    site = forms.ModelChoiceField(Site.objects, to_field_name="code")
    item = forms.ModelChoiceField(Product.objects, to_field_name="sku")
    scope = forms.ChoiceField(
        choices=[("item", "this item"), ("site", "all items")],
        error_messages={"invalid_choice": "Say whether it is about this item or all."},
    )
    teller = forms.CharField(required=False, max_length=40)

    source: SourceAccount | None = None  # the teller, where it is one

    def clean_teller(self) -> str:
        code: str = self.cleaned_data["teller"]
        if code and code != "files":
            self.source = SourceAccount.objects.filter(code=code).first()
            if self.source is None:
                raise forms.ValidationError("There is no such source any more.")
        return code

    @property
    def nobody(self) -> bool:
        return not self.cleaned_data["teller"]

    @property
    def whole_site(self) -> bool:
        return bool(self.cleaned_data["scope"] == "site")

    def sentence(self) -> str:
        return "Nothing was chosen. " + " ".join(
            str(error) for errors in self.errors.values() for error in errors
        )

    def done(self) -> str:
        data: dict[str, Any] = self.cleaned_data
        of = (
            f"All items at {data['site'].name}"
            if self.whole_site
            else f"{data['item'].sku} at {data['site'].name}"
        )
        if self.nobody:
            return f"{of}: who counted before goes on counting; where others differ, it is shown."
        return f"{of}: {self.source or 'files'} count{'s' if self.source else ''} from now on."


class FileForm(forms.Form):
    """A file to be loaded. The file itself has been written to its place while the form was read."""

    kind = forms.ChoiceField(
        choices=FileImport.Kind.choices,
        error_messages=dict.fromkeys(("required", "invalid_choice"), "Say what it holds."),
    )
    site = forms.ChoiceField(required=False, error_messages={"invalid_choice": "Choose one of the sites."})
    supplier = forms.ChoiceField(
        required=False, error_messages={"invalid_choice": "Choose one of the suppliers."}
    )
    file = forms.Field(required=False)

    def __init__(self, *args: Any, upload: FolderUpload, **options: Any) -> None:
        super().__init__(*args, **options)
        self._upload = upload
        self.sites = {site.code: site for site in Site.objects.all()}
        self.suppliers = {supplier.code: supplier for supplier in Supplier.objects.order_by("name")}
        self.fields["site"].choices = [(code, site.name) for code, site in self.sites.items()]  # type: ignore[attr-defined]
        self.fields["supplier"].choices = [  # type: ignore[attr-defined]
            ("", "told by its rows"),
            *((code, supplier.name) for code, supplier in self.suppliers.items()),
        ]

    def clean_site(self) -> Site:
        """Where there is one site, nobody is asked."""
        code = self.cleaned_data["site"] or (next(iter(self.sites)) if len(self.sites) == 1 else "")
        if not code:
            raise forms.ValidationError("Choose the site it is about.")
        return self.sites[code]

    def clean_supplier(self) -> Supplier | None:
        of_catalogue = self.cleaned_data.get("kind") == FileImport.Kind.CATALOGUE
        return self.suppliers.get(self.cleaned_data["supplier"]) if of_catalogue else None

    def clean(self) -> dict[str, Any]:
        cleaned = dict(super().clean() or {})
        cleaned.pop("file", None)
        if self._upload.too_large:
            self.add_error("file", too_large_words(self._upload.file_name or ""))
        elif self._upload.path is None:
            self.add_error("file", "Choose a file.")
        return cleaned
