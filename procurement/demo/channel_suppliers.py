"""A practice supplier of each protocol, with a few products of the sample that nobody else sells as cheaply."""

import json
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

from django.utils import timezone

from procurement.demo.sample import channels_folder, sandbox_folder
from procurement.sample.files import SECRET_NAMES, credentials
from procurement.services.sample_suppliers import sample_suppliers_connect
from suppliers.connectors.base import Capability
from suppliers.connectors.registry import CONNECTORS, connector_class
from suppliers.models import PriceQuote, PriceTier, Product, Supplier, SupplierProduct
from suppliers.sandbox.world import SandboxSupplier, supplier_read, world_load
from suppliers.services.connections import connector_for

PRODUCTS = 5
CHEAPER = Decimal("0.8")  # of the sample supplier's price, so that a plan chooses them
PLENTY = "1000000"  # in stock, however often the demo runs


def channel_suppliers_ready(*, sandbox_url: str) -> list[tuple[Supplier, SandboxSupplier]]:
    """Their files and their rows, active, reached at `sandbox_url`; safe to repeat.

    Ranges of those whose protocol tells none are entered here; `catalogue_sync` asks the others.
    """
    folder = _write_files()
    told = {each.code: each for each in world_load(folder)}
    connected = [
        (supplier, told[supplier.code])
        for supplier in sample_suppliers_connect(folder=folder, sandbox_url=sandbox_url)
    ]
    for supplier, entry in connected:
        supplier.active = True
        supplier.save(update_fields=["active"])
        if Capability.CATALOGUE not in connector_for(supplier).capabilities:
            _enter_range(supplier, entry)
    return connected


def channel_suppliers_leave() -> None:
    """No plan chooses them where nobody serves them."""
    Supplier.objects.filter(code__in=[path.stem for path in channels_folder().glob("*.json")]).update(
        active=False
    )


def channel_supplier(protocol: str) -> SandboxSupplier:
    """The one of `protocol` as it will be, without products and secrets."""
    no_secrets = dict.fromkeys(SECRET_NAMES, "to be made")
    return supplier_read(json.dumps(_file(protocol) | no_secrets | {"products": []}), protocol)


def _write_files() -> Path:
    folder = channels_folder()
    folder.mkdir(parents=True, exist_ok=True)
    pattern: dict[str, Any] = json.loads(min(sandbox_folder().glob("*.json")).read_text(encoding="utf-8"))
    for number, protocol in enumerate(CONNECTORS):
        content = _file(protocol)
        path = folder / f"{content['code']}.json"
        sold = pattern["products"][number * PRODUCTS : (number + 1) * PRODUCTS]
        content |= credentials(path) | {"products": [_cheaper(entry) for entry in sold]}
        path.touch(mode=0o600)  # before the secrets are in it
        path.write_text(json.dumps(content, indent=1), encoding="utf-8")
    return folder


def _file(protocol: str) -> dict[str, Any]:
    code = f"channel-{protocol.replace('_', '-')}"
    return {
        "code": code, "name": f"{connector_class(protocol).label} (sample)", "protocol": protocol,
        "supplier_id": f"{code}-supplier", "customer_id": f"{code}-customer", "currency": "GBP",
        "minimum_order_value": "0", "delivery_fee": "0", "lead_time_days": 2, "behaviour": {"confirm": "as_asked"},
    }  # fmt: skip


def _cheaper(entry: Mapping[str, Any]) -> dict[str, Any]:
    tiers = [
        [start, str((Decimal(price) * CHEAPER).quantize(Decimal("0.01")))] for start, price in entry["tiers"]
    ]
    return {**entry, "stock": PLENTY, "tiers": tiers}


def _enter_range(supplier: Supplier, told: SandboxSupplier) -> None:
    """Its price list as somebody would enter it."""
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
