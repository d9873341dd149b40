"""Who gets how much: the locations of 4ws.trade behind our places, and documents of at most ten of them."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from suppliers.connectors.jsondata import LIMIT
from suppliers.exceptions import ConnectorConfigurationError, ProtocolError
from suppliers.messages import Address, Order, OrderLine

MOST = 10  # locations in one document: quantity1 to quantity10
TYPES = ("SHOP", "WRH")


@dataclass(frozen=True, slots=True)
class Location:
    type: str
    code: str


@dataclass(frozen=True, slots=True)
class Sheet:
    """One document: rows with a quantity for each of its locations (by position, from 1)."""

    reserved: tuple[Location, ...]  # empty: everything is for the branch that orders
    rows: tuple[tuple[OrderLine, dict[int, Decimal]], ...]


def places_read(setting: str) -> dict[str, Location]:
    """From "LONDON=WRH:1001, CITY=SHOP:2", with commas or one a line. Raises ValueError in words."""
    places: dict[str, Location] = {}
    for pair in filter(None, (part.strip() for part in re.split("[,\n]", setting))):
        found = re.fullmatch(r"([^=]+)=\s*([A-Za-z]+)\s*:\s*([^\s:=]{1,40})", pair)
        if not found or found[2].upper() not in TYPES:
            raise ValueError(f"{pair!r} is not understood; write for example LONDON=WRH:1001 or CITY=SHOP:2.")
        place = found[1].strip()
        if place in places:
            raise ValueError(f"The place {place} stands there twice.")
        places[place] = Location(found[2].upper(), found[3])
    return places


def sheets(order: Order, places: Mapping[str, Location]) -> list[Sheet]:
    if not order.lines:
        raise ProtocolError(f"Order {order.number} has no lines.")
    for line in order.lines:
        _check_quantities(order, line)
    if not places:
        if any(line.shares for line in order.lines):
            raise ConnectorConfigurationError(
                f"Order {order.number} goes to several places, and the account does not say which locations "
                "these are (setting: places)."
            )
        return [Sheet((), tuple((line, {1: line.quantity}) for line in order.lines))]
    wanted = [(line, _by_location(order, line, places)) for line in order.lines]
    locations = list(dict.fromkeys(location for _, parts in wanted for location in parts))
    return [
        _sheet(tuple(locations[start : start + MOST]), wanted) for start in range(0, len(locations), MOST)
    ]


def _sheet(reserved: tuple[Location, ...], wanted: list[tuple[OrderLine, dict[Location, Decimal]]]) -> Sheet:
    rows = [
        (line, {n: parts[location] for n, location in enumerate(reserved, 1) if location in parts})
        for line, parts in wanted
    ]
    return Sheet(reserved, tuple((line, quantities) for line, quantities in rows if quantities))


def _by_location(order: Order, line: OrderLine, places: Mapping[str, Location]) -> dict[Location, Decimal]:
    parts: dict[Location, Decimal] = {}
    shares = [(share.place, share.quantity) for share in line.shares] or [(order.deliver_to, line.quantity)]
    for place, quantity in shares:
        location = _location(place, places)
        parts[location] = parts.get(location, Decimal(0)) + quantity
    return parts


def _location(place: Address, places: Mapping[str, Location]) -> Location:
    if (found := location(place, places)) is None:
        raise ConnectorConfigurationError(
            f"The account does not say which location {place.code or place.name} is (setting: places)."
        )
    return found


def location(place: Address, places: Mapping[str, Location]) -> Location | None:
    return next((places[name] for name in (place.code, place.name) if name in places), None)


def _check_quantities(order: Order, line: OrderLine) -> None:
    where = f"Order {order.number}, line {line.line_number}"
    shares = [share.quantity for share in line.shares]
    for quantity in (line.quantity, *shares):
        if not quantity.is_finite() or not 0 < quantity < LIMIT:
            raise ProtocolError(f"{where}: the quantity {quantity} cannot be ordered.")
    if shares and sum(shares) != line.quantity:
        raise ProtocolError(f"{where}: the places get {sum(shares):f} of {line.quantity:f}.")
