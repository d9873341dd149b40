"""The practice systems of the sample world as rows: account and credentials. Safe to repeat."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import transaction
from django.db.models import QuerySet

from orders.models import Site
from procurement.models import SourceAccount, SourceCredential
from procurement.services.syncing import source_opened
from procurement.sources.base import Capability
from procurement.sources.registry import source_class
from procurement.sources.sandbox.server import system_class

CODE = "practice-{kind}"
EVERY_MINUTES = 2


def practice_sources() -> QuerySet[SourceAccount]:
    return SourceAccount.objects.filter(code__startswith=CODE.format(kind=""))


@transaction.atomic
def practice_source_connect(*, kind: str, url: str, site: Site, active: bool) -> SourceAccount:
    """Reached at `url`, which may differ from start to start. What an administrator has set meanwhile stays."""
    label = source_class(kind).label
    account, made = SourceAccount.objects.get_or_create(
        code=CODE.format(kind=kind),
        defaults={
            "name": f"{label} (practice)"[:40], "kind": kind, "site": site, "active": active,
            "every_minutes": EVERY_MINUTES, "allow_private_network": True,  # it lives on this machine
        },
    )  # fmt: skip
    system = system_class(kind)()
    told = system.account_settings(url)
    addresses = {name: value for name, value in told.items() if url in value}
    account.settings = told | system.sample_settings(site.code) | account.settings | addresses
    if made:
        account.gives_demand = Capability.CUSTOMER_ORDERS in source_opened(account).capabilities
    account.active, account.paused_reason, account.next_run_at = active, "", None
    account.save()
    for name, value in system.account_credentials().items():
        live = account.credentials.filter(name=name, retired_at=None)
        if not any(row.value.reveal() == value for row in live):
            SourceCredential.objects.create(account=account, name=name, value=value)
    return account


def practice_sources_leave() -> None:
    """Nobody asks them where nobody serves them."""
    practice_sources().update(active=False)


@contextmanager
def practice_sources_kept() -> Iterator[None]:
    """A demo serves systems of its own for a while, and asks them itself; afterwards all is as it was before."""
    before = list(practice_sources().values_list("pk", "settings", "active"))
    practice_sources_leave()
    try:
        yield
    finally:
        practice_sources_leave()
        for pk, settings, active in before:
            SourceAccount.objects.filter(pk=pk).update(settings=settings, active=active)
