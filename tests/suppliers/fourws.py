"""A 4ws.trade account without a server, and orders for it."""

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

from suppliers.connectors.base import CallbackRequest, ConnectorConfig
from suppliers.connectors.fourws.connector import FourwsConnector
from suppliers.messages import Address, Order, Share
from tests.suppliers.orders import order_of

SECRET = "0123456789abcdefghijklmnop-callback-secret"
URL = "https://suite.example.com/api"
BASE = "https://orders.example.com/callbacks/acme/"
NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
SETTINGS = {
    "save_purchase_url": URL,
    "branch_code": "2",
    "buyer_code": "7",
    "supplier_code": "S1",
    "tax_rate": "22",
    "markup_percent": "60",
}


def account(journal=None, *, secrets=(SECRET,), code="acme", **settings: str) -> FourwsConnector:
    config = ConnectorConfig(
        code,
        "Acme",
        settings=SETTINGS | settings,
        credentials={"api_token": ("api-token-1",), "callback_secret": secrets},
        callback_url=BASE,
    )
    return FourwsConnector(config, journal)


def shared_order(*shares: tuple[str, str], more: tuple[tuple[str, str], ...] = ()) -> Order:
    """Two lines divided over (place, quantity): APLJ-1L by `shares`, RICE-5 by `more`."""
    divided = [shares, more] if more else [shares]
    skus = ("APLJ-1L", "RICE-5")
    order = order_of(*((sku, _total(parts)) for sku, parts in zip(skus, divided, strict=False)))
    lines = [
        replace(
            line, shares=tuple(Share(place=Address(name=p, code=p), quantity=Decimal(q)) for p, q in parts)
        )
        for line, parts in zip(order.lines, divided, strict=True)
    ]
    return replace(order, lines=tuple(lines))


def callback(path: str, body: bytes) -> CallbackRequest:
    return CallbackRequest(headers={}, body=body, received_at=NOW, path=path)


def _total(parts: tuple[tuple[str, str], ...]) -> str:
    return str(sum(Decimal(quantity) for _, quantity in parts))
