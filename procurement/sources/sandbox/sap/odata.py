"""The part of OData v2 that is asked for: properties compared with texts, order, `$select`, `$top` and `$skip`."""

import re
from collections.abc import Callable, Iterable, Mapping

KEYS = (
    "Material", "Plant", "StorageLocation", "Batch", "Supplier", "Customer", "WBSElementInternalID", "SDDocument",
    "SDDocumentItem", "InventorySpecialStockType", "InventoryStockType",
)  # fmt: skip
EMPTY = dict.fromkeys(KEYS, "") | {
    "Plant": "1010",
    "StorageLocation": "0001",
    "InventoryStockType": "01",
    "MaterialBaseUnit": "PC",
    "MatlWrhsStkQtyInMatlBaseUnit": "0",
}
COMPARED = re.compile(r"(\w+) (eq|gt) '((?:[^']|'')*)'")


class Refused(Exception):
    """What the service says of a question that it does not understand."""


def found(
    rows: Iterable[Mapping[str, str]],
    asked: Mapping[str, str],
    *,
    hidden: Iterable[str],
    kept: Callable[[str], str],
) -> list[Mapping[str, str]]:
    """The rows of a question, all pages of it. `rows`: in order; `kept`: a material number as it is kept."""
    known = set(EMPTY) - set(hidden)
    named = [name for option in ("$select", "$orderby") for name in asked.get(option, "").split(",") if name]
    conditions = _conditions(asked.get("$filter", ""))
    for name in [*named, *(name for name, _, _ in conditions)]:
        if name not in known:
            raise Refused(f"Property {name} not found in type 'A_MatlStkInAcctModType'.")
    for name, sign, value in conditions:
        wanted = kept(value) if name == "Material" else value
        if sign == "eq":
            rows = [row for row in rows if row[name] == wanted]
        else:
            rows = [row for row in rows if row[name] > wanted]
    skip = int(asked.get("$skip", 0))
    every = list(rows)
    return every[skip : skip + int(asked.get("$top", len(every)))]


def _conditions(said: str) -> list[tuple[str, str, str]]:
    conditions = []
    for part in filter(None, said.split(" and ")):
        compared = COMPARED.fullmatch(part)
        if compared is None:
            raise Refused(f"Invalid token detected at {part[:20]!r}.")
        conditions.append((compared[1], compared[2], compared[3].replace("''", "'")))
    return conditions
