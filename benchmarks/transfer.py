"""Bar 10: orders a second from "approved" to "transferred", against a plain loop that posts the same bodies.

Both talk to the same sandbox supplier, a process of its own, with two worker processes. Ours does all that a transfer
is: claim, token, POST, stored reply, transition, audit trail. The loop only posts.
"""

from benchmarks import installation  # isort: skip  (sets the environment before Django is imported)

import json
import time
from concurrent.futures import ProcessPoolExecutor
from decimal import Decimal
from pathlib import Path

import requests
from django.contrib.auth.models import Group, User
from django.db import transaction

from benchmarks.bars import Bar, arguments, report
from orders.models import PurchaseOrder, Site, TransferJob
from orders.services.approval import order_approve
from orders.services.drafting import DraftLine, order_draft
from procurement.processes import HOST, Background, free_port, sandbox_command, wait_until, worker_command
from procurement.services.sample_suppliers import sample_suppliers_connect
from suppliers.models import ConnectorCall, Product, SupplierProduct

ORDERS = 200
LINES = 10
WORKERS = 2


def world(folder: Path) -> None:
    folder.mkdir(parents=True)
    products = [
        {
            "product_id": f"id-{n}", "supplier_product_id": f"S{n}", "buyer_sku": f"B{n}", "name": f"Product {n}",
            "unit_of_measure": "C62", "pack_size": "1", "minimum_quantity": "1", "barcode": "",
            "stock": "999999999", "tiers": [["1", "2.00"]],
        }
        for n in range(LINES)
    ]  # fmt: skip
    told = {
        "code": "bench", "name": "Bench Supplies", "client_id": "bench", "client_secret": "bench-secret",
        "webhook_secret": "whsec_YmVuY2htYXJrLWJlbmNobWFyay1iZW5jaG1hcms=", "supplier_id": "s", "customer_id": "c",
        "currency": "GBP", "minimum_order_value": "0", "delivery_fee": "0", "free_delivery_from": None,
        "lead_time_days": "2", "behaviour": {"confirm": "as_asked"}, "products": products,
    }  # fmt: skip
    (folder / "bench.json").write_text(json.dumps(told))


def drafts(offers: list[SupplierProduct]) -> list[PurchaseOrder]:
    lines = [DraftLine(offer, Decimal(5), Decimal(2)) for offer in offers]
    with transaction.atomic():
        return [
            order_draft(
                supplier=offers[0].supplier,
                site=Site.objects.get(),
                lines=lines,
                by=None,
                origin="bench",
                via="bench",
            )
            for _ in range(ORDERS)
        ]


def transfer(orders: list[PurchaseOrder], approver: User) -> float:
    """Seconds from the approval of all to the last one's transfer; the worker is up and idle."""
    with transaction.atomic():
        for order in orders:
            order_approve(order=order, by=approver, version=order.version, via="bench")
    started = time.perf_counter()
    left = TransferJob.objects.filter(order__in=orders).exclude(status=TransferJob.Status.SENT)
    if not wait_until(lambda: not left.exists(), seconds=120, every=0.02):
        raise SystemExit(f"{left.count()} transfers did not end")
    return time.perf_counter() - started


def post_all(work: tuple[str, str, list[bytes]]) -> None:
    url, token, bodies = work
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    with requests.Session() as session:
        for body in bodies:
            session.post(url, data=body, headers=headers, timeout=20).raise_for_status()


def plain_loop(pool: ProcessPoolExecutor, orders: list[PurchaseOrder], origin: str, round_: int) -> float:
    """Seconds to post the very bodies that the transfer of `orders` sent, under new references."""
    calls = ConnectorCall.objects.filter(reference__in=[o.buyer_reference for o in orders], method="POST")
    bodies = [
        bytes(call.request_body).replace(call.reference.encode(), f"LOOP-{round_}-{call.pk}".encode())
        for call in calls
    ]
    if len(bodies) != len(orders):
        raise SystemExit(f"{len(bodies)} bodies for {len(orders)} orders")
    answer = requests.post(
        f"{origin}/v2/token",
        auth=("bench", "bench-secret"),
        data={"grant_type": "client_credentials"},
        timeout=20,
    )
    token = answer.json()["access_token"]
    url = f"{origin}/v2/suppliers/s/customers/c/orders"
    started = time.perf_counter()
    list(pool.map(post_all, [(url, token, bodies[n::WORKERS]) for n in range(WORKERS)]))
    return time.perf_counter() - started


def main() -> None:
    options = arguments(__doc__)
    world(installation.FOLDER / "sample" / "sandbox")
    port = free_port()
    origin = f"http://{HOST}:{port}"
    user = User.objects.create(username="bench")
    user.groups.set(Group.objects.all())
    user = User.objects.get(pk=user.pk)
    (supplier,) = sample_suppliers_connect(
        folder=installation.FOLDER / "sample" / "sandbox", sandbox_url=origin
    )
    offers = [
        SupplierProduct.objects.create(
            supplier=supplier,
            product=Product.objects.create(sku=f"B{n}", name=f"Product {n}"),
            supplier_sku=f"S{n}",
        )
        for n in range(LINES)
    ]
    ours, theirs = [], []
    with (
        Background(installation.FOLDER / "log", {}) as background,
        ProcessPoolExecutor(WORKERS) as pool,
    ):
        # No callbacks: their reading would compete for the workers.
        background.start("sandbox", [*sandbox_command(port, web_port=1), "--confirm-after", "99999"])
        background.start("worker", worker_command())
        background.wait_for("sandbox", f"{origin}/_sandbox/ledger")
        transfer(drafts(offers), user)  # worker, tokens and pages of the database are warm
        for round_ in range(options.repeats):
            orders = drafts(offers)
            ours.append(ORDERS / transfer(orders, user))
            theirs.append(ORDERS / plain_loop(pool, orders, origin, round_))
    bar = Bar.of(
        10, f"transfers of {ORDERS} orders of {LINES} lines", "a plain loop of requests, as many workers",
        ours=ours, theirs=theirs, limit=0.6, at_most=False, unit="orders/s",
    )  # fmt: skip
    packages = ["django", "django-q2", "requests"]
    report("transfer", [bar], data=installation.DATABASE, packages=packages, as_json=options.json)


if __name__ == "__main__":
    main()
