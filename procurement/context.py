"""What every page shows around its content. Given as callables: a partial that shows none of it asks for none of it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone

from orders.models import InboundMessage, TransferJob
from procurement.supervisor import sign_of_life_age

SILENT_AFTER = timedelta(minutes=3)
THEMES = (("auto", "Auto"), ("light", "Light"), ("dark", "Dark"))

# Label, label on a phone, icon, address name, the start of the addresses it stands for. In the order the goods go.
PLACES = (
    ("Work queue", "Queue", "queue", "home", "/"),
    ("Demand & stock", "Stock", "stock", "stock", "/stock/"),
    ("Plan", "Plan", "plan", "plan-list", "/plan/"),
    ("Orders", "Orders", "orders", "order-list", "/orders/"),
    ("Suppliers", "Suppliers", "suppliers", "supplier-list", "/suppliers/"),
)


@dataclass(frozen=True, slots=True)
class Place:
    label: str
    short: str
    icon: str
    url: str
    current: bool
    count: int = 0


def chrome(request: HttpRequest) -> dict[str, Any]:
    theme = request.COOKIES.get("theme", "")
    return {
        "navigation": _navigation(request),
        "worker_silent": worker_silence,
        "roles": lambda: list(request.user.groups.values_list("name", flat=True)),
        "base_currency": settings.BASE_CURRENCY,
        "theme": theme if theme in dict(THEMES) else "auto",
        "themes": THEMES,
    }


def _navigation(request: HttpRequest) -> Callable[[], list[Place]]:
    def places() -> list[Place]:
        path = request.path
        found = [
            Place(
                label, short, icon, reverse(name), path == start if start == "/" else path.startswith(start)
            )
            for label, short, icon, name, start in PLACES
        ]
        unread = InboundMessage.objects.filter(status=InboundMessage.Status.PARKED).count()
        if unread or path.startswith("/inbox/"):
            found.append(
                Place("Inbox", "Inbox", "inbox", reverse("inbox"), path.startswith("/inbox/"), unread)
            )
        return found

    return places


def worker_silence() -> str:
    """What to tell people when nothing is done in the background; empty while all is well."""
    silence = sign_of_life_age(now=timezone.now())
    if silence is None:
        waiting = TransferJob.objects.filter(
            status=TransferJob.Status.QUEUED, created_at__lt=timezone.now() - SILENT_AFTER
        )
        return (
            "The background worker has not started yet. Approved orders wait for it."
            if waiting.exists()
            else ""
        )
    if silence <= SILENT_AFTER:
        return ""
    minutes = int(silence.total_seconds() // 60)
    length = f"{minutes} minutes" if minutes < 120 else f"{minutes // 60} hours"
    return f"The background worker was last seen {length} ago. Approved orders wait until it runs again."
