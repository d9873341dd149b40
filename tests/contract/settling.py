"""Following orders until nothing happens any more by itself. Time moves by writing it."""

from django.test import Client
from django.utils import timezone

from orders.models import PurchaseOrder, TransferJob
from orders.services.sweep import transfer_sweep
from suppliers.models import Supplier
from suppliers.sandbox.server import SandboxServer
from tests.flow.background import work_off
from tests.orders.factories import buyer


def work_until_quiet(rounds: int = 12) -> None:
    for _ in range(rounds):
        work_off()
        waiting = TransferJob.objects.filter(status__in=TransferJob.LIVE, next_run_at__isnull=False)
        if not waiting.filter(order__supplier__paused_reason="").update(next_run_at=timezone.now()):
            return
        Supplier.objects.update(down_until=None, failures=0)
        transfer_sweep()
    raise AssertionError("it does not come to an end")


def supplier_resumed() -> None:
    """As an administrator does once the cause is mended."""
    Supplier.objects.update(paused_reason="")
    transfer_sweep()
    work_until_quiet()


def a_person_decides(job: TransferJob, *, arrived: bool) -> None:
    """On the order's page, which has to offer it."""
    client, page = Client(), f"/orders/{job.order.number}/"
    client.force_login(buyer())
    assert f'action="{page}decide/"' in client.get(page).content.decode()
    client.post(f"{page}decide/", {"arrived": "yes" if arrived else "no", "attempt": job.attempts})
    work_until_quiet()


def at_the_supplier(server: SandboxServer) -> dict[str, tuple[int, int]]:
    """By reference: how often the order came, and how often it had an effect."""
    listed = server.ledger.summary()["orders"]
    return {order["reference"]: (order["received"], order["effects"]) for order in listed}


def lost_and_doubled(server: SandboxServer) -> tuple[list[str], list[str]]:
    """Of all orders that count as transferred here."""
    had = at_the_supplier(server)
    sent = PurchaseOrder.objects.exclude(status="draft").values_list("buyer_reference", flat=True)
    lost = [reference for reference in sent if had.get(reference, (0, 0))[1] == 0]
    return lost, [reference for reference, (_, effects) in had.items() if effects > 1]
