"""The sandbox suppliers of the sample world as rows: supplier, account, credentials. Safe to repeat."""

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

from django.db import transaction

from suppliers.models import Supplier, SupplierAccount, SupplierCredential

CREDENTIALS = ("client_id", "client_secret", "webhook_secret")


def world_files(folder: Path) -> list[Path]:
    return sorted(folder.glob("*.json"))


@transaction.atomic
def sample_suppliers_connect(*, folder: Path, sandbox_url: str) -> list[Supplier]:
    """One supplier a world file in `folder`, reached at `sandbox_url` (which may differ from start to start)."""
    return [_connect(json.loads(path.read_text()), sandbox_url) for path in world_files(folder)]


def _connect(world: dict[str, Any], sandbox_url: str) -> Supplier:
    free_from = world["free_delivery_from"]
    supplier, _ = Supplier.objects.update_or_create(
        code=world["code"],
        defaults={
            "name": world["name"],
            "currency": world["currency"],
            "lead_time_days": int(world["lead_time_days"]),
            "minimum_order_value": Decimal(world["minimum_order_value"]),
            "delivery_fee": Decimal(world["delivery_fee"]),
            "free_delivery_from": Decimal(free_from) if free_from else None,
        },
    )
    account, _ = SupplierAccount.objects.update_or_create(
        supplier=supplier,
        defaults={
            "protocol": "cerve",
            "settings": {
                "base_url": f"{sandbox_url}/v2",
                "token_url": f"{sandbox_url}/v2/token",
                "supplier_id": world["supplier_id"],
                "customer_id": world["customer_id"],
            },
            "allow_private_network": True,  # the sandbox lives on this machine
        },
    )
    for name in CREDENTIALS:
        live = account.credentials.filter(name=name, retired_at=None)
        if not any(row.value.reveal() == world[name] for row in live):
            SupplierCredential.objects.create(account=account, name=name, value=world[name])
    return supplier
