"""How sources call the systems they read from: politely, with every secret kept out of messages."""

from procurement.sources.base import Source
from suppliers.connectors.http import HttpClient, HttpPolicy
from suppliers.connectors.redaction import Redactor


def http_client(source: Source, *, seconds: float, usage_header: str = "") -> HttpClient:
    """`seconds`: how long one answer is waited for. Whoever opens it closes it. `usage_header`: in which answers say
    how many of the calls that we may make are used.
    """
    return HttpClient(
        supplier_name=source.config.name,
        journal=source.config.journal,
        usage_header=usage_header,
        redactor=Redactor(*source.secrets),
        allow_private_network=source.config.allow_private_network,
        policy=HttpPolicy(read_timeout=seconds, total_timeout=2 * seconds, repeat_for=10, patience=5),
    )
