"""A clock that is wrong, theirs or ours, costs rows that are read twice and never a change."""

from datetime import UTC, datetime

import pytest

from procurement.sources.clock import answered_at
from suppliers.connectors.http import Reply

NOW = datetime(2026, 6, 1, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("date", "expected"),
    [
        ("Mon, 01 Jun 2026 11:59:00 GMT", datetime(2026, 6, 1, 11, 59, tzinfo=UTC)),
        ("Mon, 01 Jun 2026 13:58:00 +0200", datetime(2026, 6, 1, 11, 58, tzinfo=UTC)),
        ("Fri, 01 Jan 2100 00:00:00 GMT", NOW),
        ("Mon, 01 Jun 2026 11:59:00 -0000", NOW),
        ("yesterday", NOW),
        ("", NOW),
    ],
)
def test_time_of_an_answer_is_that_of_the_clock_that_is_behind(date, expected):
    assert answered_at(Reply(200, {"date": date}, b"", NOW)) == expected
