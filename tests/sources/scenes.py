"""What each source is read of where its readings are ended: something of everything, and then changes."""

from datetime import timedelta
from typing import Protocol

from django.utils import timezone

from orders.models import PurchaseOrder, Status
from procurement.models import SourceAccount
from procurement.sources.sandbox.server import SourceSandbox
from tests import factories
from tests.sources.accounts import source_create
from tests.sources.planner import offers, planner, propose
from tests.sources.salesforce_org import item, item_id, order, order_id, products
from tests.sources.sap_stock import put, remove


class Scene(Protocol):
    """Of products A, B and C that are known."""

    def __init__(self, sandbox: SourceSandbox) -> None: ...

    def begin(self) -> SourceAccount:
        """Several pages, an item that nobody knows, something that cannot be read."""
        ...

    def change(self) -> None: ...


class CustomerOrders:
    def __init__(self, sandbox: SourceSandbox) -> None:
        self._sandbox, self._org = sandbox, sandbox.system.organisation

    def begin(self) -> SourceAccount:
        """A reduction and a draft, too."""
        org = self._org
        products(org, "A", "B", "C", "UNKNOWN")
        for n in range(1, 5):
            order(org, n, (n * 10, "A", n), (n * 10 + 1, "B", 2))
        order(org, 5, (50, "UNKNOWN", 1), (51, "C", 4))
        order(org, 6, (60, "C", 4), status="Draft")
        order(org, 7, (70, "C", 4), status="Teleported")
        order(org, 8)
        item(org, 8, 80, "A", -1, OriginalOrderItemId=item_id(30))
        return source_create(self._sandbox, gives_demand=True)

    def change(self) -> None:
        """A change, a deletion, a cancellation, a late commit."""
        org = self._org
        item(org, 1, 10, "A", 9, stamp=None)
        org.delete("OrderItem", item_id(21))
        org.delete("Order", order_id(4))
        order(org, 3, status="Canceled", stamp=None)
        order(org, 9, (90, "B", 5), stamp=timezone.now() - timedelta(minutes=10))


class Stock:
    def __init__(self, sandbox: SourceSandbox) -> None:
        self._sandbox, self._system = sandbox, sandbox.system

    def begin(self) -> SourceAccount:
        """Batches over several pages, two sites, a plant that nobody mapped."""
        system = self._system
        factories.site(code="north", name="North")
        for batch in range(5):
            put(system, "A", "1.5", Batch=f"B{batch}")
        for sku in ("A", "B", "C"):
            put(system, sku, "4", Plant="1020")
        put(system, "B", "3")
        put(system, "B", "3", Plant="7000")
        put(system, "UNKNOWN", "3")
        put(system, "UNREADABLE", "some")
        return source_create(self._sandbox, "sap")

    def change(self) -> None:
        """A figure, a batch more, an item that is gone, one that left a site."""
        put(self._system, "A", "2.5", Batch="B1")
        put(self._system, "A", "1", Batch="B9")
        remove(self._system, "B")
        remove(self._system, "C", Plant="1020")
        put(self._system, "C", "8")


class Proposals:
    def __init__(self, sandbox: SourceSandbox) -> None:
        self._sandbox = sandbox

    def begin(self) -> SourceAccount:
        """Two suppliers in one proposal, and one that can never be read."""
        offers(("ald", "A"), ("ald", "B"), ("brk", "C"))
        propose(self._sandbox, 1, ("ald", "A", 24), ("brk", "C", 6))
        propose(self._sandbox, 2, ("ald", "B", 3))
        propose(self._sandbox, 3, ("ald", "UNKNOWN", 1))
        propose(self._sandbox, 4, ("ald", "A", "some"))
        return planner(self._sandbox)

    def change(self) -> None:
        """A draft that nobody touched, one that was sent, a supplier that is in it no more, and a new one."""
        sent = PurchaseOrder.objects.filter(proposal_draft__proposal__number="V-2")
        sent.update(status=Status.TRANSFERRED)
        propose(self._sandbox, 1, ("ald", "A", 30))
        propose(self._sandbox, 2, ("ald", "B", 4))
        propose(self._sandbox, 5, ("brk", "C", 9))


class Rates:
    def __init__(self, sandbox: SourceSandbox) -> None:
        self._sandbox = sandbox

    def begin(self) -> SourceAccount:
        """A jump, which is held, and a value that is none."""
        for day in range(12, 18):
            self._sandbox.system.put(f"2026-11-{day}", USD="1.08", GBP=f"0.84{day}")
        self._sandbox.system.put("2026-11-16", CHF="NaN")
        self._sandbox.system.put("2026-11-17", USD="10.8")
        return source_create(self._sandbox, "ecb")

    def change(self) -> None:
        """Two days more, and a correction of the last one."""
        put = self._sandbox.system.put
        put("2026-11-17", USD="1.09")
        put("2026-11-18", USD="1.0850", GBP="0.8418", SEK="11.0", JPY="some")
        put("2026-11-19", USD="1.0860", GBP="0.8419", SEK="11.1", JPY="some")


SCENES: dict[str, type[Scene]] = {
    "ecb": Rates,
    "salesforce": CustomerOrders,
    "sap": Stock,
    "valerdat": Proposals,
}
