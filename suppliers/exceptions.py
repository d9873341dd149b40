"""What can go wrong between us and a supplier.

A supplier's "no" is a value (`OrderResponse`), never an exception. `retryable` says whether the same call may
be made again without asking anybody; after a POST it is true only where the order certainly did not arrive.
"""

from datetime import timedelta
from typing import ClassVar


class ConnectorError(Exception):
    """Root of every failure of a supplier connection; the message is fit to be shown to a buyer."""

    retryable: ClassVar[bool] = False

    def __init__(
        self,
        message: str,
        *,
        status: int | None = None,
        detail: str = "",
        retry_after: timedelta | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status  # HTTP status, where there was one
        self.detail = detail  # the supplier's own words, shortened and redacted
        self.retry_after = retry_after  # how long the supplier asked us to wait, where it did


class NotDelivered(ConnectorError):
    """The request never left us (no connection, no token): try again."""

    retryable = True


class RateLimited(ConnectorError):
    """The supplier asked us to wait; it did not act."""

    retryable = True


class CallsUsedUp(RateLimited):
    """We would call more often than the supplier allows, so we did not call."""


class TimeUsedUp(CallsUsedUp):
    """Whoever asks had only so much time, and that is over, so we did not call."""


class SupplierUnavailable(ConnectorError):
    """The supplier answered that it cannot work now and did not act, or a read failed: try again."""

    retryable = True


class OutcomeUnknown(ConnectorError):
    """The order may or may not have arrived. Never send again before `find_order` has answered."""


class AuthenticationFailed(ConnectorError):
    """Credentials refused: stop this supplier's jobs and tell an administrator."""


class ProtocolError(ConnectorError):
    """The supplier sent what its protocol does not allow, or refused our request as wrong.
    Kept raw, not retried.
    """


class UnsupportedOperation(ConnectorError):
    """This connection has no such operation."""


class ConnectorConfigurationError(Exception):
    """An administrator must complete the supplier's settings.
    Outside the tree, so that no retry swallows it.
    """
