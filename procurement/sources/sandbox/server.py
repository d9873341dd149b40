"""One practice system over a real socket, with the fault switches that the sandbox suppliers have."""

import threading
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module
from types import TracebackType
from typing import Any, Self

from werkzeug.wrappers import Request, Response

from suppliers.sandbox.app import HttpApp
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


class SandboxSystem(ABC):
    """One kind of system as a server speaks it; `procurement.sources.sandbox.<kind>.System` of each."""

    def __init__(self, page_size: int = PAGE_SIZE) -> None:
        self.page_size = page_size
        self.reader = Reader()

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


def system_class(kind: str) -> type[SandboxSystem]:
    found: type[SandboxSystem] = import_module(f"procurement.sources.sandbox.{kind}").System
    return found


class SourceSandbox:
    """A practice system at `origin` from `start()` to `stop()`; also a context manager."""

    def __init__(
        self, kind: str, *, host: str = "127.0.0.1", port: int = 0, page_size: int = PAGE_SIZE
    ) -> None:
        self.system = system_class(kind)(page_size)
        self.app = HttpApp()
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

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
