"""Who may call which API operation."""

from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.views import APIView


class HoldsPermission(BasePermission):
    """Any one of the view's `allowed` for this method is enough."""

    message = "Your role does not allow this."

    def has_permission(self, request: Request, view: APIView) -> bool:
        allowed: dict[str, tuple[str, ...]] = view.allowed  # type: ignore[attr-defined]
        names = allowed.get(request.method or "", allowed.get("*", ()))
        return bool(request.user.is_authenticated) and any(request.user.has_perm(name) for name in names)
