"""The JSON body of an order from a template that an administrator writes; its leaves name our fields.

`"$number"` is our field, `"$note?"` leaves the member out where there is nothing to say, `"$line.quantity|text"`
writes a number in quotes, `"$$x"` is the text `$x`. A list of one entry that names `$line.` fields is repeated for
each line. Everything else stands as it is written.
"""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import fields
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from suppliers.connectors.jsondata import dumps
from suppliers.connectors.units import UnitWords
from suppliers.exceptions import ConnectorConfigurationError
from suppliers.messages import Address, Order, OrderLine
from suppliers.packing import plain

LEAF = re.compile(r"\$([a-z_0-9.]+)(\|text)?(\?)?")
DEEPEST = 12
PLACE = tuple(field.name for field in fields(Address) if field.type in (str, "str"))
ORDER_FIELDS: dict[str, Callable[[Order], Any]] = {
    "buyer_reference": lambda order: order.buyer_reference,
    "number": lambda order: order.number,
    "currency": lambda order: order.currency,
    "issued_at": lambda order: order.issued_at,
    "requested_date": lambda order: order.requested_date,
    "note": lambda order: order.note,
    "dropship": lambda order: order.dropship,
}
LINE_FIELDS = (
    "line_number", "sku", "supplier_sku", "external_id", "description", "quantity", "unit", "unit_price",
    "requested_date", "barcode", "note",
)  # fmt: skip
PLACES = {f"{role}.{name}" for role in ("deliver_to", "buyer") for name in PLACE}
LINE_NAMES = {f"line.{name}" for name in LINE_FIELDS}
ACCOUNT_FIELDS = frozenset({"customer_number", "username", "password"})
ORDER_NAMES = frozenset(ORDER_FIELDS) | PLACES | ACCOUNT_FIELDS
WHICH_ARTICLE = {"line.supplier_sku", "line.external_id", "line.sku", "line.barcode"}
LEFT_OUT = object()


class Template:
    """A checked template. `name` is what an error calls it; `names` are the fields it may use outside lines."""

    def __init__(self, text: str, name: str, names: frozenset[str] = ORDER_NAMES) -> None:
        self._name = name
        self._names = names
        self.used: set[str] = set()
        try:
            self._form = json.loads(text, parse_float=Decimal, parse_int=Decimal, parse_constant=_no_number)
        except (ValueError, ArithmeticError, RecursionError) as error:
            raise ConnectorConfigurationError(f"{name} is not readable JSON: {error}.") from None
        if not isinstance(self._form, dict | list):
            raise self._wrong("must be an object or a list")
        self._check(self._form, 0, in_line=False)

    def filled(self, values: Mapping[str, Any], lines: list[Mapping[str, Any]]) -> bytes:
        return dumps(self._filled(self._form, values, lines))

    # -- reading ------------------------------------------------------------------------------------------
    def _check(self, form: Any, depth: int, *, in_line: bool) -> None:
        if depth > DEEPEST:
            raise self._wrong(f"is nested more than {DEEPEST} deep")
        if isinstance(form, dict):
            for value in form.values():
                self._check(value, depth + 1, in_line=in_line)
        elif isinstance(form, list):
            for value in form:
                self._check(value, depth + 1, in_line=in_line or _is_per_line(form))
        elif isinstance(form, str) and form.startswith("$") and not form.startswith("$$"):
            self._check_leaf(form, in_line=in_line)

    def _check_leaf(self, leaf: str, *, in_line: bool) -> None:
        match = LEAF.fullmatch(leaf)
        field = match[1] if match else ""
        if field in LINE_NAMES and not in_line:
            raise self._wrong(f"uses {leaf} outside a list of one entry, which stands for the lines")
        if field not in self._names and not (in_line and field in LINE_NAMES):
            raise self._wrong(f"uses {leaf}, which is no field of ours")
        self.used.add(field)

    def _wrong(self, what: str) -> ConnectorConfigurationError:
        return ConnectorConfigurationError(f"{self._name} {what}.")

    # -- filling ------------------------------------------------------------------------------------------
    def _filled(self, form: Any, values: Mapping[str, Any], lines: list[Mapping[str, Any]]) -> Any:
        if isinstance(form, dict):
            members = {name: self._filled(value, values, lines) for name, value in form.items()}
            return {name: value for name, value in members.items() if value is not LEFT_OUT}
        if isinstance(form, list):
            if _is_per_line(form) and lines:
                entries = [self._filled(form[0], {**values, **line}, []) for line in lines]
            else:
                entries = [self._filled(value, values, lines) for value in form]
            return [entry for entry in entries if entry is not LEFT_OUT]
        if not isinstance(form, str) or not form.startswith("$"):
            return form
        return form[1:] if form.startswith("$$") else _leaf(form, values)


def _leaf(leaf: str, values: Mapping[str, Any]) -> Any:
    match = LEAF.fullmatch(leaf)
    if match is None:  # pragma: no cover - a template is checked before it is filled
        return leaf
    value = values[match[1]]
    if value is None or value == "":
        return LEFT_OUT if match[3] else None
    if match[2]:
        return plain(value) if isinstance(value, Decimal) else str(value)
    return value


def _is_per_line(form: list[Any]) -> bool:
    return len(form) == 1 and "$line." in json.dumps(form[0], default=str)


def _no_number(name: str) -> Any:
    raise ValueError(f"{name} is not a number")


# -- orders -----------------------------------------------------------------------------------------------
def order_template(text: str) -> Template:
    template = Template(text, "The order template")
    if "buyer_reference" not in template.used:
        raise ConnectorConfigurationError(
            "The order template must use $buyer_reference: by it answers find our order."
        )
    if not template.used & WHICH_ARTICLE or "line.quantity" not in template.used:
        raise ConnectorConfigurationError(
            "The order template must have a list of one entry with an article, such as $line.supplier_sku, "
            "and $line.quantity."
        )
    return template


def cancel_template(text: str) -> Template:
    return Template(text, "The cancelling template", ORDER_NAMES | {"reason"})


def lookup_template(text: str) -> Template:
    template = Template(text, "The look-up template", ACCOUNT_FIELDS | {"buyer_reference"})
    if "buyer_reference" not in template.used:
        raise ConnectorConfigurationError("The look-up template must use $buyer_reference.")
    return template


def order_body(
    template: Template, order: Order, account: Mapping[str, str], units: UnitWords, *, reason: str = ""
) -> bytes:
    values: dict[str, Any] = {name: _plain(read(order)) for name, read in ORDER_FIELDS.items()}
    for role, place in (("deliver_to", order.deliver_to), ("buyer", order.buyer or order.deliver_to)):
        values |= {f"{role}.{name}": getattr(place, name) for name in PLACE}
    values |= {name: account.get(name, "") for name in ACCOUNT_FIELDS}
    values["reason"] = reason
    return template.filled(values, [_line_values(line, units) for line in order.lines])


def _line_values(line: OrderLine, units: UnitWords) -> dict[str, Any]:
    values = {f"line.{name}": _plain(getattr(line, name)) for name in LINE_FIELDS}
    return values | {"line.unit": units.word(line.unit)}


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return value.isoformat() if isinstance(value, date) else value
