"""A small organisation: a customer, a few products, and orders that a test names only what it is about of."""

from datetime import UTC, datetime
from typing import Any

from procurement.sources.sandbox.salesforce.organisation import Organisation

CUSTOMER = "001000000000000001"
EARLIER = datetime(2026, 5, 1, 8, 0, tzinfo=UTC)


def product_id(sku: str) -> str:
    return f"01t{sku:0>15}"


def order_id(n: int) -> str:
    return f"801{n:015}"


def item_id(n: int) -> str:
    return f"802{n:015}"


def products(org: Organisation, *skus: str) -> None:
    org.put("Account", {"Id": CUSTOMER, "Name": "Corner Shop"})
    for sku in skus:
        org.put("Product2", {"Id": product_id(sku), "ProductCode": sku, "Name": f"Product {sku}"})


def order(
    org: Organisation,
    n: int,
    *items: tuple[int, str, Any],
    status: str = "Activated",
    stamp: datetime | None = EARLIER,
    **fields: Any,
) -> str:
    """Order number n with items (number, sku, quantity)."""
    org.put(
        "Order",
        {
            "Id": order_id(n), "OrderNumber": f"{n:08}", "AccountId": CUSTOMER, "Status": status, "StatusCode": status,
            "EffectiveDate": "2026-04-20", "EndDate": "2026-05-20",
        } | fields,
        stamp=stamp,
    )  # fmt: skip
    for number, sku, quantity in items:
        item(org, n, number, sku, quantity, stamp=stamp)
    return order_id(n)


def item(
    org: Organisation,
    of: int,
    number: int,
    sku: str,
    quantity: Any,
    stamp: datetime | None = EARLIER,
    **fields: Any,
) -> str:
    org.put(
        "OrderItem",
        {
            "Id": item_id(number), "OrderItemNumber": f"{number:010}", "OrderId": order_id(of),
            "Product2Id": product_id(sku), "Quantity": quantity, "UnitPrice": 1.5,
        } | fields,
        stamp=stamp,
    )  # fmt: skip
    return item_id(number)
