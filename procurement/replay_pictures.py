"""Two pictures of a replay as inline SVG, stretched to any width: words stand around them, not in them."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

RULES = (("neglected", "Neglected PAR"), ("disciplined", "Disciplined PAR"), ("plan", "Our plan"))
WIDTH, HEIGHT = 1000.0, 320.0
HEADROOM = 1.05

Line = Sequence[tuple[float, float]]


def curves_picture(report: dict[str, Any]) -> SafeString:
    """Stock-out item-days against average stock value; lower and further left is better."""
    lines = {
        rule: [(point["value"], point["short"]) for point in report["curves"][rule]] for rule, _ in RULES
    }
    return _picture(lines, _furthest(report), "Stock-out item-days against average stock value.")


def weeks_picture(report: dict[str, Any]) -> SafeString:
    """Stock value week by week, at equal average stock value."""
    lines = {rule: list(enumerate(report["weekly"][rule])) for rule, _ in RULES}
    return _picture(lines, max(len(report["weeks"]) - 1, 1), "Stock value week by week.")


def curves_scale(report: dict[str, Any]) -> dict[str, float]:
    """What stands at the ends of the axes."""
    return {
        "right": _furthest(report),
        "top": max(point["short"] for rule, _ in RULES for point in report["curves"][rule]),
    }


def weeks_scale(report: dict[str, Any]) -> dict[str, Any]:
    top = max([value for rule, _ in RULES for value in report["weekly"][rule]], default=0.0)
    return {"top": top, "left": report["weeks"][0], "right": report["weeks"][-1]}


def _furthest(report: dict[str, Any]) -> float:
    return float(max(point["value"] for rule, _ in RULES for point in report["curves"][rule])) or 1.0


def _picture(lines: Mapping[str, Line], right: float, label: str) -> SafeString:
    top = max([height for line in lines.values() for _, height in line], default=0.0) * HEADROOM or 1.0
    paths = format_html_join(
        "",
        '<path class="chart-{}" d="{}"><title>{}</title></path>',
        ((rule, _path(lines[rule], right, top), name) for rule, name in RULES),
    )
    return format_html(
        '<svg class="chart" viewBox="0 0 1000 320" preserveAspectRatio="none" role="img" aria-label="{}">'
        '<path class="chart-grid" d="M0 80H1000M0 160H1000M0 240H1000"/>'
        '<path class="chart-axis" d="M0 319H1000"/>{}</svg>',
        label,
        paths,
    )


def _path(line: Line, right: float, top: float) -> str:
    points = [f"{WIDTH * across / right:.1f} {HEIGHT * (1 - up / top):.1f}" for across, up in line]
    return "M" + "L".join(points) if points else ""
