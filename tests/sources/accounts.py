"""Our side of a practice system, and the rows that a reading leaves behind."""

from typing import Any

from orders.models import PurchaseOrder
from procurement.models import (
    CustomerOrder,
    CustomerOrderLine,
    DailyDemand,
    SourceAccount,
    SourceCredential,
    SourceProblem,
    StockChange,
    StockLevel,
    StockStatement,
    WaitingEntry,
)
from procurement.sources.base import FileSource, Source, SourceConfig
from procurement.sources.registry import SOURCES, source_class
from procurement.sources.sandbox.server import SourceSandbox
from suppliers.models import ExchangeRate, Product
from tests import factories

# Those that bring entries page by page. What a source of whole files must do: tests/contract_sources/test_files.py.
PAGED = [kind for kind in sorted(SOURCES) if not issubclass(source_class(kind), FileSource)]


def source_create(sandbox: SourceSandbox, kind: str = "salesforce", **values: Any) -> SourceAccount:
    settings = sandbox.account_settings | values.pop("settings", {})
    defaults = {"code": "crm", "name": "Acme CRM", "kind": kind, "site": factories.site()}
    made = SourceAccount.objects.create(**(defaults | values), settings=settings, allow_private_network=True)
    for name, value in sandbox.system.account_credentials().items():
        SourceCredential.objects.create(account=made, name=name, value=value)
    return made


def source_plain(sandbox: SourceSandbox, kind: str = "salesforce", **settings: str) -> Source:
    """A source without any rows."""
    credentials = {name: (value,) for name, value in sandbox.system.account_credentials().items()}
    config = SourceConfig(
        "Acme CRM", sandbox.account_settings | settings, credentials, allow_private_network=True
    )
    return source_class(kind)(config)


def make_products(*skus: str) -> None:
    Product.objects.bulk_create(Product(sku=sku, name=f"Product {sku}") for sku in skus)


def lines() -> list[tuple[Any, ...]]:
    """What is known of customer orders, without keys: equal where the tables are."""
    found = CustomerOrderLine.objects.order_by("order__number", "line_number")
    return list(
        found.values_list(
            "order__number", "order__external_id", "order__kept_by__code", "order__customer", "order__open",
            "order__ordered_on", "order__due_date", "line_number", "product__sku", "quantity", "shipped_quantity",
        )
    )  # fmt: skip


def tables() -> dict[str, list[tuple[Any, ...]]]:
    """All that a reading writes and that plans read."""
    return {
        "orders": list(CustomerOrder.objects.order_by("number").values_list("number", "source")),
        "lines": lines(),
        "demand": list(
            DailyDemand.objects.order_by("product__sku", "date").values_list(
                "product__sku", "date", "quantity"
            )
        ),
        "stock": list(
            StockLevel.objects.order_by("product__sku", "site__code").values_list(
                "product__sku", "site__code", "on_hand", "source", "teller__code"
            )
        ),
        "statements": list(
            StockStatement.objects.order_by("product__sku", "site__code", "teller__code").values_list(
                "product__sku", "site__code", "teller__code", "on_hand", "source"
            )
        ),
        "history": list(
            StockChange.objects.order_by("product__sku", "site__code", "pk").values_list(
                "product__sku", "site__code", "teller__code", "kind", "on_hand", "counts", "source"
            )
        ),
        "drafts": [
            (
                order.supplier.code,
                order.status,
                list(order.lines.values_list("product__sku", "quantity", "unit_price")),
                list(order.events.order_by("pk").values_list("kind", flat=True)),
                list(order.exceptions.values_list("text", "resolution")),
            )
            for order in PurchaseOrder.objects.order_by("proposal_draft__proposal__number", "supplier__code")
        ],
        "rates": list(
            ExchangeRate.objects.order_by("date", "currency", "status").values_list(
                "date", "currency", "rate", "status", "doubt"
            )
        ),
        "codes": list(
            WaitingEntry.objects.order_by("code__code", "external_id").values_list(
                "code__code", "code__trouble", "external_id", "rows"
            )
        ),
        "problems": list(SourceProblem.objects.order_by("words").values_list("external_id", "words")),
    }


def quantities() -> dict[int, tuple[Any, Any]]:
    """Quantity and shipped quantity by line number."""
    found = CustomerOrderLine.objects.values_list("line_number", "quantity", "shipped_quantity")
    return {number: (quantity, shipped) for number, quantity, shipped in found}
