"""The sample's customer orders as an organisation keeps them, and what happens to them while time passes."""

import random
from datetime import UTC, date, datetime, time, timedelta

from procurement.sources.sandbox.salesforce.organisation import Organisation
from procurement.sources.sandbox.sample import Sample, SampleOrder

BEFORE_NOW = timedelta(hours=1)  # the newest of the sample: a second reading does not go back as far
LATE = timedelta(minutes=5)  # how long before the last question a late commit's stamp lies
STATUSES = "Draft = draft\nActivated = open\nDelivered = closed\nCanceled = cancelled"
NEW_ORDERS = 2
WALK_IN = "Walk-in"


def fill(org: Organisation, sample: Sample) -> None:
    newest = datetime.now(UTC) - BEFORE_NOW
    for name in sorted({order.customer for order in sample.orders}):
        org.put("Account", {"Id": _account(name), "Name": name or WALK_IN})
    for sku, name in sample.names.items():
        org.put("Product2", {"Id": _product(sku), "ProductCode": sku, "Name": name})
    for order in sample.orders:
        _put(org, order, min(datetime.combine(order.ordered_on, time(17), UTC), newest))


def move_dates(org: Organisation, days: int) -> None:
    for row in org.rows("Order"):
        dates = {name: _later(row[name], days) for name in ("EffectiveDate", "EndDate") if row.get(name)}
        org.put("Order", {"Id": row["Id"]} | dates)


def live_on(org: Organisation, dice: random.Random) -> tuple[list[str], list[str]]:
    """New orders, one of them committed late; a quantity changes, an order is deleted, others are delivered.

    In words, and the ids of those that tell of it by themselves: no event tells of what is committed late.
    """
    said, told = [], []
    waiting = [row for row in org.rows("Order") if row["Status"] == "Activated" and not row["IsDeleted"]]
    for number in range(NEW_ORDERS):
        order = _made_up(org, dice)
        told.append(_put(org, order, None))
        said.append(f"{order.number} was ordered")
        if number == 0 and org.asked_at:
            late = _made_up(org, dice)
            _put(org, late, org.asked_at - LATE)
            said.append(f"{late.number} was committed late, with a stamp before the last reading")
    dice.shuffle(waiting)
    changed, deleted, *delivered = waiting[:4]
    item = dice.choice([row for row in org.rows("OrderItem") if row["OrderId"] == changed["Id"]])
    org.put("OrderItem", {"Id": item["Id"], "Quantity": item["Quantity"] + dice.randint(1, 12)})
    said.append(f"a quantity of {changed['OrderNumber']} changed")
    org.delete("Order", deleted["Id"])
    said.append(f"{deleted['OrderNumber']} was deleted")
    for row in delivered:
        org.put("Order", {"Id": row["Id"], "Status": "Delivered"})
        said.append(f"{row['OrderNumber']} was delivered")
    return said, told + [row["Id"] for row in (changed, deleted, *delivered)]


def _made_up(org: Organisation, dice: random.Random) -> SampleOrder:
    today = datetime.now(UTC).date()
    skus = sorted(row["ProductCode"] for row in org.rows("Product2"))
    customers = sorted(row["Name"] for row in org.rows("Account"))
    return SampleOrder(
        number=f"SO-N{org.count('Order') + 1}",
        customer=dice.choice(customers),
        ordered_on=today,
        due_date=today + timedelta(days=dice.randint(1, 3)),
        open=True,
        lines=tuple(
            (sku, dice.randint(1, 24)) for sku in dice.sample(skus, min(len(skus), dice.randint(1, 4)))
        ),
    )


def _put(org: Organisation, order: SampleOrder, stamp: datetime | None) -> str:
    order_id = f"801{org.count('Order') + 1:015}"
    status = "Activated" if order.open else "Delivered"
    org.put(
        "Order",
        {
            "Id": order_id, "OrderNumber": order.number, "AccountId": _account(order.customer), "Status": status,
            "StatusCode": "Activated", "EffectiveDate": order.ordered_on.isoformat(),
            "EndDate": order.due_date.isoformat() if order.due_date else None,
        },
        stamp=stamp,
    )  # fmt: skip
    first = org.count("OrderItem") + 1
    for number, (sku, quantity) in enumerate(order.lines, start=first):
        org.put(
            "OrderItem",
            {
                "Id": f"802{number:015}", "OrderItemNumber": f"{number:010}", "OrderId": order_id,
                "Product2Id": _product(sku), "Quantity": quantity, "UnitPrice": 1,
            },
            stamp=stamp,
        )  # fmt: skip
    return order_id


def _account(name: str) -> str:
    return f"001{''.join(filter(str.isalnum, name or WALK_IN)):0>15}"[:18]


def _product(sku: str) -> str:
    return f"01t{sku:0>15}"


def _later(day: str, days: int) -> str:
    return (date.fromisoformat(day) + timedelta(days=days)).isoformat()
