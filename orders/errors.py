"""One place that turns the error trees into HTTP answers,
for pages (middleware) and for the API (handler).
"""

from collections.abc import Iterator
from typing import Any

from rest_framework.exceptions import ValidationError
from rest_framework.response import Response
from rest_framework.views import exception_handler

from orders.exceptions import InvalidInput, OrderError
from suppliers.exceptions import (
    AuthenticationFailed,
    ConnectorConfigurationError,
    ConnectorError,
    RateLimited,
    UnsupportedOperation,
)


def http_status(error: Exception) -> int | None:
    """The status for an error a person should read; None for everything else, which stays a bug."""
    match error:
        case UnsupportedOperation() | ConnectorConfigurationError():
            return 409
        case RateLimited():
            return 503
        case AuthenticationFailed() | ConnectorError():
            return 502
        case OrderError():
            return error.status
    # Planning sits above orders; its errors carry their status without being imported here.
    status = getattr(type(error), "status", None)
    return status if isinstance(status, int) and not hasattr(error, "status_code") else None


def api_exception_handler(error: Exception, context: dict[str, Any]) -> Response | None:
    """Every refusal has the same shape: `error`, `message`, and `fields` where it is about what was entered."""
    status = http_status(error)
    if status is None:
        response = exception_handler(error, context)
        if response is not None:
            response.data = _body(error, response.data)
        return response
    body: dict[str, Any] = {"error": type(error).__name__, "message": str(error)}
    if isinstance(error, InvalidInput) and error.field:
        body["fields"] = {error.field: [str(error)]}
    return Response(body, status=status)


def _body(error: Exception, data: Any) -> dict[str, Any]:
    if not isinstance(error, ValidationError):
        return {"error": type(error).__name__, "message": str(data["detail"])}
    fields = dict(_flatten(data))
    said = "; ".join(
        f"{name}: {' '.join(words)}" if name else " ".join(words) for name, words in fields.items()
    )
    return {"error": "InvalidInput", "message": said, "fields": fields}


def _flatten(data: Any, path: str = "") -> Iterator[tuple[str, list[str]]]:
    """`{"lines": {1: {"quantity": ["No."]}}}` becomes `("lines.2.quantity", ["No."])`; people count from one."""
    if isinstance(data, dict):
        for name, inner in data.items():
            step = name + 1 if isinstance(name, int) else name
            inner_path = path if name == "non_field_errors" else f"{path}.{step}".lstrip(".")
            yield from _flatten(inner, inner_path)
    else:
        yield path, [str(item) for item in data] if isinstance(data, list) else [str(data)]
