"""One supplier protocol as a server speaks it: what each `suppliers.sandbox.<protocol>.Protocol` is made from."""

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, ClassVar, Protocol

import requests
from werkzeug.wrappers import Request, Response

from suppliers.sandbox.ledger import DueCallback, PlacedOrder
from suppliers.sandbox.trade import Answer, Struck, answers
from suppliers.sandbox.world import SandboxSupplier

if TYPE_CHECKING:
    from suppliers.sandbox.app import SandboxApp


class Party(Protocol):
    """Who is spoken to."""

    @property
    def code(self) -> str: ...

    @property
    def client_secret(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Call:
    """A request that a protocol recognises. `act` does it; `note` records that it came and did nothing."""

    supplier: Party
    operation: str
    act: Callable[[Struck], Response]
    note: Callable[[str], None] = field(default=lambda why: None)


@dataclass(frozen=True, slots=True)
class SignedCallback:
    """What a supplier has to say, ready to be sent."""

    id: int
    supplier: str
    message_id: str
    headers: dict[str, str]
    body: bytes
    address: str = ""  # the one named in the order, where the protocol has that


class Recogniser(Protocol):
    def recognise(self, request: Request) -> Call | Response | None:
        """None: not one of this protocol's addresses."""
        ...


class SandboxProtocol(ABC):
    """One supplier protocol as a server speaks it; `suppliers.sandbox.<protocol>.Protocol` of each."""

    tells: ClassVar[frozenset[str]] = frozenset({"confirmed", "rejected", "shipped"})  # what it has words for

    def __init__(self, app: "SandboxApp") -> None:
        self.app = app

    # A protocol that is not HTTP listens on a port of its own. Which one follows from the sandbox's port, as the
    # addresses of its suppliers are wanted before it runs.
    def bind(self, host: str, port: int) -> None:  # noqa: B027  most need no port of their own
        """Take the port that belongs to a sandbox at `port`. Raises OSError where somebody has it."""

    def start(self) -> None:  # noqa: B027
        """Begin to serve at what was bound."""

    def stop(self) -> None:  # noqa: B027
        """Give everything back, also where nothing was bound or started."""

    @abstractmethod
    def recognise(self, request: Request) -> Call | Response | None:
        """None: not one of this protocol's addresses."""

    @staticmethod
    @abstractmethod
    def account_settings(supplier: SandboxSupplier, origin: str) -> dict[str, str]:
        """What a buyer enters to reach this supplier."""

    @staticmethod
    def account_credentials(supplier: SandboxSupplier) -> dict[str, str]:
        """And what the buyer needs to be let in and to believe the answers, by the connector's names."""
        return {name: getattr(supplier, name) for name in ("client_id", "client_secret", "webhook_secret")}


class AnsweringProtocol(SandboxProtocol):
    """One whose suppliers answer by themselves, some time after they took an order."""

    def schedule_answers(self, supplier: SandboxSupplier, order: PlacedOrder, *, address: str = "") -> None:
        """Call inside the ledger's transaction: an order and its answers stand or fall together."""
        timing = self.app.timing
        confirm_at = datetime.now(UTC) + timedelta(seconds=timing.confirm_after)
        ship_at = confirm_at + timedelta(seconds=timing.ship_after)
        if supplier.wrong_order:
            confirm_at, ship_at = ship_at, confirm_at
        for answer in (answer for answer in answers(supplier, order) if answer.kind in self.tells):
            due_at = (
                ship_at + timedelta(milliseconds=200 * answer.part)
                if answer.kind == "shipped"
                else confirm_at
            )
            for copy in range(2 if supplier.duplicate_callbacks else 1):
                self.app.ledger.callback_add(
                    supplier=supplier.code,
                    order_id=order.id,
                    message_id=self.callback_id(order, answer),
                    body=self.callback_body(supplier, order, answer).decode(),
                    due_at=due_at + timedelta(milliseconds=300 * copy),
                    address=address,
                )
        self.app.said_something.set()

    @abstractmethod
    def callback_body(self, supplier: SandboxSupplier, order: PlacedOrder, answer: Answer) -> bytes:
        """The answer in the protocol's own words."""

    def callback_id(self, order: PlacedOrder, answer: Answer) -> str:
        """Empty where callbacks of this protocol carry no id."""
        # The reference keeps ids apart when a ledger was thrown away and counts from 1 again.
        return f"msg_{order.reference}_{order.id}_{answer.kind}_{answer.part}"

    def callback_headers(self, supplier: SandboxSupplier, message_id: str, body: bytes) -> dict[str, str]:
        """What goes with it, made when it is sent; nothing where answers are no HTTP requests."""
        return {}

    def sign(self, due: DueCallback) -> SignedCallback:
        body = due.body.encode()
        headers = self.callback_headers(self.app.suppliers[due.supplier], due.message_id, body)
        return SignedCallback(due.id, due.supplier, due.message_id, headers, body, due.address)

    def deliver(self, session: requests.Session, url: str, callback: SignedCallback) -> requests.Response:
        return session.post(
            url, data=callback.body, headers=callback.headers, timeout=(3, 20), allow_redirects=False
        )
