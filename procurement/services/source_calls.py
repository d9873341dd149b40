"""The journal of what was said to sources: every call a row, as soon as it is over."""

import re
from collections.abc import Callable

from procurement.models import SourceAccount, SourceCall
from suppliers.connectors.base import CallRecord

KEPT_BYTES = 16 * 1024  # of a call that failed
USAGE = re.compile(r"(\d{1,9})\s*/\s*(\d{1,9})", re.ASCII)


def calls_journal(source: SourceAccount) -> Callable[[CallRecord], None]:
    def write(call: CallRecord) -> None:
        failed = call.status is None or call.status >= 400 or bool(call.error)
        kept = KEPT_BYTES if failed else 0
        usage = USAGE.search(call.usage)
        SourceCall.objects.create(
            account=source,
            operation=call.operation[:40],
            method=call.method[:10],
            url=call.url,
            started_at=call.started_at,
            duration_ms=call.duration_ms,
            status=call.status,
            error=call.error,
            request_size=call.request_size or len(call.request_body),
            response_size=call.response_size or len(call.response_body),
            request_body=call.request_body[:kept],
            response_body=call.response_body[:kept],
            used=int(usage[1]) if usage else None,
            allowed=int(usage[2]) if usage else None,
        )

    return write
