"""Run as a program in a database of its own: prepares an approved order, sweeps, and tells how things stand."""

import django

django.setup()

from django.core.management import call_command  # noqa: E402

from orders.models import TransferJob  # noqa: E402
from orders.services.sweep import transfer_sweep  # noqa: E402
from tests.chaos.scenes import play  # noqa: E402
from tests.fixtures.sandbox import sandbox_world, supplier_rows  # noqa: E402
from tests.flow.scenes import approved  # noqa: E402


def prepare(origin: str) -> None:
    call_command("migrate", verbosity=0)
    approved(supplier_rows(sandbox_world(), origin))


def sweep() -> None:
    transfer_sweep()


def tell() -> dict[str, object]:
    job = TransferJob.objects.select_related("order").get()
    events = list(job.order.events.values_list("kind", flat=True))
    return {
        "job": job.status,
        "order": job.order.status,
        "reference": job.order.buyer_reference,
        "submitted": job.submitted_at is not None,
        "attempts": job.attempts,
        "events": events,
    }


if __name__ == "__main__":
    play({"prepare": prepare, "sweep": sweep}, tell)
