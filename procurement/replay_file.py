"""The report of a replay as one HTML file that needs nothing else: to be handed on, or printed."""

from pathlib import Path
from typing import Any

from django.contrib.staticfiles import finders
from django.template.loader import render_to_string


def lists(report: dict[str, Any]) -> list[tuple[str, list[dict[str, Any]], str]]:
    """Titles, items, and what to say where there are none."""
    return [
        ("Where our plan ran out less", report.get("gains", []), "No item ran out on fewer days."),
        ("Where our plan ran out more", report.get("losses", []), "No item ran out on more days."),
    ]


def replay_html(report: dict[str, Any]) -> str:
    style = Path(str(finders.find("app.css"))).read_text(encoding="utf-8")
    context = {"report": report, "lists": lists(report), "style": style}
    return render_to_string("procurement/replay_file.html", context)
