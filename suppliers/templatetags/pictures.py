"""Icons and small charts as inline SVG: no font, no script, nothing a strict content policy would refuse."""

from collections.abc import Sequence
from typing import Any

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from suppliers.templatetags.figures import to_decimal

register = template.Library()

# Drawn on a 20 x 20 grid with a 1.6 stroke.
ICONS = {
    "queue": "M4 5h12M4 10h12M4 15h7M14 14l1.6 1.6L18 13",
    "stock": "M3 6.5 10 3l7 3.5v7L10 17l-7-3.5zM3 6.5l7 3.5 7-3.5M10 10v7",
    "plan": "M3 16.5h14M4 13l4-4.5 3 2.5 5-6M12.8 5H16v3.2",
    "orders": "M5 2.8h7l3.5 3.5V17H5zM12 2.8v3.7h3.5M7.5 10h5.5M7.5 13.2h5.5",
    "suppliers": "M2.5 5.5h9v8h-9zM11.5 8.5h3.3l2.7 2.8v2.2h-6"
    "M5.5 15.8a1.7 1.7 0 1 0 0-.1M13.6 15.8a1.7 1.7 0 1 0 0-.1",
    "inbox": "M3 11.5 5.2 4h9.6l2.2 7.5V16H3zM3 11.5h4.2l1.1 2h3.4l1.1-2H17",
    "search": "M8.7 14.2a5.5 5.5 0 1 0 0-11 5.5 5.5 0 0 0 0 11zM12.8 12.8 17 17",
    "user": "M10 9.6a3.1 3.1 0 1 0 0-6.2 3.1 3.1 0 0 0 0 6.2zM3.8 16.8c.7-3 3.1-4.6 6.2-4.6s5.5 1.6 6.2 4.6",
    "theme": "M10 3a7 7 0 1 0 7 7 5.4 5.4 0 0 1-7-7z",
    "alert": "M10 3.2 17.6 16.4H2.4zM10 8v4M10 14.1v.2",
    "check": "M4 10.5 8.2 14.7 16 6",
    "cross": "M5 5l10 10M15 5 5 15",
    "clock": "M10 17a7 7 0 1 0 0-14 7 7 0 0 0 0 14zM10 6v4.2l2.7 1.8",
    "chevron": "M8 5l5 5-5 5",
    "undo": "M7 5 3.5 8.5 7 12M4 8.5h8a4 4 0 0 1 0 8H8",
    "copy": "M7 7V3.5h9.5V13H13M3.5 7H13v9.5H3.5z",
    "send": "M17 3 9 11M17 3l-5 14-3-6-6-3z",
    "download": "M10 3v9M6.5 8.8 10 12.3l3.5-3.5M3.5 16.5h13",
    "question": "M7.4 7.2a2.7 2.7 0 1 1 4 2.5c-1 .6-1.4 1.1-1.4 2.3M10 14.6v.2",
    "exit": "M12 4V3H4v14h8v-1M8.5 10H17M14 7l3 3-3 3",
    "gear": "M10 12.6a2.6 2.6 0 1 0 0-5.2 2.6 2.6 0 0 0 0 5.2zM10 2.8v2M10 15.2v2M2.8 10h2M15.2 10h2M4.9 4.9l1.4 1.4"
    "M13.7 13.7l1.4 1.4M15.1 4.9l-1.4 1.4M6.3 13.7l-1.4 1.4",
}  # fmt: skip


@register.simple_tag
def icon(name: str) -> SafeString:
    return format_html(
        '<svg class="icon" viewBox="0 0 20 20" width="20" height="20" aria-hidden="true" focusable="false">'
        '<path d="{}"/></svg>',
        ICONS[name],
    )


def _numbers(values: Any) -> list[float]:
    if not isinstance(values, Sequence) or isinstance(values, str):
        return []
    return [float(to_decimal(value) or 0) for value in values]


@register.simple_tag
def bars(values: Any, label: str = "", width: int = 130, height: int = 28) -> SafeString:
    """A small bar chart, oldest first. The label carries the numbers for those who do not see it."""
    numbers = _numbers(values)
    if not numbers:
        return mark_safe("")
    step = width / len(numbers)
    top = max(*numbers, 1e-9) if len(numbers) > 1 else max(numbers[0], 1e-9)
    rects = format_html_join(
        "",
        '<rect x="{}" y="{}" width="{}" height="{}"/>',
        (
            (f"{i * step:.2f}", f"{height - h:.2f}", f"{max(step - 1, 0.6):.2f}", f"{h:.2f}")
            for i, h in enumerate(max(number / top * (height - 1), 0.6) for number in numbers)
        ),
    )
    return format_html(
        '<svg class="bars" viewBox="0 0 {0} {1}" width="{0}" height="{1}" role="img" aria-label="{2}"'
        ' preserveAspectRatio="none">{3}</svg>',
        width, height, label or f"{len(numbers)} values, highest {top:g}", rects,
    )  # fmt: skip


@register.simple_tag
def cover_bar(days: Any, need: Any) -> SafeString:
    """Days of cover against the days that must be covered: a bar with a mark at the need."""
    have, must = to_decimal(days), to_decimal(need)
    if have is None or not must:
        return mark_safe("")
    scale = max(float(must) * 2, 1.0)
    filled = min(max(float(have), 0.0) / scale, 1.0) * 60
    return format_html(
        '<svg class="cover" viewBox="0 0 60 6" width="60" height="6" aria-hidden="true">'
        '<rect class="cover-bed" width="60" height="6" rx="3"/><rect class="cover-fill" width="{}" height="6" rx="3"/>'
        '<rect class="cover-mark" x="29.5" width="1" height="6"/></svg>',
        f"{filled:.1f}",
    )


@register.simple_tag
def rate_line(values: Any, name: str = "", width: int = 130, height: int = 28) -> SafeString:
    """How something moved, oldest first: a line between its own lowest and highest."""
    numbers = _numbers(values)
    if len(numbers) < 2:
        return mark_safe("")
    low, high = min(numbers), max(numbers)
    span = (high - low) or 1.0
    step = (width - 2) / (len(numbers) - 1)
    points = " ".join(
        f"{1 + at * step:.1f},{height - 2 - (number - low) / span * (height - 4):.1f}"
        for at, number in enumerate(numbers)
    )
    return format_html(
        '<svg class="trend" viewBox="0 0 {0} {1}" width="{0}" height="{1}" role="img" aria-label="{2}">'
        '<polyline points="{3}"/></svg>',
        width, height, f"{name} between {low:g} and {high:g}".strip(), points,
    )  # fmt: skip
