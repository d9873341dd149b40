"""One approved order through every supplier protocol: `make demo ARGS=--all-channels`.

Each protocol gets a sandbox supplier of its own with a few products of the sample, an order of three lines, and as
much time as its own way of answering takes.
"""

from dataclasses import dataclass, field
from decimal import Decimal

import requests
from django.contrib.auth.models import User

from orders.models import OrderEvent, PurchaseOrder, Site, Status
from orders.services.approval import order_approve
from orders.services.drafting import DraftLine, order_draft
from procurement.demo.channel_suppliers import channel_suppliers_leave, channel_suppliers_ready
from procurement.demo.outcome import unsettled
from procurement.demo.sample import channels_command
from procurement.demo.stages import PATIENCE_SECONDS, Display
from procurement.processes import HOST, Background, free_sandbox_port, wait_until
from procurement.services.codes.supplier_lists import supplier_list_sync
from procurement.services.ledgers import LedgerComparison, ledger_compare
from procurement.services.receiving import goods_receive
from suppliers.connectors.base import Capability
from suppliers.connectors.registry import CONNECTORS, connector_class
from suppliers.models import Supplier, SupplierProduct
from suppliers.sandbox.app import protocol_class
from suppliers.sandbox.world import SandboxSupplier
from suppliers.selectors import price_in_force
from suppliers.services.connections import connector_for

LINES = 3


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
    port = free_sandbox_port()
    url = f"http://{HOST}:{port}"
    with display.stage("Every channel: a supplier of each protocol", len(CONNECTORS)) as stage:
        connected = channel_suppliers_ready(sandbox_url=url)
        background.start("channels", channels_command(port, web_port=web_port))
        background.wait_for("channels", f"{url}/_sandbox/ledger")
        for supplier, told in connected:
            if Capability.CATALOGUE in connector_for(supplier).capabilities:
                supplier_list_sync(supplier=supplier, force=True)
            result.orders[told.protocol] = _order(supplier, told, site, approver)
            stage.advance(connector_class(told.protocol).label)
    _wait(result, approver, display)
    channel_suppliers_leave()
    received = requests.get(f"{url}/_sandbox/ledger", timeout=10).json()["orders"]
    references = (row["reference"] for row in received for _ in range(row["effects"]))
    result.ledger = ledger_compare(references, suppliers=[supplier for supplier, _ in connected])
    return result


def _order(supplier: Supplier, told: SandboxSupplier, site: Site, approver: User) -> PurchaseOrder:
    # Not every protocol tells the minimum.
    least = {entry.supplier_product_id: entry.minimum_quantity for entry in told.products}
    offers = SupplierProduct.objects.filter(supplier=supplier, supplier_sku__in=least).select_related(
        "product"
    )
    quantities = {offer: least[offer.supplier_sku] for offer in offers.order_by("supplier_sku")[:LINES]}
    lines = [
        DraftLine(offer, quantity, price_in_force(offer, quantity, currency=supplier.currency) or Decimal(0))
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
