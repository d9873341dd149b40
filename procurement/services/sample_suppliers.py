"""The sandbox suppliers of the sample world as rows: supplier, account, credentials. Safe to repeat."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.db import transaction

from suppliers.models import Supplier, SupplierAccount, SupplierCredential
from suppliers.sandbox.app import account_credentials, account_settings
from suppliers.sandbox.world import SandboxSupplier, world_load


@transaction.atomic
def sample_suppliers_connect(*, folder: Path, sandbox_url: str) -> list[Supplier]:
    """One supplier a world file in `folder`, reached at `sandbox_url`, which may differ from start to start.

    What an administrator has set on a supplier meanwhile stays.
    """
    return [_connect(told, sandbox_url) for told in world_load(folder)]


@contextmanager
def sample_addresses_kept(*, folder: Path) -> Iterator[None]:
    """A demo brings a sandbox of its own for a while; a `make run` beside it must find its own again afterwards."""
    codes = [path.stem for path in folder.glob("*.json")]
    before = dict(SupplierAccount.objects.filter(supplier__code__in=codes).values_list("pk", "settings"))
    try:
        yield
    finally:
        for pk, settings in before.items():
            SupplierAccount.objects.filter(pk=pk).update(settings=settings)


def _connect(told: SandboxSupplier, sandbox_url: str) -> Supplier:
    supplier, _ = Supplier.objects.get_or_create(
        code=told.code,
        defaults={
            "name": told.name,
            "currency": told.currency,
            "lead_time_days": told.lead_time_days,
            "minimum_order_value": told.minimum_order_value,
            "delivery_fee": told.delivery_fee,
            "free_delivery_from": told.free_delivery_from,
        },
    )
    account, _ = SupplierAccount.objects.get_or_create(
        supplier=supplier,
        defaults={
            "protocol": told.protocol,
            "allow_private_network": True,
        },  # the sandbox lives on this machine
    )
    account.settings = account.settings | account_settings(told, sandbox_url)
    account.save(update_fields=["settings"])
    for name, value in account_credentials(told).items():
        live = account.credentials.filter(name=name, retired_at=None)
        if not any(row.value.reveal() == value for row in live):
            SupplierCredential.objects.create(account=account, name=name, value=value)
    return supplier
