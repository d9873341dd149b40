"""Pictures and words of a replay, for its page and its file."""

from datetime import date
from typing import Any

from django import template
from django.conf import settings
from django.utils.safestring import SafeString

from procurement import replay_pictures, replay_words

register = template.Library()


@register.simple_tag
def replay_curves(report: dict[str, Any]) -> SafeString:
    return replay_pictures.curves_picture(report)


@register.simple_tag
def replay_weeks(report: dict[str, Any]) -> SafeString:
    return replay_pictures.weeks_picture(report)


@register.filter
def curves_scale(report: dict[str, Any]) -> dict[str, float]:
    return replay_pictures.curves_scale(report)


@register.filter
def weeks_scale(report: dict[str, Any]) -> dict[str, Any]:
    return replay_pictures.weeks_scale(report)


@register.filter
def replay_rows(report: dict[str, Any]) -> list[replay_words.Row]:
    return replay_words.rows(report)


@register.filter
def verdicts(report: dict[str, Any]) -> list[str]:
    return replay_words.verdicts(report)


@register.filter
def fine_print(report: dict[str, Any]) -> list[str]:
    return replay_words.fine_print(report)


@register.filter
def ratio_words(ratio: dict[str, Any]) -> str:
    return replay_words.ratio_words(ratio)


@register.filter
def measured(value: float, kind: str) -> str:
    """As its kind is written: 1,234 days, 97.3 %, 1,234.00 GBP comes without its currency."""
    return f"{value:.1%}" if kind == "share" else f"{value:,.0f}"


@register.filter
def iso_day(text: str) -> str:
    day = date.fromisoformat(text)
    return f"{day.day} {day:%b %Y}"


@register.simple_tag
def currency_of(report: dict[str, Any]) -> str:
    return str(report["currency"]) if report["currency"] else settings.BASE_CURRENCY
