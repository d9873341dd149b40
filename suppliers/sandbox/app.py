"""The web application of a sandbox: routes to protocols, lets faults strike, admin addresses."""

import itertools
import json
import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import Any

from werkzeug.exceptions import HTTPException, NotFound
from werkzeug.wrappers import Request, Response

from suppliers.connectors.jsondata import dumps
from suppliers.sandbox.faults import Fault, Faults, Kind
from suppliers.sandbox.ledger import Ledger
from suppliers.sandbox.protocol import AnsweringProtocol, Call, Recogniser, SandboxProtocol
from suppliers.sandbox.world import SandboxSupplier

HUGE = 512 * 2**20  # bytes


class Dropped(Exception):
    """The connection is to be cut without an answer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Timing:
    """Seconds until the supplier says something."""

    confirm_after: float = 1.5
    ship_after: float = 3.0
    token_lifetime: float = 3600.0


def protocol_class(name: str) -> type[SandboxProtocol]:
    found: type[SandboxProtocol] = import_module(f"suppliers.sandbox.{name}").Protocol
    return found


def account_settings(supplier: SandboxSupplier, origin: str) -> dict[str, str]:
    """What a buyer enters to reach `supplier` in a sandbox that listens at `origin`."""
    return protocol_class(supplier.protocol).account_settings(supplier, origin)


def account_credentials(supplier: SandboxSupplier) -> dict[str, str]:
    return protocol_class(supplier.protocol).account_credentials(supplier)


class HttpApp:
    """Whoever is spoken to over HTTP: lets protocols find their requests and faults strike."""

    protocols: Mapping[str, Recogniser]

    def __init__(self) -> None:
        self.faults = Faults()
        self.stopping = threading.Event()

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
        if struck.get(Kind.WEB_PAGE):
            return Response("<html><title>Down for maintenance</title></html>", 200, content_type="text/html")
        if struck.get(Kind.HUGE_BODY):
            size = {"Content-Length": str(HUGE)}
            return Response(
                itertools.repeat(b" " * 2**20, HUGE // 2**20), 200, size, content_type="application/json"
            )
        if struck.get(Kind.OTHER_ENCODING):
            response.set_data(response.get_data().replace(b'"', b'"\xe9', 1))
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


class SandboxApp(HttpApp):
    def __init__(self, suppliers: Iterable[SandboxSupplier], *, ledger: Ledger, timing: Timing) -> None:
        super().__init__()
        self.suppliers = {supplier.code: supplier for supplier in suppliers}
        self.ledger = ledger
        self.timing = timing
        self.said_something = threading.Event()  # wakes the deliverer
        self.protocols: dict[str, SandboxProtocol] = {}
        for name in sorted({supplier.protocol for supplier in self.suppliers.values()}):
            self.protocols[name] = protocol_class(name)(self)

    def answering(self, code: str) -> AnsweringProtocol | None:
        """The protocol of a supplier that answers by itself; an older ledger may speak of others."""
        supplier = self.suppliers.get(code)
        protocol = self.protocols[supplier.protocol] if supplier else None
        return protocol if isinstance(protocol, AnsweringProtocol) else None

    def stop_protocols(self) -> None:
        for protocol in self.protocols.values():
            protocol.stop()

    def _admin(self, request: Request) -> Response:
        if request.path == "/_sandbox/ledger" and request.method == "GET":
            return json_response(self.ledger.summary())
        return super()._admin(request)


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
