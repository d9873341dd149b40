"""Where systems tell of changes: verify, store raw, answer at once; a job asks for what they told of."""

import logging

from django.contrib.auth.decorators import login_not_required
from django.db import InterfaceError, OperationalError
from django.db.models import F
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt

from orders.callbacks import LONGEST_MESSAGE_ID, callback_body
from procurement.models import EventRefusal, SourceAccount
from procurement.services.source_events import TooManyEvents, event_store
from procurement.services.syncing import source_opened
from procurement.sources.base import Source
from suppliers.connectors.base import CallbackRefused, CallbackRequest
from suppliers.exceptions import ConnectorConfigurationError

log = logging.getLogger(__name__)
LATER = "30"  # seconds


@csrf_exempt
@login_not_required
def event(request: HttpRequest, code: str, rest: str = "") -> HttpResponse:
    """`rest`: what follows the source's address, such as a token."""
    if request.method != "POST":
        response = JsonResponse({"error": "Events are posted."}, status=405)
        response["Allow"] = "POST"
        return response
    source = SourceAccount.objects.filter(code=code).first()
    if source is None:
        return JsonResponse({"error": "There is no such address."}, status=404)
    try:
        return _accept(request, rest, source)
    except CallbackRefused as refusal:
        _count(source, refusal.reason)
        return JsonResponse({"error": str(refusal)}, status=refusal.status)
    except (TooManyEvents, OperationalError, InterfaceError):
        log.exception("An event of %s could not be stored", source.code)
        response = JsonResponse({"error": "We cannot store this now. Please send it again."}, status=503)
        response["Retry-After"] = LATER
        return response


def _accept(request: HttpRequest, rest: str, source: SourceAccount) -> HttpResponse:
    reader = _reader(source)
    headers = {name.lower(): value for name, value in request.headers.items()}
    raw = reader.verify_event(
        CallbackRequest(
            headers=headers,
            body=callback_body(request),
            received_at=timezone.now(),
            path=rest,
            query=request.META.get("QUERY_STRING", ""),
        )
    )
    if not 0 < len(raw.message_id) <= LONGEST_MESSAGE_ID:
        raise CallbackRefused(
            "unreadable", f"An event's id has 1 to {LONGEST_MESSAGE_ID} characters.", status=400
        )
    _, created = event_store(source=source, raw=raw)
    said = reader.event_taken(raw)
    if said is None:
        return JsonResponse({"status": "stored" if created else "already stored"}, status=202)
    return HttpResponse(said.body, status=said.status, content_type=said.content_type)


def _reader(source: SourceAccount) -> Source:
    try:
        return source_opened(source)
    except ConnectorConfigurationError:
        raise CallbackRefused(
            "not_configured", "This address is not set up for events.", status=403
        ) from None


def _count(source: SourceAccount, reason: str) -> None:
    row, _ = EventRefusal.objects.get_or_create(account=source, reason=reason[:40], day=timezone.localdate())
    EventRefusal.objects.filter(pk=row.pk).update(count=F("count") + 1)
