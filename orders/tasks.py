"""Entry points for the background worker: each loads by id and calls one service. All are safe to run twice."""

import os
import socket
import uuid

from orders.services.amending import amendment_run, amendment_settle
from orders.services.inbound import message_process
from orders.services.notifications import mail_send
from orders.services.settlement import transfer_settle
from orders.services.sweep import transfer_sweep
from orders.services.transfer import transfer_run


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
