"""Entry points for the background worker: each loads by id and calls one service. All are safe to run twice."""

import logging
import os
import socket
import uuid

from orders.services.amending import amendment_run, amendment_settle
from orders.services.inbound import message_process
from orders.services.notifications import mail_send
from orders.services.polling import supplier_poll, suppliers_polled
from orders.services.settlement import transfer_settle
from orders.services.sweep import transfer_sweep
from orders.services.transfer import transfer_run
from orders.wakeups import wake
from suppliers.exceptions import ConnectorConfigurationError, ConnectorError
from suppliers.models import Supplier
from suppliers.services.breaker import supplier_probe
from suppliers.services.pace import calls_wait

log = logging.getLogger(__name__)


def _worker() -> str:
    """Unlike any other claim's name, also of the same process."""
    return f"{socket.gethostname()[:30]}:{os.getpid()}:{uuid.uuid4().hex[:12]}"


def transfer_order(job_id: int) -> None:
    transfer_run(job_id=job_id, worker=_worker())


def settle_transfer(job_id: int) -> None:
    transfer_settle(job_id=job_id, worker=_worker())


def send_amendment(amendment_id: int) -> None:
    amendment_run(amendment_id=amendment_id, worker=_worker())


def settle_amendment(amendment_id: int) -> None:
    amendment_settle(amendment_id=amendment_id, worker=_worker())


def process_inbound(message_id: int) -> None:
    message_process(message_id=message_id)


def send_mail(mail_id: int) -> None:
    mail_send(mail_id=mail_id, worker=_worker())


def sweep() -> None:
    transfer_sweep()


def poll_suppliers() -> None:
    """A task each: one that hangs must not keep the others' answers waiting."""
    for supplier in suppliers_polled():
        wake("orders.tasks.poll_supplier", supplier.pk)


def poll_supplier(supplier_id: int) -> None:
    supplier = Supplier.objects.filter(pk=supplier_id, paused_reason="").first()
    if supplier is None or calls_wait(supplier) or not supplier_probe(supplier):
        return
    try:
        supplier_poll(supplier=supplier)
    except (ConnectorError, ConnectorConfigurationError) as error:
        log.warning("Answers of %s: %s", supplier.code, error)
