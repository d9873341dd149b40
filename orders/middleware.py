"""Errors that a person should read become a page with the right status, wherever they were raised."""

from collections.abc import Callable

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from orders.errors import http_status


class OrderErrorMiddleware:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if "\0" in request.path_info:  # names nothing, and PostgreSQL does not even look
            raise Http404
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        status = http_status(error)
        if status is None:
            return None
        return render(
            request, "message.html", {"title": "That did not work", "text": str(error)}, status=status
        )
