"""Numbers, dates and places as people read them in a letter; the same in its text, its HTML and the PDF."""

from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from suppliers.messages import Address, Order, OrderLine
from suppliers.packing import plain

CENT = Decimal("0.01")
UNITS = {"C62": "pcs", "EA": "pcs", "KGM": "kg", "GRM": "g", "LTR": "l", "MLT": "ml", "MTR": "m"}


def one_line(text: str) -> str:
    """Without line breaks, which would end a header."""
    return " ".join(text.split())


def day(value: date | None) -> str:
    return f"{value.day} {value:%B %Y}" if value else ""


def quantity(line: OrderLine) -> str:
    return f"{plain(line.quantity)} {UNITS.get(line.unit, line.unit)}"


def price(line: OrderLine) -> str:
    if line.unit_price is None:
        return "as agreed"
    cents = line.unit_price.quantize(CENT, rounding=ROUND_HALF_UP)
    return f"{cents:,.2f}" if cents == line.unit_price else plain(line.unit_price)


def line_total(line: OrderLine) -> Decimal | None:
    if line.unit_price is None:
        return None
    return (line.quantity * line.unit_price).quantize(CENT, rounding=ROUND_HALF_UP)


def total(order: Order) -> str:
    """Of the goods; empty where a line has no price."""
    sums = [line_total(line) for line in order.lines]
    known = [value for value in sums if value is not None]
    return f"{sum(known, Decimal(0)):,.2f} {order.currency}" if len(known) == len(sums) else ""


def place(address: Address) -> list[str]:
    """Its lines, as on an envelope."""
    town = " ".join(part for part in (address.postcode, address.city) if part)
    parts = (
        address.name,
        address.contact,
        address.line1,
        address.line2,
        town,
        address.region,
        address.country,
    )
    return [one_line(part) for part in parts if part]


def wanted_by(order: Order) -> str:
    """The one day for all lines; empty where they differ, as it then stands on each."""
    days = {line.requested_date or order.requested_date for line in order.lines}
    return day(days.pop()) if len(days) == 1 else ""


def facts(order: Order, customer_number: str) -> list[tuple[str, str]]:
    """What stands above the lines."""
    buyer = order.buyer.name if order.buyer else ""
    said = [
        ("Order", order.number),
        ("Our reference", order.buyer_reference if order.buyer_reference != order.number else ""),
        ("Our customer number", customer_number),
        ("Ordered by", one_line(buyer)),
        ("Ordered on", day(order.issued_at.date())),
        ("Deliver to", ", ".join(place(order.deliver_to))),
        ("Deliver by", wanted_by(order)),
        ("Total", total(order)),
    ]
    return [(label, value) for label, value in said if value]
