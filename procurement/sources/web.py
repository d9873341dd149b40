"""How sources call the systems they read from: politely, with every secret kept out of messages."""

from procurement.sources.base import Source
from suppliers.connectors.http import HttpClient, HttpPolicy
from suppliers.connectors.redaction import Redactor


def http_client(source: Source, *, seconds: float) -> HttpClient:
    """`seconds`: how long one answer is waited for. Whoever opens it closes it."""
    return HttpClient(
        supplier_name=source.config.name,
        journal=lambda call: None,
        redactor=Redactor(*source.secrets),
        allow_private_network=source.config.allow_private_network,
        policy=HttpPolicy(read_timeout=seconds, total_timeout=2 * seconds, repeat_for=10, patience=5),
    )
