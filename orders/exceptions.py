"""Why an order could not be changed as asked.
The message is for the person who asked; `status` is the HTTP answer.
"""

from typing import ClassVar


class OrderError(Exception):
    status: ClassVar[int] = 400


class InvalidInput(OrderError):
    """What was entered cannot be: says which field or line, and why."""

    def __init__(self, message: str, *, field: str = "") -> None:
        super().__init__(message)
        self.field = field


class InvalidTransition(OrderError):
    status = 409


class ConcurrentTransition(OrderError):
    """Somebody else was faster."""

    status = 409


class ApprovalRequired(OrderError):
    status = 409


class ApprovalNotAllowed(OrderError):
    status = 403


class OrderNotEditable(OrderError):
    status = 409


class TransferInProgress(OrderError):
    status = 409
