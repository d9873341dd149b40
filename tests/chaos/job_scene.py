"""Run as a program in a database of its own: wakes a periodic job, watches over it, and tells how it stands."""

import django

django.setup()

from django.core.management import call_command  # noqa: E402

from orders.wakeups import wake  # noqa: E402
from procurement.chores import watch  # noqa: E402
from procurement.models import JobPart, JobRun  # noqa: E402
from suppliers.models import PriceQuote  # noqa: E402
from tests.chaos.scenes import play  # noqa: E402
from tests.fixtures.sandbox import sandbox_world, supplier_rows  # noqa: E402


def prepare(origin: str) -> None:
    call_command("migrate", verbosity=0)
    supplier_rows(sandbox_world(), origin)
    wake("procurement.tasks.sync_catalogues")


def tell() -> dict[str, object]:
    return {
        "runs": list(JobRun.objects.filter(job="sync-catalogues").values("state", "counts", "error")),
        "parts": list(JobPart.objects.values("state", "attempts")),
        "prices": PriceQuote.objects.filter(superseded_at=None).count(),
    }


if __name__ == "__main__":
    play({"prepare": prepare, "watch": watch}, tell)
