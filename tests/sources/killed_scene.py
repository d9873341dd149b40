"""Run as a program in a database of its own: prepares a source, and tells what has been read from it."""

from typing import Any

import django

django.setup()

from django.core.management import call_command  # noqa: E402

from procurement.models import SourceAccount, SourceCredential, SourceRun  # noqa: E402
from procurement.services.installation import site_ensure  # noqa: E402
from procurement.sources.sandbox.server import Reader  # noqa: E402
from tests.chaos.scenes import play  # noqa: E402
from tests.sources.accounts import make_products, tables  # noqa: E402


def prepare(origin: str) -> None:
    call_command("migrate", verbosity=0)
    make_products("A", "B", "C")
    source = SourceAccount.objects.create(
        code="crm", name="Acme CRM", kind="salesforce", site=site_ensure(), settings={"base_url": origin},
        allow_private_network=True,
    )  # fmt: skip
    for name, value in {"client_id": Reader().client_id, "client_secret": Reader().client_secret}.items():
        SourceCredential.objects.create(account=source, name=name, value=value)


def tell() -> dict[str, Any]:
    return {"runs": list(SourceRun.objects.order_by("pk").values_list("status", flat=True))} | tables()


if __name__ == "__main__":
    play({"prepare": prepare}, tell)
