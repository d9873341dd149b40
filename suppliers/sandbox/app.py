"""The web application of the sandbox: routes to protocols, lets faults strike, admin addresses."""

import json
import threading
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from importlib import import_module
from typing import Any, ClassVar

import requests
from werkzeug.exceptions import HTTPException, NotFound
from werkzeug.wrappers import Request, Response

from suppliers.connectors.jsondata import dumps
from suppliers.sandbox.faults import Fault, Faults, Kind
from suppliers.sandbox.ledger import Ledger, PlacedOrder
from suppliers.sandbox.trade import Answer, Struck, answers
from suppliers.sandbox.world import SandboxSupplier


class Dropped(Exception):
    """The connection is to be cut without an answer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Timing:
    """Seconds until the supplier says something."""

    confirm_after: float = 1.5
    ship_after: float = 3.0
    token_lifetime: float = 3600.0


@dataclass(frozen=True, slots=True)
class Call:
    """A request that a protocol recognises. `act` does it; `note` records that it came and did nothing."""

    supplier: SandboxSupplier
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

    @abstractmethod
    def callback_body(self, supplier: SandboxSupplier, order: PlacedOrder, answer: Answer) -> bytes: ...

    def callback_id(self, order: PlacedOrder, answer: Answer) -> str:
        """Empty where callbacks of this protocol carry no id."""
        # The reference keeps ids apart when a ledger was thrown away and counts from 1 again.
        return f"msg_{order.reference}_{order.id}_{answer.kind}_{answer.part}"

    @abstractmethod
    def callback_headers(self, supplier: SandboxSupplier, message_id: str, body: bytes) -> dict[str, str]: ...

    def deliver(self, session: requests.Session, url: str, callback: SignedCallback) -> requests.Response:
        return session.post(
            url, data=callback.body, headers=callback.headers, timeout=(3, 20), allow_redirects=False
        )


def protocol_class(name: str) -> type[SandboxProtocol]:
    found: type[SandboxProtocol] = import_module(f"suppliers.sandbox.{name}").Protocol
    return found


def account_settings(supplier: SandboxSupplier, origin: str) -> dict[str, str]:
    """What a buyer enters to reach `supplier` in a sandbox that listens at `origin`."""
    return protocol_class(supplier.protocol).account_settings(supplier, origin)


def account_credentials(supplier: SandboxSupplier) -> dict[str, str]:
    return protocol_class(supplier.protocol).account_credentials(supplier)


class SandboxApp:
    def __init__(self, suppliers: Iterable[SandboxSupplier], *, ledger: Ledger, timing: Timing) -> None:
        self.suppliers = {supplier.code: supplier for supplier in suppliers}
        self.ledger = ledger
        self.timing = timing
        self.faults = Faults()
        self.stopping = threading.Event()
        self.said_something = threading.Event()  # wakes the deliverer
        self.protocols: dict[str, SandboxProtocol] = {}
        for name in sorted({supplier.protocol for supplier in self.suppliers.values()}):
            self.protocols[name] = protocol_class(name)(self)

    def protocol_of(self, code: str) -> SandboxProtocol:
        return self.protocols[self.suppliers[code].protocol]

    def stop_protocols(self) -> None:
        for protocol in self.protocols.values():
            protocol.stop()

    def respond(self, request: Request) -> Response:
        """Raises `Dropped` where the connection is to be cut."""
        try:
            if request.path.startswith("/_sandbox/"):
                return self._admin(request)
            for protocol in self.protocols.values():
                found = protocol.recognise(request)
                if isinstance(found, Response):
                    return found
                if found is not None:
                    return self._with_faults(found, self.faults.take(found.supplier.code, found.operation))
            raise NotFound
        except HTTPException as error:
            return json_response({"error": {"message": error.description}}, error.code or 500)

    def schedule_answers(self, supplier: SandboxSupplier, order: PlacedOrder, *, address: str = "") -> None:
        """Call inside the ledger's transaction: an order and its answers stand or fall together."""
        protocol = self.protocols[supplier.protocol]
        confirm_at = datetime.now(UTC) + timedelta(seconds=self.timing.confirm_after)
        ship_at = confirm_at + timedelta(seconds=self.timing.ship_after)
        if supplier.wrong_order:
            confirm_at, ship_at = ship_at, confirm_at
        for answer in (answer for answer in answers(supplier, order) if answer.kind in protocol.tells):
            due_at = (
                ship_at + timedelta(milliseconds=200 * answer.part)
                if answer.kind == "shipped"
                else confirm_at
            )
            for copy in range(2 if supplier.duplicate_callbacks else 1):
                self.ledger.callback_add(
                    supplier=supplier.code,
                    order_id=order.id,
                    message_id=protocol.callback_id(order, answer),
                    body=protocol.callback_body(supplier, order, answer).decode(),
                    due_at=due_at + timedelta(milliseconds=300 * copy),
                    address=address,
                )
        self.said_something.set()

    # -- faults -------------------------------------------------------------------------------------------
    def _with_faults(self, call: Call, struck: Mapping[Kind, Fault]) -> Response:
        if fault := struck.get(Kind.LATENCY):
            self.stopping.wait(fault.seconds)
        self._fail_before(call, struck)
        if fault := struck.get(Kind.RATE_LIMITED):
            call.note("429")
            return error_response(429, "Slow down.", {"Retry-After": f"{fault.seconds:.0f}"})
        if fault := struck.get(Kind.ERROR_BEFORE):
            call.note(str(fault.status))
            return error_response(fault.status, "Something broke before we looked at this.")
        response = call.act(struck)
        if fault := struck.get(Kind.HANG_AFTER):
            self.stopping.wait(fault.seconds)
            raise Dropped
        if struck.get(Kind.RESET_AFTER) or struck.get(Kind.ACTS_LATE):
            raise Dropped
        if fault := struck.get(Kind.ERROR_AFTER):
            return error_response(fault.status, "Something broke after we had worked.")
        if struck.get(Kind.REDIRECT):
            return error_response(302, "Elsewhere.", {"Location": "http://192.0.2.1/"})
        if struck.get(Kind.BROKEN_BODY):
            response.set_data(response.get_data()[: len(response.get_data()) // 2])
        return response

    def _fail_before(self, call: Call, struck: Mapping[Kind, Fault]) -> None:
        if fault := struck.get(Kind.HANG_BEFORE):
            self.stopping.wait(fault.seconds)
            call.note("no answer")
            raise Dropped
        if struck.get(Kind.RESET_BEFORE):
            call.note("reset")
            raise Dropped
        if fault := struck.get(Kind.ACTS_LATE):
            self.stopping.wait(fault.seconds)

    # -- admin --------------------------------------------------------------------------------------------
    def _admin(self, request: Request) -> Response:
        if request.path == "/_sandbox/ledger" and request.method == "GET":
            return json_response(self.ledger.summary())
        if request.path == "/_sandbox/faults":
            if request.method == "PUT":  # replaces what was on
                try:
                    faults = [Fault.read(said) for said in _json_list(request)]
                except (ValueError, TypeError) as error:
                    return error_response(400, f"Not faults: {error}.")
                self.faults.clear()
                self.faults.set(*faults)
            elif request.method == "DELETE":
                self.faults.clear()
            return json_response({"faults": self.faults.listed()})
        raise NotFound


def json_response(value: Any, status: int = 200) -> Response:
    return Response(dumps(value), status=status, content_type="application/json")


def error_response(status: int, message: str, headers: Mapping[str, str] | None = None) -> Response:
    response = json_response({"error": {"message": message}}, status)
    response.headers.extend(headers or {})
    return response


def _json_list(request: Request) -> list[Any]:
    said = json.loads(request.get_data())
    if not isinstance(said, list):
        raise ValueError("expected a list of faults")
    return said
