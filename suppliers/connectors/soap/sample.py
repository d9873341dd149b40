"""An order that is never sent: it shows whether the declared arguments fit the operation."""

from datetime import UTC, date, datetime
from decimal import Decimal

from suppliers.messages import Address, Order, OrderLine

_PLACE = Address(
    name="Sample",
    line1="1 Sample Street",
    line2="Floor 1",
    city="Sample",
    region="Sample",
    postcode="00000",
    country="GB",
    contact="Sample",
    email="sample@example.com",
    phone="0",
)
SAMPLE = Order(
    buyer_reference="connection-test",
    number="connection-test",
    currency="GBP",
    lines=(
        OrderLine(
            line_number=1,
            sku="SAMPLE",
            supplier_sku="SAMPLE",
            external_id="SAMPLE",
            description="Sample",
            quantity=Decimal(1),
            unit="C62",
            unit_price=Decimal("1.00"),
            requested_date=date(2026, 1, 2),
            barcode="0",
            note="Sample",
        ),
    ),
    deliver_to=_PLACE,
    buyer=_PLACE,
    requested_date=date(2026, 1, 2),
    note="Sample",
    issued_at=datetime(2026, 1, 1, tzinfo=UTC),
)
