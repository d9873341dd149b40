"""What a plan says of the forecaster that the settings name, where it was not used for all items."""

from django.conf import settings
from django.db.models import Count
from django.db.models.fields.json import KT

from procurement.models import PlanRun

SAID = 5  # ways in which it failed


def forecaster_notes(run: PlanRun) -> list[str]:
    if not settings.FORECASTER:
        return []
    failed = run.requirements.filter(reason__demand__has_key="forecaster").order_by()
    by_words = failed.annotate(words=KT("reason__demand__forecaster")).values("words")
    found = by_words.annotate(items=Count("pk")).order_by("-items", "words")[:SAID]
    return [f"{_items(row['items'])} forecast by our own forecaster: {row['words']}." for row in found]


def _items(count: int) -> str:
    return "1 item was" if count == 1 else f"{count:,} items were"
