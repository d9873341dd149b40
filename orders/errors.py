"""One place that turns the error trees into HTTP answers,
for pages (middleware) and for the API (handler).
"""

from typing import Any

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
    status = http_status(error)
    if status is None:
        return exception_handler(error, context)
    body = {"error": type(error).__name__, "message": str(error)}
    if isinstance(error, InvalidInput) and error.field:
        body["field"] = error.field
    return Response(body, status=status)
