"""Done in processes of their own: `python -m tests.sources.killed_scene prepare ORIGIN`, or `... tables`."""

import json
import sys

import django

django.setup()

from procurement.models import SourceAccount, SourceCredential, SourceRun  # noqa: E402
from procurement.services.installation import site_ensure  # noqa: E402
from procurement.sources.sandbox.server import Reader  # noqa: E402
from tests.sources.accounts import make_products, tables  # noqa: E402


def prepare(origin: str) -> None:
    make_products("A", "B", "C")
    source = SourceAccount.objects.create(
        code="crm", name="Acme CRM", kind="salesforce", site=site_ensure(), settings={"base_url": origin},
        allow_private_network=True,
    )  # fmt: skip
    for name, value in {"client_id": Reader().client_id, "client_secret": Reader().client_secret}.items():
        SourceCredential.objects.create(account=source, name=name, value=value)


if __name__ == "__main__":
    if sys.argv[1] == "prepare":
        prepare(sys.argv[2])
    runs = list(SourceRun.objects.order_by("pk").values_list("status", flat=True))
    print(json.dumps({"runs": runs} | tables(), default=str))  # noqa: T201
