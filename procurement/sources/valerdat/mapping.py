"""Their JSON to ours, by paths that an administrator declares: what one of their orders comes to. Pure."""

import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from enum import StrEnum
from types import MappingProxyType
from uuid import UUID

from procurement.sources.base import Entry, ProposalRecord, ProposalWithdrawn, ProposedLine, UnreadableRecord
from suppliers.connectors.declared.mapping import PathMapping
from suppliers.connectors.jsondata import Json
from suppliers.connectors.words import Words
from suppliers.exceptions import ProtocolError
from suppliers.packing import plain

AN_ID = re.compile(r"[A-Za-z0-9_-]{1,60}", re.ASCII)
DEFAULT_PATHS = """{
  "token": "access_token",
  "ids": "uuid",
  "id": "uuid",
  "number": "number",
  "supplier": "supplier",
  "requested_date": "delivery_date",
  "lines": "lines",
  "line.sku": "product",
  "line.quantity": "quantity",
  "line.unit_price": "price"
}"""


class Standing(StrEnum):
    """What a status of theirs means."""

    PROPOSED = "proposed"
    WITHDRAWN = "withdrawn"


class OrderMapping(PathMapping):
    names = frozenset(
        {
            "token", "ids", "ids.id", "id", "number", "status", "supplier", "requested_date", "lines",
            "line.sku", "line.quantity", "line.unit_price", "line.supplier", "line.requested_date",
        }
    )  # fmt: skip
    needed = MappingProxyType(
        {
            "token": "the token",
            "lines": "the lines",
            "line.sku": "our item code",
            "line.quantity": "the quantity",
        }
    )


def listed_ids(answer: Json, paths: OrderMapping) -> list[str]:
    """The ids of a list, each once, in an order that does not depend on theirs."""
    found = paths.find(answer, "ids") if "ids" in paths else answer
    return sorted(
        {order_id(paths.find(one, "ids.id") if "ids.id" in paths else one) for one in found.items()}
    )


def order_id(said: Json) -> str:
    """A UUID is the same one however it is written."""
    text = said.text(limit=60)
    if not AN_ID.fullmatch(text):
        raise said.wrong("an id such as a UUID")
    try:
        return str(UUID(text))
    except ValueError:
        return text


def order_entry(
    external_id: str,
    order: Json,
    paths: OrderMapping,
    *,
    suppliers: Mapping[str, str],
    statuses: Words[Standing],
) -> Entry:
    """What they propose, that they do not any more, or why it cannot be understood."""
    number = external_id
    try:
        if "id" in paths and (answered := order_id(paths.find(order, "id"))) != external_id:
            raise ProtocolError(f"they answered with another order, {answered}.")
        number = _word(paths.find(order, "number"), limit=60) if "number" in paths else external_id
        if "status" in paths and statuses.meaning(paths.find(order, "status")) is Standing.WITHDRAWN:
            return ProposalWithdrawn(external_id=external_id)
        lines = tuple(_lines(order, paths, suppliers))
    except ProtocolError as error:
        return UnreadableRecord(external_id=external_id, problem=f"Order {number}: {error}"[:400])
    if not lines:
        return ProposalWithdrawn(external_id=external_id)
    return ProposalRecord(external_id=external_id, number=number, lines=lines)


def _lines(order: Json, paths: OrderMapping, suppliers: Mapping[str, str]) -> Iterator[ProposedLine]:
    """A line of nothing is none."""
    order = Json(order.value, "its details")
    for line in paths.find(order, "lines").items():
        theirs = paths.find(line, "line.supplier") or paths.find(order, "supplier")
        supplier = _word(theirs, limit=120)
        day = paths.find(line, "line.requested_date") or paths.find(order, "requested_date")
        price = paths.find(line, "line.unit_price")
        quantity = paths.find(line, "line.quantity").written_number()
        if quantity:
            yield ProposedLine(
                supplier=suppliers.get(supplier.lower(), supplier),
                sku=_word(paths.find(line, "line.sku"), limit=60),
                quantity=quantity,
                unit_price=price.written_number() if price else None,
                requested_date=day.day() if day else None,
            )


def _word(said: Json, *, limit: int) -> str:
    """A code or number, which may be written as a number."""
    return plain(said.number()) if isinstance(said.value, Decimal) else said.text(limit=limit)
