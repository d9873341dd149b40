"""Suppliers' callbacks: verify, store raw, answer 202; a job reads it later. A refused callback changes no order."""

import logging
import re
from datetime import date

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.db import InterfaceError, OperationalError, transaction
from django.db.models import F
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt

from orders.models import CallbackRefusal
from orders.services.inbound import MessageConflict, message_store
from orders.wakeups import wake
from suppliers.connectors.base import CallbackRefused, CallbackReply, CallbackRequest, Connector
from suppliers.exceptions import ConnectorConfigurationError
from suppliers.models import Supplier
from suppliers.services.connections import connector_for

log = logging.getLogger(__name__)
LONGEST_MESSAGE_ID = 200


@csrf_exempt
@login_not_required
def callback(request: HttpRequest, code: str, rest: str = "") -> HttpResponse:
    """`rest`: what follows the supplier's address; some suppliers are given one of their own for each order."""
    if request.method != "POST":
        response = JsonResponse({"error": "Callbacks are posted."}, status=405)
        response["Allow"] = "POST"
        return response
    connector = None
    try:
        try:
            body = callback_body(request)
            supplier, connector = _addressee(code)
            return _accept(request, rest, body, supplier, connector)
        except CallbackRefused as refusal:
            _count(code, refusal.reason)
            said = connector.callback_refused(refusal) if connector else None
            return _reply(said) or JsonResponse({"error": str(refusal)}, status=refusal.status)
    except (OperationalError, InterfaceError):
        log.exception("A callback could not be stored")
        response = JsonResponse({"error": "We cannot store this now. Please send it again."}, status=503)
        response["Retry-After"] = "30"
        return response


def _addressee(code: str) -> tuple[Supplier, Connector]:
    # Also of one that is not active any more: it still answers what was ordered before.
    supplier = Supplier.objects.select_related("account").filter(code=code).first()
    if supplier is None or not hasattr(supplier, "account"):
        raise CallbackRefused("unknown_supplier", "There is no such callback address.", status=404)
    try:
        return supplier, connector_for(supplier)
    except ConnectorConfigurationError:
        raise _not_configured(code) from None


def _accept(
    request: HttpRequest, rest: str, body: bytes, supplier: Supplier, connector: Connector
) -> HttpResponse:
    headers = {name.lower(): value for name, value in request.headers.items()}
    try:
        raw = connector.verify_callback(
            CallbackRequest(
                headers=headers,
                body=body,
                received_at=timezone.now(),
                path=rest,
                query=request.META.get("QUERY_STRING", ""),
            )
        )
    except ConnectorConfigurationError:
        raise _not_configured(supplier.code) from None
    if not 0 < len(raw.message_id) <= LONGEST_MESSAGE_ID:
        raise CallbackRefused(
            "unreadable", f"A message id has 1 to {LONGEST_MESSAGE_ID} characters.", status=400
        )
    try:
        with transaction.atomic():
            message, created = message_store(supplier=supplier, raw=raw)
            if created:
                wake("orders.tasks.process_inbound", message.pk)
    except MessageConflict as conflict:
        raise CallbackRefused("id_reused", str(conflict), status=409) from None
    said = connector.callback_taken(raw, repeated=not created)
    return _reply(said) or JsonResponse({"status": "stored" if created else "already stored"}, status=202)


def _reply(said: CallbackReply | None) -> HttpResponse | None:
    if said is None:
        return None
    return HttpResponse(said.body, status=said.status, content_type=said.content_type)


def _not_configured(code: str) -> CallbackRefused:
    log.exception("Callbacks of %s cannot be verified", code)
    return CallbackRefused("not_configured", "This address is not set up for callbacks.", status=403)


def callback_body(request: HttpRequest) -> bytes:
    """Of bounded size. Raises `CallbackRefused`."""
    limit = settings.CALLBACK_MAX_BYTES
    too_large = CallbackRefused("too_large", f"A callback may be {limit // 1024} KiB at most.", status=413)
    declared = request.headers.get("Content-Length", "0")
    if not re.fullmatch("[0-9]{1,18}", declared):
        raise CallbackRefused("unreadable", "Content-Length is not a number.", status=400)
    if int(declared) > limit:
        raise too_large
    try:
        body = request.read(limit + 1)
    except OSError:
        raise CallbackRefused("unreadable", "The body broke off.", status=400) from None
    if len(body) > limit:
        raise too_large
    return body


def _count(code: str, reason: str) -> None:
    known = code if Supplier.objects.filter(code=code).exists() else "(unknown)"
    today: date = timezone.localdate()
    row, _ = CallbackRefusal.objects.get_or_create(supplier_code=known[:40], reason=reason[:40], day=today)
    CallbackRefusal.objects.filter(pk=row.pk).update(count=F("count") + 1)
