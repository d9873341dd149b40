"""One approved order through every supplier protocol: `make demo ARGS=--all-channels`.

Each protocol gets a sandbox supplier of its own with a few products of the sample, an order of three lines, and as
much time as its own way of answering takes. Afterwards these suppliers are inactive, so that no plan chooses them.
"""

import json
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

import requests
from django.contrib.auth.models import User
from django.utils import timezone

from orders.models import OrderEvent, PurchaseOrder, Site, Status
from orders.services.approval import order_approve
from orders.services.drafting import DraftLine, order_draft
from procurement.demo.outcome import unsettled
from procurement.demo.sample import channels_folder, sandbox_folder
from procurement.demo.stages import PATIENCE_SECONDS, Display
from procurement.processes import HOST, Background, free_sandbox_port, sandbox_command, wait_until
from procurement.sample.files import credentials
from procurement.services.ledgers import LedgerComparison, ledger_compare
from procurement.services.receiving import goods_receive
from procurement.services.sample_suppliers import sample_suppliers_connect
from suppliers.connectors.base import Capability
from suppliers.connectors.registry import CONNECTORS, connector_class
from suppliers.models import PriceQuote, PriceTier, Product, Supplier, SupplierProduct
from suppliers.sandbox.app import protocol_class
from suppliers.sandbox.world import SandboxSupplier, world_load
from suppliers.selectors import price_in_force
from suppliers.services.catalogue import catalogue_sync
from suppliers.services.connections import connector_for

PRODUCTS, LINES = 5, 3
PLENTY = "1000000"  # in stock, however often the demo runs


@dataclass(slots=True)
class Channels:
    orders: dict[str, PurchaseOrder] = field(default_factory=dict)  # by protocol
    still_waiting: int = 0
    ledger: LedgerComparison = field(default_factory=lambda: LedgerComparison((), (), ()))

    def as_json(self) -> dict[str, dict[str, int]]:
        return {protocol: self._told(order) for protocol, order in self.orders.items()}

    def _told(self, order: PurchaseOrder) -> dict[str, int]:
        def been(status: Status) -> int:
            return int(OrderEvent.objects.filter(order=order, kind=status.value).exists())

        return {
            "transferred": been(Status.TRANSFERRED),
            "confirmed": been(Status.CONFIRMED),
            "shipped": been(Status.SHIPPED),
            "at_supplier_lost": self.ledger.lost.count(order.buyer_reference),
            "at_supplier_duplicated": self.ledger.duplicated.count(order.buyer_reference),
        }


def run(*, site: Site, approver: User, background: Background, display: Display, web_port: int) -> Channels:
    result = Channels()
    world = _write_world()
    port = free_sandbox_port()
    url = f"http://{HOST}:{port}"
    with display.stage("Every channel: a supplier of each protocol", len(CONNECTORS)) as stage:
        command = [*sandbox_command(port, web_port=web_port), "--world", str(world)]
        background.start("channels", [*command, "--ledger", str(world.parent / "channels.sqlite3")])
        background.wait_for("channels", f"{url}/_sandbox/ledger")
        suppliers = sample_suppliers_connect(folder=world, sandbox_url=url)
        _set_active(suppliers, True)
        told = {each.code: each for each in world_load(world)}
        for supplier in suppliers:
            _range(supplier, told[supplier.code])
            result.orders[told[supplier.code].protocol] = _order(
                supplier, told[supplier.code], site, approver
            )
            stage.advance(connector_class(told[supplier.code].protocol).label)
    _wait(result, approver, display)
    _set_active(suppliers, False)
    received = requests.get(f"{url}/_sandbox/ledger", timeout=10).json()["orders"]
    references = (row["reference"] for row in received for _ in range(row["effects"]))
    result.ledger = ledger_compare(references, suppliers=suppliers)
    return result


