"""The words of an order's life, the same on every page."""

from typing import Any

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

from orders.models import Amendment, Status, TransferJob

register = template.Library()

ORIGINS = {
    "plan": "suggested by the plan",
    "manual": "entered by hand",
    "replacement": "replaces another order",
    "moved": "moved from another supplier",
    "channels": "tries a channel, in the demo",
}


@register.simple_tag
def status_pill(status: str) -> SafeString:
    return format_html('<span class="pill pill-{}">{}</span>', status, Status(status).label)


@register.simple_tag
def transfer_pill(job: TransferJob) -> SafeString:
    return format_html('<span class="pill pill-job-{}">{}</span>', job.status, job.get_status_display())


PILLS = {"asked": "queued", "agreed": "sent", "refused": "failed"}


@register.simple_tag
def amendment_pill(amendment: Amendment) -> SafeString:
    look = PILLS.get(amendment.status, amendment.status)
    return format_html('<span class="pill pill-job-{}">{}</span>', look, amendment.get_status_display())


@register.filter
def asked_for(amendment: Amendment) -> str:
    return "to cancel the order" if amendment.kind == Amendment.Kind.CANCEL else "for other quantities"


@register.filter
def origin_words(origin: str) -> str:
    return ORIGINS.get(origin, origin)


@register.filter
def event_words(kind: str) -> str:
    return kind.replace("_", " ").capitalize()


@register.filter
def is_pair(value: Any) -> bool:
    """A change in an event's data: [old, new]."""
    return isinstance(value, list) and len(value) == 2


@register.simple_tag(takes_context=True)
def query(context: dict[str, Any], **changes: Any) -> str:
    """The current address with some of its parameters changed; None or "" takes one out."""
    params = context["request"].GET.copy()
    for name, value in changes.items():
        if value is None or value == "":
            params.pop(name, None)
        else:
            params[name] = str(value)
    return f"?{params.urlencode()}" if params else "?"
