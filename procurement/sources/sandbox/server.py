"""One practice system over a real socket, with the fault switches that the sandbox suppliers have."""

import random
import threading
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from importlib import import_module
from types import TracebackType
from typing import Any, Self

from werkzeug.wrappers import Request, Response

from procurement.sources.registry import SOURCES
from procurement.sources.sandbox.sample import Sample
from suppliers.sandbox.app import HttpApp, json_response
from suppliers.sandbox.faults import Faults
from suppliers.sandbox.protocol import Call
from suppliers.sandbox.server import HttpServer

PAGE_SIZE = 2_000


@dataclass(frozen=True, slots=True)
class Reader:
    """Who may read: ourselves, as the system knows us."""

    code: str = "reader"
    client_id: str = "sandbox-client"
    client_secret: str = "sandbox-source-secret"  # noqa: S105  opens a system on loopback with made-up orders
    event_token: str = "sandbox-source-event-token"  # noqa: S105  and is what it proves itself with


@dataclass(frozen=True, slots=True)
class SentEvent:
    """What a system posts by itself; `path` follows our address for its events."""

    path: str
    headers: Mapping[str, str]
    body: bytes


class SandboxSystem(ABC):
    """One kind of system as a server speaks it; `procurement.sources.sandbox.<kind>.System` of each."""

    def __init__(self, page_size: int = PAGE_SIZE) -> None:
        self.page_size = page_size
        self.reader = Reader()
        self.clock_ahead = timedelta(0)  # of the true time
        self.unannounced: list[str] = []  # what changed, and no event has told of yet

    @abstractmethod
    def load(self, world: Mapping[str, Any]) -> None:
        """What the system knows, in its own words."""

    @abstractmethod
    def recognise(self, request: Request) -> Call | Response | None:
        """None: not one of this system's addresses."""

    @abstractmethod
    def account_settings(self, origin: str) -> dict[str, str]:
        """What an administrator enters to read it."""

    @abstractmethod
    def account_credentials(self) -> dict[str, str]: ...

    def event(self, external_ids: Sequence[str]) -> SentEvent:
        """How this system tells that these entries changed."""
        raise LookupError("This practice system sends no events.")

    # -- the sample: of systems that `make demo` and people can be shown --------------------------------------
    def fill(self, told: Sample) -> None:
        """Know what the sample says."""
        raise LookupError("This practice system has no sample.")

    def saved(self) -> dict[str, Any]:
        """All that it knows, for `load` of another one."""
        raise LookupError("This practice system has no sample.")

    def sample_settings(self, site: str) -> dict[str, str]:
        """What is entered beside `account_settings` to read the sample into the site of that code."""
        return {}

    def move_dates(self, days: int) -> None:  # noqa: B027  not every system has dates that grow old
        """The sample is of another day now."""

    def live_on(self, dice: random.Random) -> list[str]:
        """Time passes, and a few things happen: which, in words. Of some of it an event may tell: `unannounced`."""
        raise LookupError("This practice system has no sample.")


def system_class(kind: str) -> type[SandboxSystem]:
    found: type[SandboxSystem] = import_module(f"procurement.sources.sandbox.{kind}").System
    return found


def sample_kinds() -> list[str]:
    """The kinds whose practice systems have the sample, in the order of the registry."""
    return [kind for kind in SOURCES if system_class(kind).fill is not SandboxSystem.fill]


class SystemApp(HttpApp):
    """`live_on`: lets time pass at the system, and says what happened."""

    live_on: Callable[[], list[str]] | None = None

    def respond(self, request: Request) -> Response:
        response = super().respond(request)
        for system in self.protocols.values():
            if isinstance(system, SandboxSystem) and system.clock_ahead:
                response.date = datetime.now(UTC) + system.clock_ahead
        return response

    def _admin(self, request: Request) -> Response:
        if request.path == "/_sandbox/live-on" and request.method == "POST" and self.live_on:
            return json_response({"happened": self.live_on()})
        return super()._admin(request)


class SourceSandbox:
    """A practice system at `origin` from `start()` to `stop()`; also a context manager."""

    def __init__(
        self, kind: str, *, host: str = "127.0.0.1", port: int = 0, page_size: int = PAGE_SIZE
    ) -> None:
        self.system = system_class(kind)(page_size)
        self.app = SystemApp()
        self.app.protocols = {kind: self.system}
        self._http = HttpServer((host, port), self.app)
        self.origin = f"http://{host}:{self._http.server_address[1]}"
        self._thread = threading.Thread(target=self._http.serve_forever, args=(0.05,), daemon=True)

    @property
    def faults(self) -> Faults:
        return self.app.faults

    @property
    def account_settings(self) -> dict[str, str]:
        return self.system.account_settings(self.origin)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self.app.stopping.set()
        self._http.shutdown()
        self._http.cut_connections()
        self._http.server_close()  # waits for the threads that serve
        self._thread.join()

    def close(self) -> None:
        """Where it was never started."""
        self._http.server_close()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
