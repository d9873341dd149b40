"""Bar 13: do the pages stay quick when there is much to show? Server time and queries, ours large against ours small.

The order page of 500 lines shows a hundred times the rows of one of 5, so its time is compared per row shown; the order
list shows 50 rows either way, so its time is compared as it is.
"""

from benchmarks import installation  # isort: skip  (sets the environment before Django is imported)

import time
from decimal import Decimal

from django.contrib.auth.models import Group, User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from benchmarks.bars import Bar, arguments, report
from orders.models import PurchaseOrder, PurchaseOrderLine, Site
from suppliers.models import Product, Supplier, SupplierProduct

LINES = (5, 500)
ORDERS = (100, 10_000)


def offers(count: int) -> list[SupplierProduct]:
    supplier = Supplier.objects.create(code="bench", name="Bench Supplies")
    products = Product.objects.bulk_create(Product(sku=f"B{n:05}", name=f"Product {n}") for n in range(count))
    return SupplierProduct.objects.bulk_create(
        SupplierProduct(supplier=supplier, product=product, supplier_sku=f"S-{product.sku}")
        for product in products
    )


def orders(count: int, lines: int, offered: list[SupplierProduct]) -> list[PurchaseOrder]:
    site, start = Site.objects.get(), PurchaseOrder.objects.count()
    made = PurchaseOrder.objects.bulk_create(
        PurchaseOrder(
            number=f"BO-{n}", buyer_reference=f"BO-{n}", supplier=offered[0].supplier, site=site, currency="GBP",
            requested_date=timezone.localdate(),
        )
        for n in range(start, start + count)
    )  # fmt: skip
    PurchaseOrderLine.objects.bulk_create(
        (
            PurchaseOrderLine(
                order=order, line_number=number, product=offer.product, supplier_product=offer,
                supplier_sku=offer.supplier_sku, description=offer.product.name, unit="C62", quantity=Decimal(12),
                unit_price=Decimal("2.50"), reason={"sentence": "For the benchmark."},
            )
            for order in made
            for number, offer in enumerate(offered[:lines], start=1)
        ),
        batch_size=2_000,
    )  # fmt: skip
    return made


def visit(client: Client, path: str) -> tuple[float, int]:
    """Seconds and queries of one GET."""
    with CaptureQueriesContext(connection) as queries:
        started = time.perf_counter()
        response = client.get(path)
        seconds = time.perf_counter() - started
    if response.status_code != 200:
        raise SystemExit(f"{path} answered {response.status_code}")
    return seconds, len(queries)


def compare(
    client: Client, small: str, large: str, repeats: int
) -> tuple[list[float], list[float], int, int]:
    visit(client, small), visit(client, large)  # caches and templates warm for both
    few, many = [], []
    for _ in range(repeats):
        few.append(visit(client, small))
        many.append(visit(client, large))
    return [s for s, _ in many], [s for s, _ in few], max(q for _, q in many), max(q for _, q in few)


def main() -> None:
    options = arguments(__doc__)
    offered = offers(max(LINES))
    user = User.objects.create(username="bench")
    user.groups.set(Group.objects.all())
    client = Client()
    client.force_login(user)
    bars = []

    pages = [f"/orders/{orders(1, lines, offered)[0].number}/" for lines in LINES]
    ours, theirs, queries, base = compare(client, *pages, options.repeats)
    # What a page costs apart from its rows is the same for both: take the small page's whole time as that.
    own = [(large - small) / (LINES[1] - LINES[0]) for large, small in zip(ours, theirs, strict=True)]
    each = [small / LINES[0] for small in theirs]
    bars += [
        Bar.of(13, "order page, 500 lines, time a line", "5 lines, time a line", ours=own, theirs=each, limit=3,
               at_most=True, unit="s"),
        Bar.of(13, "order page, 500 lines, queries", "5 lines", ours=[queries], theirs=[base], limit=1, at_most=True,
               unit="queries"),
    ]  # fmt: skip

    # The list is measured small, filled up, and measured large: the two cannot stand in one table at once.
    orders(ORDERS[0] - PurchaseOrder.objects.count(), 2, offered)
    visit(client, "/orders/")
    few = [visit(client, "/orders/") for _ in range(options.repeats)]
    orders(ORDERS[1] - PurchaseOrder.objects.count(), 2, offered)
    visit(client, "/orders/")
    many = [visit(client, "/orders/") for _ in range(options.repeats)]
    bars += [
        Bar.of(13, "order list, 10,000 orders, time", "100 orders", ours=[s for s, _ in many],
               theirs=[s for s, _ in few], limit=3, at_most=True, unit="s"),
        Bar.of(13, "order list, 10,000 orders, queries", "100 orders", ours=[max(q for _, q in many)],
               theirs=[max(q for _, q in few)], limit=1, at_most=True, unit="queries"),
    ]  # fmt: skip
    report("pages", bars, data=installation.DATABASE, packages=["django"], as_json=options.json)


if __name__ == "__main__":
    main()
