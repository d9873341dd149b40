"""Who the sandbox suppliers are and what they sell, from one JSON file a supplier (numbers are strings)."""

import json
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from pathlib import Path
from typing import Any

from suppliers.connectors.registry import CONNECTORS


class WorldError(Exception):
    """A world file cannot be used; the message names the file and the place."""


class Behaviour(StrEnum):
    """What the supplier says to an order, some time after it took it."""

    AS_ASKED = "as_asked"
    PRICE = "price"  # confirms dearer
    QUANTITY_AND_DATE = "quantity_and_date"  # confirms less of the first line, and later
    REJECT = "reject"
    IN_TWO_PARTS = "in_two_parts"  # confirms as asked, ships in two despatches


@dataclass(frozen=True, slots=True)
class SandboxProduct:
    product_id: str
    supplier_product_id: str
    name: str
    unit: str  # UN/ECE code; each protocol says it in its own words
    pack_size: Decimal
    minimum_quantity: Decimal
    stock: Decimal
    tiers: tuple[tuple[Decimal, Decimal], ...]  # (from quantity, unit price), ascending
    buyer_sku: str = ""
    barcode: str = ""

    def price_at(self, quantity: Decimal) -> Decimal:
        reached = [price for start, price in self.tiers if quantity >= start]
        return reached[-1] if reached else self.tiers[0][1]


@dataclass(frozen=True, slots=True)
class SandboxSupplier:
    code: str
    name: str
    protocol: str  # as in the registry of connectors
    supplier_id: str
    customer_id: str
    client_id: str
    client_secret: str = field(repr=False)
    webhook_secret: str = field(repr=False)
    currency: str
    minimum_order_value: Decimal
    delivery_fee: Decimal
    free_delivery_from: Decimal | None
    lead_time_days: int
    confirm: Behaviour
    duplicate_callbacks: bool  # every callback is delivered twice
    wrong_order: bool  # says "shipped" before it says "confirmed"
    products: tuple[SandboxProduct, ...]

    def product(self, supplier_product_id: str) -> SandboxProduct | None:
        return next((p for p in self.products if p.supplier_product_id == supplier_product_id), None)


def world_load(folder: Path) -> list[SandboxSupplier]:
    files = sorted(folder.glob("*.json"))
    if not files:
        raise WorldError(f"There is no *.json file in {folder}.")
    suppliers = [supplier_read(path.read_text(encoding="utf-8"), path.name) for path in files]
    for name in ("code", "supplier_id", "client_id"):
        values = [getattr(supplier, name) for supplier in suppliers]
        if doubles := {value for value in values if values.count(value) > 1}:
            raise WorldError(f"Two suppliers in {folder} share the {name} {sorted(doubles)[0]!r}.")
    return suppliers


def supplier_read(text: str, where: str) -> SandboxSupplier:
    try:
        said = json.loads(text)
        return _supplier(said)
    except KeyError as error:
        raise WorldError(f"{where}: {error.args[0]} is missing.") from None
    except (ValueError, TypeError, AttributeError, ArithmeticError) as error:
        raise WorldError(f"{where} cannot be read: {error}.") from None


def _supplier(said: dict[str, Any]) -> SandboxSupplier:
    behaviour = said.get("behaviour") or {}
    free_from = said.get("free_delivery_from")
    return SandboxSupplier(
        code=_text(said, "code"),
        name=_text(said, "name"),
        protocol=said.get("protocol") or next(iter(CONNECTORS)),
        supplier_id=_text(said, "supplier_id"),
        customer_id=_text(said, "customer_id"),
        client_id=_text(said, "client_id"),
        client_secret=_text(said, "client_secret"),
        webhook_secret=_text(said, "webhook_secret"),
        currency=_text(said, "currency"),
        minimum_order_value=_number(said, "minimum_order_value"),
        delivery_fee=_number(said, "delivery_fee"),
        free_delivery_from=Decimal(free_from) if free_from not in (None, "") else None,
        lead_time_days=int(said["lead_time_days"]),
        confirm=Behaviour(behaviour.get("confirm", "as_asked")),
        duplicate_callbacks=behaviour.get("duplicates") == "yes",
        wrong_order=behaviour.get("wrong_order") == "yes",
        products=tuple(_product(product) for product in said["products"]),
    )


def _product(said: dict[str, Any]) -> SandboxProduct:
    tiers = sorted((Decimal(start), Decimal(price)) for start, price in said["tiers"])
    if not tiers:
        raise ValueError(f"product {said['product_id']} has no price")
    return SandboxProduct(
        product_id=_text(said, "product_id"),
        supplier_product_id=_text(said, "supplier_product_id"),
        name=_text(said, "name"),
        unit=_text(said, "unit_of_measure"),
        pack_size=_number(said, "pack_size"),
        minimum_quantity=_number(said, "minimum_quantity"),
        stock=_number(said, "stock"),
        tiers=tuple(tiers),
        buyer_sku=said.get("buyer_sku") or "",
        barcode=said.get("barcode") or "",
    )


def _text(said: dict[str, Any], name: str) -> str:
    value = said[name]
    if not isinstance(value, str) or not value:
        raise ValueError(f"{name} must be a text")
    return value


def _number(said: dict[str, Any], name: str) -> Decimal:
    try:
        value = Decimal(said[name])
    except (InvalidOperation, TypeError):
        value = Decimal("NaN")
    if not value.is_finite() or value < 0:
        raise ValueError(f"{name} must be a number from 0")
    return value
