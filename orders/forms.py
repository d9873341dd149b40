"""What people type on the order pages. A form says what is wrong and where; services decide whether it is allowed."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django import forms

from orders.exceptions import InvalidInput
from orders.models import PurchaseOrder, PurchaseOrderLine, Site

NUMBER = re.compile(r"\d{1,10}(\.\d{1,4})?")


def cleaned(form: forms.Form) -> dict[str, Any]:
    """The form's data, or `InvalidInput` with its first complaint."""
    if form.is_valid():
        return form.cleaned_data
    name, errors = next(iter(form.errors.items()))
    label = form.fields[name].label if name in form.fields else ""
    raise InvalidInput(f"{label}: {errors[0]}" if label else str(errors[0]), field=name)


class VersionForm(forms.Form):
    """Which state of the order the person was looking at."""

    version = forms.IntegerField(
        min_value=0,
        max_value=2**31 - 1,
        error_messages={
            "required": "It does not say which state of the order you saw. Reload the page and send it again.",
            "invalid": "It does not say which state of the order you saw. Reload the page and send it again.",
        },
    )


class ApproveForm(VersionForm):
    comment = forms.CharField(label="Comment", max_length=400, required=False)


class CodeForm(VersionForm):
    code = forms.CharField(label="Code", max_length=60, error_messages={"required": "type the code."})


class LessForm(VersionForm):
    quantity = forms.DecimalField(
        label="Quantity", min_value=Decimal("0.0001"), max_digits=14, decimal_places=4,
        error_messages={"required": "type a number.", "invalid": "is a number, such as 12."},
    )  # fmt: skip


class ReasonForm(forms.Form):
    reason = forms.CharField(
        label="Reason",
        max_length=400,
        error_messages={"required": "say why, so that the next person understands."},
    )


class DecisionForm(VersionForm, ReasonForm):
    pass


class DecideForm(forms.Form):
    arrived = forms.TypedChoiceField(
        label="Did it arrive?",
        choices=[("yes", "Yes"), ("no", "No")],
        coerce=lambda value: value == "yes",
        error_messages={"invalid_choice": "say yes or no."},
    )
    supplier_reference = forms.CharField(label="Supplier's order number", max_length=80, required=False)
    # Which attempt the person saw.
    attempt = forms.IntegerField(min_value=0, max_value=32_767, required=False)


class OutcomeForm(forms.Form):
    """What the supplier told somebody about a cancellation or a change."""

    outcome = forms.ChoiceField(
        label="What they say",
        choices=[
            ("agreed", "They agree"),
            ("refused", "They do not agree"),
            ("arrived", "They have it and have not decided"),
            ("again", "They never got it, send it again"),
        ],
        error_messages=dict.fromkeys(("required", "invalid_choice"), "choose what they say."),
    )
    words = forms.CharField(
        label="Who said it",
        max_length=400,
        error_messages={"required": "say who said so, and how."},
    )
    # Which attempt the person saw.
    attempt = forms.IntegerField(min_value=0, max_value=32_767)


class SeenForm(forms.Form):
    """Which of an order's exceptions the person had before their eyes: their ids, with commas between."""

    seen = forms.RegexField(
        regex=r"^\d{1,18}(,\d{1,18})*$",
        max_length=100_000,
        error_messages={
            "required": "The form names no change. Reload the page and look again.",
            "invalid": "The form names no change. Reload the page and look again.",
        },
    )

    def clean_seen(self) -> list[int]:
        return [int(pk) for pk in self.cleaned_data["seen"].split(",")]


class TextsForm(VersionForm):
    requested_date = forms.DateField(
        label="Requested date",
        required=False,
        error_messages={"invalid": "write it as year-month-day, e.g. 2030-01-31."},
    )
    note = forms.CharField(label="Note to the supplier", max_length=1000, required=False)
    comment = forms.CharField(label="Internal comment", max_length=1000, required=False)

    def given(self) -> dict[str, Any]:
        """Only the texts that the form held: what is not on the screen is not changed."""
        data = cleaned(self)
        held = {name: data[name] for name in ("requested_date", "note", "comment") if name in self.data}
        return {name: value for name, value in held.items() if value is not None}


@dataclass(slots=True)
class QuantityGrid:
    """The quantity column of an order as it was typed: `quantity-<line pk>` = text."""

    typed: dict[int, str] = field(default_factory=dict)
    quantities: dict[int, Decimal] = field(default_factory=dict)
    errors: dict[int, str] = field(default_factory=dict)

    @classmethod
    def read(
        cls, data: Mapping[str, str], lines: Iterable[PurchaseOrderLine], *, blank: Decimal | None
    ) -> "QuantityGrid":
        """`blank` is what an empty cell means; None: nothing may be left empty."""
        grid = cls()
        for line in lines:
            text = data.get(f"quantity-{line.pk}")
            if text is None:
                continue
            grid.typed[line.pk] = text
            text = text.strip()
            if text == "" and blank is not None:
                grid.quantities[line.pk] = blank
            elif NUMBER.fullmatch(text):
                grid.quantities[line.pk] = Decimal(text)
            else:
                grid.errors[line.pk] = f"Line {line.line_number}: {_complaint(text)}"
        return grid

    def reset(self, line: PurchaseOrderLine) -> None:
        if line.suggested_quantity is not None:
            self.errors.pop(line.pk, None)
            self.quantities[line.pk] = line.suggested_quantity

    def differing(self, order: PurchaseOrder) -> dict[int, Decimal]:
        now = dict(order.lines.values_list("pk", "quantity"))
        return {pk: quantity for pk, quantity in self.quantities.items() if now.get(pk) != quantity}


@dataclass(slots=True)
class SiteGrid:
    """Quantities by line and site as they were typed: `site-<line pk>-<site pk>` = text; empty is nothing."""

    typed: dict[tuple[int, int], str] = field(default_factory=dict)
    quantities: dict[tuple[int, int], Decimal] = field(default_factory=dict)
    errors: dict[tuple[int, int], str] = field(default_factory=dict)

    @classmethod
    def read(cls, data: Mapping[str, str], places: Iterable[tuple[PurchaseOrderLine, Site]]) -> "SiteGrid":
        grid = cls()
        for line, site in places:
            text = data.get(f"site-{line.pk}-{site.pk}")
            if text is None:
                continue
            place = line.pk, site.pk
            grid.typed[place], text = text, text.strip()
            if NUMBER.fullmatch(text or "0"):
                grid.quantities[place] = Decimal(text or "0")
            else:
                grid.errors[place] = f"Line {line.line_number}, {site.name}: {_complaint(text)}"
        return grid


def _complaint(text: str) -> str:
    shown = text if len(text) <= 20 else f"{text[:20]}…"
    if not text:
        return "the quantity is empty. Write a number; 0 removes the line."
    if re.fullmatch(r"[-−]\d+(\.\d+)?", text):
        return f"{shown} is less than nothing. Write 0 to remove the line."
    if re.fullmatch(r"\d+(\.\d+)?", text):
        return f"{shown} has too many digits. At most ten before the point and four after it."
    if re.fullmatch(r"[\d.,\s]+", text):
        return f"“{shown}” can be read in two ways. Write it without separators, like 1250 or 12.5."
    return f"“{shown}” is not a number. Write it like 12 or 12.5."
