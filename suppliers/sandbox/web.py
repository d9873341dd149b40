"""What protocols over HTTP have in common: addresses, JSON bodies, signed callbacks."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from standardwebhooks import Webhook
from werkzeug.exceptions import MethodNotAllowed, NotFound
from werkzeug.routing import Map, RequestRedirect
from werkzeug.wrappers import Request, Response

from suppliers.sandbox.app import error_response
from suppliers.sandbox.world import SandboxSupplier


class BadRequest(Exception):
    """The request is not of the protocol; the message says where."""


def routed(routes: Map, request: Request) -> tuple[str, Mapping[str, Any]] | Response | None:
    """The endpoint and what the address says; None: not one of these addresses."""
    try:
        return routes.bind_to_environ(request.environ).match()
    except (NotFound, RequestRedirect):
        return None
    except MethodNotAllowed:
        return error_response(405, "This address has no such method.")


def json_object(body: bytes) -> dict[str, Any]:
    """Anything else that is JSON is an object without members."""
    try:
        said = json.loads(body, parse_float=Decimal, parse_int=Decimal)
    except ValueError:
        raise BadRequest("The body is not JSON.") from None
    return said if isinstance(said, dict) else {}


def text_member(said: Mapping[str, Any], name: str) -> str:
    value = said.get(name)
    if not isinstance(value, str) or not value:
        raise BadRequest(f"{name} is missing.")
    return value


def object_member(said: Mapping[str, Any], name: str) -> dict[str, Any]:
    value = said.get(name)
    if not isinstance(value, dict):
        raise BadRequest(f"{name} is missing.")
    return value


def objects_member(said: Mapping[str, Any], name: str, thing: str) -> list[dict[str, Any]]:
    value = said.get(name)
    if not isinstance(value, list) or not value or not all(isinstance(item, dict) for item in value):
        raise BadRequest(f"{name} must be a list with at least one {thing}.")
    return value


def above_zero(value: Any, name: str) -> Decimal:
    if not isinstance(value, Decimal) or not value.is_finite() or value <= 0:
        raise BadRequest(f"{name} must be a number above 0.")
    return value


def text_at(body: bytes | str, *path: str | int) -> str:
    """A text in a body that may be anything at all; empty where it is not there."""
    try:
        value = json.loads(body)
        for step in path:
            value = value[step]
    except (ValueError, TypeError, KeyError, IndexError):
        return ""
    return str(value)


def standard_webhook_headers(supplier: SandboxSupplier, message_id: str, body: bytes) -> dict[str, str]:
    now = datetime.now(UTC)
    return {
        "content-type": "application/json",
        "webhook-id": message_id,
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": Webhook(supplier.webhook_secret).sign(message_id, now, body.decode()),
    }
