"""Jobs in words and small pictures."""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from math import sqrt
from typing import Any

from django import template
from django.utils import timezone
from django.utils.formats import number_format
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from procurement.alerts import TITLES
from procurement.engine.caveats import lasted
from procurement.models import JobRun

register = template.Library()
LOOKS = {"queued": "running", "parts": "running", "partly": "warn", "skipped": "warn", "waiting": "running"}
UNITS = ((10_080, "week"), (1_440, "day"), (60, "hour"))


@register.simple_tag
def job_pill(row: Any) -> SafeString:
    """Of a run or a part."""
    return format_html(
        '<span class="pill pill-{}">{}</span>',
        LOOKS.get(row.state, row.state),
        row.get_state_display().lower(),
    )


@register.filter
def rhythm(minutes: int) -> str:
    for size, unit in UNITS:
        if minutes % size == 0:
            return f"every {unit}" if minutes == size else f"every {minutes // size} {unit}s"
    return "every minute" if minutes == 1 else f"every {minutes} minutes"


@register.filter
def took(length: Any) -> str:
    """0.4 s, 12 s, 3 min, 2 h: one unit, as short as a table wants it."""
    if not isinstance(length, timedelta):
        return "–"
    seconds = max(0.0, length.total_seconds())
    if seconds < 9.95:
        return f"{seconds:.1f} s"
    if seconds < 120:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 7200 else f"{seconds / 3600:.0f} h"


@register.filter
def next_words(at: Any) -> str:
    if not isinstance(at, datetime):
        return "never"
    left = at - timezone.now()
    if left <= timedelta(0):
        return "due now"
    return "within a minute" if left < timedelta(minutes=1) else f"in {lasted(left)}"


@register.filter
def lasting(since: datetime) -> str:
    return lasted(timezone.now() - since)


@register.filter
def alert_title(kind: str) -> str:
    return TITLES.get(kind, kind)


@register.filter
def count_words(counts: Any) -> str:
    """ "2 prices changed · 40 as before"; what has another shape is left out."""
    if not isinstance(counts, Mapping):
        return ""
    told = [(words, count) for words, count in counts.items() if isinstance(count, int) and count]
    return " · ".join(
        f"{number_format(count, force_grouping=True)} {_one(words) if count == 1 else words}"
        for words, count in told
    )


def _one(words: str) -> str:
    """The first plural made a singular: what is counted comes first."""
    return re.sub(r"(\w{3,})s\b", r"\1", words, count=1)


@register.simple_tag
def run_bars(runs: Sequence[JobRun], width: int = 130, height: int = 28) -> SafeString:
    """The last runs, oldest first: how long each took, and in another colour those that failed."""
    if not runs:
        return mark_safe("")
    # Roots, so that one long run does not flatten all others.
    lengths = [sqrt(max(run.duration.total_seconds(), 0.0)) if run.duration else 0.0 for run in runs]
    top, step = max(*lengths, 0.05), min(width / len(runs), 9.0)
    bars = [
        (run.state, f"{at * step:.2f}", f"{height - tall:.2f}", f"{max(step - 1.5, 0.8):.2f}", f"{tall:.2f}")
        for at, (run, tall) in enumerate(
            zip(runs, (max(n / top * (height - 2), 3.0) for n in lengths), strict=True)
        )
    ]
    rects = format_html_join("", '<rect class="run-{}" x="{}" y="{}" width="{}" height="{}" rx="1"/>', bars)
    bad = sum(run.state in JobRun.BAD for run in runs)
    fared = f"{bad} failed" if bad else "none failed"
    label = f"The last {len(runs)} runs, oldest first: {fared}, the last took {took(runs[-1].duration)}"
    return format_html(
        '<svg class="bars runs" viewBox="0 0 {0} {1}" width="{0}" height="{1}" role="img" aria-label="{2}">{3}</svg>',
        width, height, label, rects,
    )  # fmt: skip
