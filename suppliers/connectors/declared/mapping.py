"""Where a supplier's answers hold what we need: paths and words that an administrator declares."""

import json
import re
from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import ClassVar

from suppliers.connectors.jsondata import Json
from suppliers.connectors.words import Words
from suppliers.exceptions import ConnectorConfigurationError
from suppliers.messages import LineProblemKind

NAMES = frozenset(
    {
        "message_id", "buyer_reference", "supplier_reference", "status", "currency", "note", "time", "lines",
        "line.line_number", "line.supplier_sku", "line.quantity", "line.unit_price", "line.promised_date",
        "line.note", "line.backorder_quantity", "line.substitute_sku", "line.unit",
        "total", "charges", "charge.label", "charge.amount", "charge.code",
        "shipment.id", "shipment.carrier", "shipment.tracking", "shipment.time", "shipment.lines",
        "problems", "problem.line_number", "problem.supplier_sku", "problem.kind", "problem.text",
    }
)  # fmt: skip
SEGMENT = re.compile(r"[^.\s\x00-\x1f](?:[^.\x00-\x1f]{0,78}[^.\s\x00-\x1f])?")


class Outcome(StrEnum):
    """What a status word of the supplier means for the order."""

    RECEIVED = "received"
    CONFIRMED = "confirmed"
    REJECTED = "rejected"  # taken, and then declined or withdrawn
    REFUSED = "refused"  # never taken: may be mended and sent again
    PACKED = "packed"
    SHIPPED = "shipped"


def path_follow(start: Json, path: str) -> Json:
    """The value at `path`; missing on the way is missing. A number steps into a list."""
    found = start
    for segment in path.split(".") if path else ():
        if not found:
            return Json(None, start.what, f"{start.path}.{path}" if start.path else path)
        if isinstance(found.value, list) and segment.isascii() and segment.isdigit():
            entries = found.value[int(segment[:6]) : int(segment[:6]) + 1]
            found = Json(entries[0] if entries else None, found.what, f"{found.path}[{segment}]")
        else:
            found = found.get(segment)
    return found


def path_problem(path: object) -> str:
    if isinstance(path, str) and all(SEGMENT.fullmatch(segment) for segment in path.split(".")):
        return ""
    return f"{path!r} is no path; a path is names joined by points, such as order.lines."


class PathMapping:
    """Our name → their path, from a setting in JSON."""

    names: ClassVar[frozenset[str]]
    needed: ClassVar[Mapping[str, str]]  # without which nothing can be read: what each is

    def __init__(self, text: str, name: str) -> None:
        try:
            said = json.loads(text)
        except (ValueError, RecursionError) as error:
            raise ConnectorConfigurationError(f"{name} is not readable JSON: {error}.") from None
        if not isinstance(said, dict):
            raise ConnectorConfigurationError(f"{name} must be an object of our names and their paths.")
        for ours, path in said.items():
            if ours not in self.names:
                known = ", ".join(sorted(self.names))
                raise ConnectorConfigurationError(f"{name}: {ours!r} is no name of ours; known: {known}.")
            if problem := path_problem(path):
                raise ConnectorConfigurationError(f"{name}: {ours}: {problem}")
        for needed, thing in self.needed.items():
            if needed not in said:
                raise ConnectorConfigurationError(f"{name} must say where {thing} is: {needed}.")
        self._paths: dict[str, str] = said

    def __contains__(self, name: str) -> bool:
        return name in self._paths

    def path(self, name: str) -> str:
        """Empty where the setting does not name it."""
        return self._paths.get(name, "")

    def find(self, start: Json, name: str) -> Json:
        """What they say under our `name`; nothing where the setting does not name it."""
        if name not in self._paths:
            return Json(None, start.what, name)
        return path_follow(start, self._paths[name])


class AnswerMapping(PathMapping):
    names = NAMES
    needed = MappingProxyType({"status": "the status", "buyer_reference": "our reference"})

    def __init__(self, text: str, name: str) -> None:
        super().__init__(text, name)
        if "lines" in self and "line.supplier_sku" not in self and "line.line_number" not in self:
            raise ConnectorConfigurationError(
                f"{name} must say how a line is known: line.supplier_sku or line.line_number."
            )
        if "charges" in self and "charge.amount" not in self:
            raise ConnectorConfigurationError(f"{name} must say what a charge costs: charge.amount.")


def status_words(setting: str) -> Words[Outcome]:
    return Words(setting, Outcome, "The status words")


def problem_words(setting: str) -> Words[LineProblemKind]:
    return Words(setting, LineProblemKind, "The words for problems")


def choice(value: str, allowed: Mapping[str, object] | frozenset[str], name: str) -> str:
    word = value.strip().lower()
    if word not in allowed:
        raise ConnectorConfigurationError(
            f"{name} is {value!r}; expected one of {', '.join(sorted(allowed))}."
        )
    return word
