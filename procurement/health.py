"""GET /healthz: is everything that must run running? For machines; tells no secrets and needs no login."""

from django.contrib.auth.decorators import login_not_required
from django.db import DatabaseError
from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from django_q.brokers import get_broker

from procurement.supervisor import WORKER_SILENCE, heartbeat_age


@require_safe
@never_cache
@login_not_required
def healthz(request: HttpRequest) -> JsonResponse:
    try:
        age = heartbeat_age()
        queue = get_broker().queue_size()
    except DatabaseError:
        return JsonResponse({"database": "down", "worker_seconds_ago": None, "queue": None}, status=503)
    return JsonResponse(
        {
            "database": "ok",
            "worker_seconds_ago": None if age is None else round(age.total_seconds()),
            "queue": queue,
        },
        status=200 if age is not None and age <= WORKER_SILENCE else 503,
    )
