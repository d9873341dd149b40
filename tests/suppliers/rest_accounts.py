"""Connectors to a supplier with an API of its own, without rows."""

from suppliers.connectors.base import ConnectorConfig
from suppliers.connectors.rest.connector import RestConnector

SECRET = "callback-secret-1"


def rest(journal=None, credentials=None, **settings):
    held = {"api_key": "key-12345", "webhook_secret": SECRET} | (credentials or {})
    return RestConnector(
        ConnectorConfig(
            "acme",
            "Acme",
            settings={"order_url": "https://acme.example/orders"} | settings,
            credentials={
                name: value if isinstance(value, tuple) else (value,) for name, value in held.items()
            },
            allow_private_network=True,
        ),
        journal,
    )
