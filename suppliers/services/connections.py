"""Opening a supplier's connector with its stored settings and credentials, and keeping a journal of what was said."""

from django.utils import timezone

from suppliers.connectors.base import CallRecord, Connector, ConnectorConfig
from suppliers.connectors.registry import connector_class
from suppliers.exceptions import ConnectorConfigurationError
from suppliers.models import ConnectorCall, Supplier, SupplierAccount

KEPT_BYTES = 64 * 1024


def connector_for(supplier: Supplier) -> Connector:
    """The supplier's connector, not opened yet. Raises `ConnectorConfigurationError` where no account is set up."""
    account = SupplierAccount.objects.filter(supplier=supplier).first()
    if account is None:
        raise ConnectorConfigurationError(f"{supplier.name} has no account set up.")

    def journal(call: CallRecord) -> None:
        ConnectorCall.objects.create(
            supplier=supplier,
            operation=call.operation,
            method=call.method,
            url=call.url,
            reference=call.reference,
            started_at=call.started_at,
            duration_ms=call.duration_ms,
            status=call.status,
            error=call.error,
            request_body=call.request_body[:KEPT_BYTES],
            response_body=call.response_body[:KEPT_BYTES],
        )

    config = ConnectorConfig(
        supplier_code=supplier.code, settings=account.settings, credentials=_credentials(account)
    )
    return connector_class(account.protocol)(config, journal)


def _credentials(account: SupplierAccount) -> dict[str, tuple[str, ...]]:
    values: dict[str, tuple[str, ...]] = {}
    for row in account.credentials.order_by("-created_at", "-pk"):
        if row.retired_at is None or row.retired_at > timezone.now():
            values[row.name] = (*values.get(row.name, ()), row.value.reveal())
    return values
