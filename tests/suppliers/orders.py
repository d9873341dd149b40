"""Orders to send in tests."""

from datetime import UTC, datetime
from decimal import Decimal

from suppliers.messages import Address, Order, OrderLine


def order_of(*lines: tuple[str, str], reference: str = "PO-2026-0001", price: str = "2.00") -> Order:
    """An order of (supplier_sku, quantity) lines."""
    return Order(
        buyer_reference=reference,
        number=reference,
        currency="GBP",
        lines=tuple(
            OrderLine(
                line_number=number,
                sku=sku,
                supplier_sku=sku,
                external_id="",
                description=sku,
                quantity=Decimal(quantity),
                unit="C62",
                unit_price=Decimal(price),
                requested_date=None,
            )
            for number, (sku, quantity) in enumerate(lines, 1)
        ),
        deliver_to=Address(name="Depot"),
        requested_date=None,
        note="",
        issued_at=datetime(2026, 1, 2, 9, tzinfo=UTC),
    )
