"""When an answer was given, where neither clock is to be trusted alone."""

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from suppliers.connectors.http import Reply


def answered_at(reply: Reply) -> datetime:
    """By their clock or by ours, whichever is behind: too early costs a few rows twice, too late would cost changes."""
    try:
        said = parsedate_to_datetime(reply.headers.get("date", ""))
    except (ValueError, TypeError, IndexError):
        return reply.received_at
    return min(said.astimezone(UTC), reply.received_at) if said.tzinfo else reply.received_at
