"""How many of the organisation's calls are used, as answers tell it."""

from datetime import UTC, datetime

import pytest

from procurement.sources.salesforce.client import usage_told
from suppliers.connectors.http import Reply


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("api-usage=25/15000", (25, 15000)),
        ("api-usage=25/15000; per-app-api-usage=17/250(appName=sample)", (25, 15000)),
        ("per-app-api-usage=17/250(appName=sample); api-usage=25/15000", (25, 15000)),
        ("per-app-api-usage=17/250(appName=sample)", None),
        ("api-usage=0/0", None),
        ("api-usage=many/15000", None),
        ("", None),
    ],
)
def test_usage_is_that_of_the_whole_organisation(header, expected):
    reply = Reply(200, {"sforce-limit-info": header}, b"", datetime(2026, 6, 1, tzinfo=UTC))
    assert usage_told(reply) == expected
