"""Their words to ours: what one order with its items comes to. Pure functions."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from procurement.sources.base import CustomerOrderGone, CustomerOrderRecord, Entry, UnreadableRecord
from suppliers.connectors.jsondata import Json
from suppliers.connectors.words import Words
from suppliers.connectors.xmldata import Xml
from suppliers.exceptions import ProtocolError
from suppliers.packing import plain

ZERO = Decimal(0)
CHECK = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"
LARGEST_LINE = 2**31 - 1  # what a line number's column holds


class State(StrEnum):
    DRAFT = "draft"  # not an order yet
    OPEN = "open"
    CLOSED = "closed"  # all was delivered
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class Fields:
    """API names of what an organisation may keep elsewhere; empty: it does not keep it."""

    sku: str
    customer: str
    due_date: str
    shipped: str

    @property
    def of_orders(self) -> list[str]:
        named = ["Id", "OrderNumber", "Status", "StatusCode", "EffectiveDate", self.customer, self.due_date]
        return list(dict.fromkeys(filter(None, named)))

    @property
    def description(self) -> str:
        """The product's name, for people who have to say what an unknown code means."""
        return "Product2.Name" if self.sku.startswith("Product2.") else ""

    @property
    def of_items(self) -> list[str]:
        named = ["Id", "OrderId", "OrderItemNumber", "Quantity", self.sku, self.shipped]
        return list(dict.fromkeys(filter(None, [*named, self.description])))


def at(row: Json, name: str) -> Json:
    """The value of a field that may be a related object's: `Product2.ProductCode`; nothing where there is none."""
    first, _, rest = name.partition(".")
    value = row.get(first)
    return at(value, rest) if rest and value else value


def record_id(row: Json, name: str = "Id") -> str:
    return full_id(at(row, name))


def full_id(said: Json | Xml) -> str:
    """With the three letters at the end that say which of the others are capitals, as queries answer them."""
    text = said.text(limit=18)
    if not (text.isascii() and text.isalnum() and len(text) in (15, 18)):
        raise said.wrong("an id of 18 letters and digits")
    return text if len(text) == 18 else text + _capitals(text)


def _capitals(text: str) -> str:
    """A letter or digit for every five of the fifteen: bit n is set where the nth is a capital."""
    parts = (text[start : start + 5] for start in (0, 5, 10))
    return "".join(CHECK[sum(1 << n for n, letter in enumerate(part) if letter.isupper())] for part in parts)


def state(row: Json, statuses: Words[State], *, prefix: str = "") -> State:
    """By the status as people see it where the table has it, else by the category that stands behind it."""
    shown, category = at(row, prefix + "Status"), at(row, prefix + "StatusCode")
    for said in (shown, category):
        if (known := statuses.known(said.note(limit=60))) is not None:
            return known
    raise shown.wrong(f"one of the statuses in the settings ({category.note(limit=60)!r} is not, either)")


def order_entries(
    head: Json,
    items: Sequence[Json],
    reductions: Sequence[Json],
    fields: Fields,
    statuses: Words[State],
) -> list[Entry]:
    """The order's lines; "gone" where it is no order (any more); or why it cannot be understood.

    `reductions`: the items of other orders that take something off this one's.
    """
    external_id = record_id(head)
    try:
        found = _records(external_id, head, items, reductions, fields, statuses)
    except ProtocolError as error:
        number = head.get("OrderNumber").note(limit=60)
        return [
            UnreadableRecord(external_id=external_id, problem=f"Order {number or external_id}: {error}"[:400])
        ]
    return found or [CustomerOrderGone(external_id=external_id)]


def _records(
    external_id: str,
    head: Json,
    items: Sequence[Json],
    reductions: Sequence[Json],
    fields: Fields,
    statuses: Words[State],
) -> list[Entry]:
    head = Json(head.value, "its head")
    stands = state(head, statuses)
    if stands in (State.DRAFT, State.CANCELLED):
        return []
    reduced = _reduced(reductions, statuses)
    due = at(head, fields.due_date) if fields.due_date else None
    return [
        CustomerOrderRecord(
            line=0,
            external_id=external_id,
            number=head.get("OrderNumber").text(limit=60),
            order_line=line.number,
            sku=line.sku,
            quantity=line.quantity,
            shipped_quantity=line.quantity if stands is State.CLOSED else line.shipped,
            customer=at(head, fields.customer).note(limit=120) if fields.customer else "",
            ordered_on=head.get("EffectiveDate").day(),
            due_date=due.day() if due else None,
            open=stands is State.OPEN,
            description=line.description,
        )
        for line in _lines(items, reduced, fields)
    ]


def _reduced(rows: Iterable[Json], statuses: Words[State]) -> dict[str, Decimal]:
    """What reduction orders in force take from each item, by the item's id."""
    taken: dict[str, Decimal] = defaultdict(Decimal)
    for row in rows:
        if state(row, statuses, prefix="Order.") in (State.OPEN, State.CLOSED):
            taken[record_id(row, "OriginalOrderItemId")] += -row.get("Quantity").number(negative=True)
    return taken


@dataclass(frozen=True, slots=True)
class _Line:
    number: int
    sku: str
    quantity: Decimal
    shipped: Decimal
    description: str


def _lines(items: Sequence[Json], reduced: Mapping[str, Decimal], fields: Fields) -> Iterator[_Line]:
    for row in items:
        item = Json(row.value, f"item {row.get('OrderItemNumber').note(limit=30) or record_id(row)}")
        quantity = item.get("Quantity").number(negative=True)
        if quantity < 0:
            if not item.get("OriginalOrderItemId"):
                raise item.get("Quantity").wrong("0 or more, as it reduces no other order's item")
            continue  # counted at the item that it reduces
        left = quantity - reduced.get(record_id(item), ZERO)
        if left < 0:
            raise ProtocolError(
                f"{item.what}: reduction orders take more off than the {plain(quantity)} ordered."
            )
        said = at(item, fields.shipped) if fields.shipped else None
        shipped = min(said.number(), left) if said else ZERO
        name = at(item, fields.description).note(limit=200) if fields.description else ""
        yield _Line(_number(item), at(item, fields.sku).text(limit=60), left, shipped, name)


def _number(item: Json) -> int:
    """Their running number of items, which no two items share, is the line's number: it never moves."""
    said = item.get("OrderItemNumber")
    digits = "".join(letter for letter in said.text(limit=30) if letter in "0123456789")
    if not digits or not 0 < int(digits) <= LARGEST_LINE:
        raise said.wrong("a running number")
    return int(digits)
