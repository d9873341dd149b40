"""The part of SOQL that is asked for: fields, also of related objects, one condition, order and limit."""

import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from procurement.sources.sandbox.salesforce.organisation import FIELDS, Organisation

QUERY = re.compile(
    r"SELECT (?P<fields>.+?) FROM (?P<sobject>\w+)(?: WHERE (?P<where>.+?))?(?: ORDER BY (?P<order>[\w., ]+?))?"
    r"(?: LIMIT (?P<limit>\d+))?"
)
STAMP = r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ)"
AFTER = re.compile(rf"SystemModstamp > {STAMP} OR \(SystemModstamp = \1 AND Id > '(\w+)'\)")
SINCE = re.compile(rf"SystemModstamp >= {STAMP}")
AMONG = re.compile(r"([\w.]+) IN \(((?:'\w+'(?:, )?)+)\)")


class Malformed(Exception):
    """Not a query."""


def run(organisation: Organisation, soql: str, *, deleted: bool) -> list[dict[str, Any]]:
    """The rows as an answer has them. Raises `Malformed` and `NoSuchField`."""
    found = QUERY.fullmatch(soql)
    if found is None or found["sobject"] not in FIELDS:
        raise Malformed(f"unexpected token: '{soql[:20]}'")
    sobject, fields = found["sobject"], found["fields"].split(", ")
    with organisation.lock:
        for field in fields:
            organisation.value(sobject, None, field)  # an unknown one is an error also where no row is found
        rows = [row for row in organisation.rows(sobject) if deleted or not row["IsDeleted"]]
        if found["where"]:
            rows = _kept(organisation, sobject, rows, found["where"])
        for field in reversed(found["order"].split(", ") if found["order"] else []):
            rows = [row for _, row in sorted(_keyed(organisation, sobject, rows, field))]
        return [
            _answer(organisation, sobject, row, fields) for row in rows[: int(found["limit"] or len(rows))]
        ]


def _keyed(
    organisation: Organisation, sobject: str, rows: list[dict[str, Any]], field: str
) -> Iterator[tuple[tuple[str, int], dict[str, Any]]]:
    for at, row in enumerate(rows):
        yield (str(organisation.value(sobject, row, field)), at), row


def _kept(
    organisation: Organisation, sobject: str, rows: list[dict[str, Any]], condition: str
) -> list[dict[str, Any]]:
    if since := SINCE.fullmatch(condition):
        start = datetime.fromisoformat(since[1])
        return [row for row in rows if datetime.fromisoformat(row["SystemModstamp"]) >= start]
    if after := AFTER.fullmatch(condition):
        last = datetime.fromisoformat(after[1]), after[2]
        return [row for row in rows if (datetime.fromisoformat(row["SystemModstamp"]), row["Id"]) > last]
    if among := AMONG.fullmatch(condition):
        wanted = set(re.findall(r"'(\w+)'", among[2]))
        return [row for row in rows if organisation.value(sobject, row, among[1]) in wanted]
    raise Malformed(f"unexpected token: '{condition[:20]}'")


def _answer(
    organisation: Organisation, sobject: str, row: Mapping[str, Any], fields: list[str]
) -> dict[str, Any]:
    answer: dict[str, Any] = {"attributes": {"type": sobject}}
    for field in fields:
        *path, last = field.split(".")
        within = answer
        for at, step in enumerate(path):
            if organisation.value(sobject, row, ".".join([*path[: at + 1], "Id"])) is None:
                within[step] = None
                break
            within = within.setdefault(step, {"attributes": {"type": step}})
        else:
            within[last] = organisation.value(sobject, row, field)
    return answer
