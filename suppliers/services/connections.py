"""Opening a supplier's connector with its stored settings and credentials, and a journal of what was said."""

import logging
from collections.abc import Callable, Collection, Iterable
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser
from django.db import transaction
from django.utils import timezone

from suppliers.connectors.base import CallRecord, Connector, ConnectorConfig
from suppliers.connectors.registry import connector_class
from suppliers.exceptions import ConnectorConfigurationError
from suppliers.models import ConnectorCall, Purpose, Supplier, SupplierAccount
from suppliers.models.credential import Credential
from suppliers.services.budget import calls_count, hours_of
from suppliers.services.pace import AT_ONCE, pace_of

log = logging.getLogger(__name__)
KEPT_BYTES = 64 * 1024
KEPT_OF_ORDERS = 16 * 1024 * 1024  # as good as everything, and no more than a row can bear


def connector_for(
    supplier: Supplier,
    *,
    reference: str = "",
    attempt: int | None = None,
    patience: timedelta | None = None,
    purpose: Purpose = Purpose.ORDERS,
) -> Connector:
    """The supplier's connector, not opened yet; each call is written to the journal as soon as it is over.

    `reference` and `attempt`: the order, and the attempt to place it, that all of its calls are made for.
    `patience`: how long a call may wait for its turn where the supplier allows so many a minute; None: not at all.
    `purpose`: what the calls are counted as; orders come first.
    Raises `ConnectorConfigurationError` where no account is set up.
    """
    return connector_opener(
        supplier,
        lambda call: journal_write(supplier, [call], reference=reference, attempt=attempt, purpose=purpose),
        patience=patience,
        purpose=purpose,
    )()


def connector_opener(
    supplier: Supplier,
    journal: Callable[[CallRecord], None],
    *,
    patience: timedelta | None = None,
    purpose: Purpose = Purpose.ORDERS,
    until: float | None = None,
) -> Callable[[], Connector]:
    """Makes as many connectors of the account as there are threads, without touching the database again.

    `until`: by the monotonic clock; no call is begun after that.
    """
    account = SupplierAccount.objects.filter(supplier=supplier).first()
    if account is None:
        raise ConnectorConfigurationError(f"{supplier.name} has no account set up.")
    config = ConnectorConfig(
        supplier_code=supplier.code,
        supplier_name=supplier.name,
        settings={name: str(value) for name, value in account.settings.items()},
        credentials=credentials_live(account.credentials.all()),
        allow_private_network=account.allow_private_network,
        callback_url=callback_address(supplier),
    )
    connector = connector_class(account.protocol)
    pace = pace_of(supplier, patience=patience, protocol=account.protocol, purpose=purpose, until=until)
    return lambda: connector(config, journal, pace)


def callback_address(supplier: Supplier) -> str:
    """Where the supplier's callbacks reach us from outside."""
    return f"{settings.PUBLIC_URL.rstrip('/')}/callbacks/{supplier.code}/"


def journal_write(
    supplier: Supplier,
    calls: Collection[CallRecord],
    *,
    reference: str = "",
    attempt: int | None = None,
    purpose: Purpose | None = None,
) -> None:
    """`purpose`: what they are counted as; None: they are counted already."""

    def kept(call: CallRecord) -> int:
        return KEPT_OF_ORDERS if call.reference else KEPT_BYTES

    ConnectorCall.objects.bulk_create(
        ConnectorCall(
            supplier=supplier,
            operation=call.operation,
            method=call.method,
            url=call.url,
            reference=call.reference or reference,
            message_id=call.message_id[:200],
            attempt=attempt,
            started_at=call.started_at,
            duration_ms=call.duration_ms,
            status=call.status,
            error=call.error,
            request_body=call.request_body[: kept(call)],
            response_body=call.response_body[: kept(call)],
            request_size=len(call.request_body),
            response_size=len(call.response_body),
        )
        for call in calls
    )
    if purpose:
        calls_count(supplier, hours_of(call.started_at for call in calls), purpose)


def connection_check(*, supplier: Supplier, by: AbstractBaseUser | None) -> str:
    """Prove the credentials; a sentence of what was seen. A supplier that was paused goes on. Needs the network."""
    with connector_for(supplier, patience=AT_ONCE, purpose=Purpose.PEOPLE) as connector:
        seen = connector.check()
    with transaction.atomic():
        connection_succeeded(supplier)
        resumed = Supplier.objects.filter(pk=supplier.pk).exclude(paused_reason="").update(paused_reason="")
    if resumed:
        supplier.paused_reason = ""
        log.warning("%s was resumed by %s after a check.", supplier.code, by or "the system")
    return seen


def connection_succeeded(supplier: Supplier) -> None:
    SupplierAccount.objects.filter(supplier=supplier).update(last_success_at=timezone.now())


def credentials_live(rows: Iterable[Credential]) -> dict[str, tuple[str, ...]]:
    """The values in force of an account's credentials, by name, newest first."""
    values: dict[str, tuple[str, ...]] = {}
    for row in sorted(rows, key=lambda row: (row.created_at, row.pk), reverse=True):
        if row.retired_at is None or row.retired_at > timezone.now():
            secret: Any = row.value  # a `Secret`; the stubs take every text column for a str
            values[row.name] = (*values.get(row.name, ()), secret.reveal())
    return values
