"""Collecting the answers of suppliers that leave them for us: stored first, and only then cleared away over there."""

import logging

from django.db import transaction

from orders.services.inbound import message_store
from orders.services.transfer import supplier_pause
from orders.wakeups import wake
from suppliers.connectors.base import Capability
from suppliers.exceptions import AuthenticationFailed, ConnectorError
from suppliers.models import Purpose, Supplier
from suppliers.services.breaker import reachable, supplier_answered, supplier_failed
from suppliers.services.capabilities import supplier_capabilities
from suppliers.services.connections import connection_succeeded, connector_for
from suppliers.services.pace import IN_THE_BACKGROUND

log = logging.getLogger(__name__)


def suppliers_polled() -> list[Supplier]:
    """Also those that are not active any more: they still answer what was ordered before."""
    in_reach = Supplier.objects.filter(reachable(), account__isnull=False, paused_reason="").order_by("pk")
    return [supplier for supplier in in_reach if Capability.POLL in supplier_capabilities(supplier)]


def supplier_poll(*, supplier: Supplier) -> int:
    """Store what waits at the supplier; how much of it was new. Safe to run twice and at the same time.

    A document that was stored and could not be cleared away is met again, and recognised. Raises `ConnectorError`.
    """
    new, left_behind = 0, None
    try:
        with connector_for(supplier, patience=IN_THE_BACKGROUND, purpose=Purpose.ANSWERS) as connector:
            for raw in connector.fetch_documents(None):
                with transaction.atomic():
                    message, created = message_store(supplier=supplier, raw=raw)
                    if created:
                        wake("orders.tasks.process_inbound", message.pk)
                new += created
                try:
                    connector.document_stored(raw)
                except ConnectorError as error:  # the others are worth as much
                    log.warning("%s: %s could not be cleared away: %s", supplier.code, raw.message_id, error)
                    left_behind = error
    except AuthenticationFailed as error:
        supplier_pause(supplier, str(error))
        raise
    except ConnectorError as error:
        supplier_failed(supplier, error)
        raise
    if left_behind is not None:
        raise left_behind
    connection_succeeded(supplier)
    supplier_answered(supplier)
    return new
