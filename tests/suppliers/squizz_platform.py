"""The platform for tests: answers written by hand, or its sandbox."""

import json
import uuid
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import responses

from suppliers.connectors.base import CallRecord, ConnectorConfig
from suppliers.connectors.squizz.connector import SquizzConnector
from suppliers.sandbox.app import account_credentials
from suppliers.sandbox.server import SandboxServer
from tests.suppliers.orders import order_of

BASE = "https://platform.example/rest/1/org"
SESSION = "402934A8234E1B997D51F23974"
ORDER = order_of(("APLJ-1L", "12"), ("RICE-5", "3"), ("OILS-1", "1"))
SETTINGS = {"base_url": BASE, "supplier_org_id": "supplier-1", "currency": "GBP", "timeout_seconds": "5"}


def connector_of(journal: Callable[[CallRecord], None] | None = None, **settings: str) -> SquizzConnector:
    """Of an account of its own, so that no test meets another's session or lists."""
    config = ConnectorConfig(
        "acme",
        "Acme",
        settings=SETTINGS | settings,
        credentials={
            "org_id": (str(uuid.uuid4()),),
            "api_org_key": ("key-of-the-api",),
            "api_org_pw": ("password-of-the-api",),
        },
    )
    return SquizzConnector(config, journal)


def sandbox_connector(
    server: SandboxServer, journal: Callable[[CallRecord], None] | None = None, **settings: str
) -> SquizzConnector:
    world = server.app.suppliers["greengrocer"]
    config = ConnectorConfig(
        "acme",
        "Acme",
        settings=SETTINGS | server.account_settings("greengrocer") | settings,
        credentials={name: (value,) for name, value in account_credentials(world).items()},
        allow_private_network=True,
    )
    return SquizzConnector(config, journal)


def signs_in(platform: responses.RequestsMock, session: str = SESSION) -> responses.BaseResponse:
    return platform.post(
        f"{BASE}/create_session",
        json={"result": "SUCCESS", "result_code": "SERVER_SUCCESS", "session_id": session},
    )


def answers(
    platform: responses.RequestsMock,
    endpoint: str,
    *documents: Any,
    session: str = SESSION,
    post: bool = False,
) -> None:
    """One after the other."""
    for document in documents:
        body = document if isinstance(document, bytes) else json.dumps(document).encode()
        add = platform.post if post else platform.get
        add(f"{BASE}/{endpoint}/{session}", body=body, content_type="application/json")


def procured(platform: responses.RequestsMock, *documents: Any, session: str = SESSION) -> None:
    answers(platform, "procure_purchase_order_from_supplier", *documents, session=session, post=True)


def failed(code: str, **configs: str) -> dict[str, Any]:
    return {"result": "FAILURE", "configs": {"result_code": code, **configs}}


def taken(*lines: dict[str, Any], reference: str = ORDER.buyer_reference, **fields: Any) -> dict[str, Any]:
    record = {"salesOrderNumber": "SO-1", "purchaseOrderNumber": reference, "lines": list(lines), **fields}
    return {
        "resultStatus": 1,
        "configs": {"result_code": "SERVER_SUCCESS"},
        "dataRecords": [record],
    }


def changed(**changes: Any) -> Any:
    return replace(ORDER, **changes)