def _write_world() -> Path:
    """The same few products for each: the first of a sample supplier's range."""
    folder = channels_folder()
    folder.mkdir(parents=True, exist_ok=True)
    pattern: dict[str, Any] = json.loads(min(sandbox_folder().glob("*.json")).read_text(encoding="utf-8"))
    products = [entry | {"stock": PLENTY} for entry in pattern["products"][:PRODUCTS]]
    for protocol in CONNECTORS:
        code = f"channel-{protocol.replace('_', '-')}"
        path = folder / f"{code}.json"
        content = pattern | credentials(path) | {
            "code": code, "name": f"{connector_class(protocol).label} (sample)", "protocol": protocol,
            "supplier_id": f"{code}-supplier", "customer_id": f"{code}-customer", "minimum_order_value": "0",
            "behaviour": {"confirm": "as_asked"}, "products": products,
        }  # fmt: skip
        path.touch(mode=0o600)  # before the secrets are in it
        path.write_text(json.dumps(content, indent=1), encoding="utf-8")
    return folder


def _set_active(suppliers: list[Supplier], active: bool) -> None:
    for supplier in suppliers:
        supplier.active = active
        supplier.save(update_fields=["active"])


def _range(supplier: Supplier, told: SandboxSupplier) -> None:
    """Asked of the supplier where its protocol has that; else its price list as somebody would enter it."""
    can = connector_for(supplier).capabilities
    if Capability.CATALOGUE in can:
        catalogue_sync(supplier=supplier, force=True)
    for entry in told.products:
        offer, _ = SupplierProduct.objects.get_or_create(
            supplier=supplier,
            supplier_sku=entry.supplier_product_id,
            defaults={
                "product": Product.objects.get(sku=entry.buyer_sku), "external_id": entry.product_id,
                "pack_size": entry.pack_size, "minimum_quantity": entry.minimum_quantity,
            },
        )  # fmt: skip
        if not PriceQuote.objects.filter(supplier_product=offer, superseded_at=None).exists():
            quote = PriceQuote.objects.create(
                supplier_product=offer, currency=supplier.currency, fetched_at=timezone.now()
            )
            PriceTier.objects.bulk_create(
                PriceTier(quote=quote, from_quantity=start, unit_price=price) for start, price in entry.tiers
            )


def _order(supplier: Supplier, told: SandboxSupplier, site: Site, approver: User) -> PurchaseOrder:
    # Not every protocol tells the minimum.
    least = {entry.supplier_product_id: entry.minimum_quantity for entry in told.products}
    offers = SupplierProduct.objects.filter(supplier=supplier, supplier_sku__in=least).select_related(
        "product"
    )
    quantities = {offer: least[offer.supplier_sku] for offer in offers.order_by("supplier_sku")[:LINES]}
    lines = [
        DraftLine(offer, quantity, price_in_force(offer, quantity) or Decimal(0))
        for offer, quantity in quantities.items()
    ]
    order = order_draft(supplier=supplier, site=site, lines=lines, by=None, origin="channels", via="demo")
    order_approve(
        order=order, by=approver, version=order.version, comment="Approved in the demo.", via="demo"
    )
    return order


def _receive_unannounced(result: Channels, by: User) -> None:
    """Some protocols have no word for goods that leave: they are there one day, and somebody books them in."""
    for protocol, order in result.orders.items():
        order.refresh_from_db(fields=["status", "version"])
        if order.status == Status.CONFIRMED and "shipped" not in protocol_class(protocol).tells:
            quantities = {line.pk: line.confirmed_quantity or Decimal(0) for line in order.lines.all()}
            goods_receive(
                order=order, by=by, quantities=quantities, form_token=f"demo-{order.pk}", via="demo"
            )


def _wait(result: Channels, approver: User, display: Display) -> None:
    pks = [order.pk for order in result.orders.values()]
    with display.stage("Every channel: sent, confirmed, shipped", len(pks)) as stage:

        def settled() -> bool:
            _receive_unannounced(result, approver)
            result.still_waiting = unsettled(pks)
            stage.at(len(pks) - result.still_waiting, "waiting for answers" if result.still_waiting else "")
            return result.still_waiting == 0

        wait_until(settled, seconds=PATIENCE_SECONDS)
