"""Serving the sandbox suppliers over a real socket: HTTP/1.1 with connections kept alive, a thread each."""

import io
import socket
import struct
import sys
import threading
from collections.abc import Iterable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from urllib.parse import unquote_to_bytes

from werkzeug.wrappers import Request

from suppliers.sandbox.app import Dropped, HttpApp, SandboxApp, Timing, account_settings
from suppliers.sandbox.callbacks import END_OF_TIME, Deliverer
from suppliers.sandbox.faults import Faults
from suppliers.sandbox.ledger import Ledger
from suppliers.sandbox.protocol import SignedCallback
from suppliers.sandbox.world import SandboxSupplier

LARGEST_BODY = 16 * 1024 * 1024
ATTEMPTS = 20  # to find a port whose neighbours are free


class SandboxServer:
    """Suppliers at `origin` from `start()` to `stop()`; also a context manager."""

    def __init__(
        self,
        suppliers: Iterable[SandboxSupplier],
        *,
        ledger: Path,
        callback_url: str = "",  # with {code}; empty: callbacks wait in the ledger
        host: str = "127.0.0.1",
        port: int = 0,
        timing: Timing | None = None,
    ) -> None:
        self.ledger = Ledger(ledger)
        self.app = SandboxApp(suppliers, ledger=self.ledger, timing=timing or Timing())
        self.callback_url = callback_url
        try:
            self._http = self._bound(host, port)
        except BaseException:
            self.ledger.close()
            raise
        self.origin = f"http://{host}:{self._http.server_address[1]}"
        self._threads: list[threading.Thread] = []

    @property
    def faults(self) -> Faults:
        return self.app.faults

    def account_settings(self, code: str) -> dict[str, str]:
        """What a buyer enters to reach the supplier."""
        return account_settings(self.app.suppliers[code], self.origin)

    def callbacks_waiting(self) -> list[SignedCallback]:
        """What has not been delivered yet, due or not, signed now; in the order of their time."""
        return [
            protocol.sign(due)
            for due in self.ledger.callbacks_due(END_OF_TIME)
            if (protocol := self.app.answering(due.supplier))
        ]

    def callback_delivered(self, callback: SignedCallback) -> None:
        self.ledger.callback_attempted(callback.id, answer="taken", again_at=None)

    def _bound(self, host: str, port: int) -> "HttpServer":
        """Where any port will do, another is tried if one that follows from it is taken."""
        for attempt in range(1 if port else ATTEMPTS):
            http = HttpServer((host, port), self.app)
            try:
                for protocol in self.app.protocols.values():
                    protocol.bind(host, http.server_address[1])
            except OSError:
                self.app.stop_protocols()
                http.server_close()
                if port or attempt == ATTEMPTS - 1:
                    raise
            else:
                return http
        raise AssertionError("unreachable")

    def start(self) -> None:
        for protocol in self.app.protocols.values():
            protocol.start()
        self._threads = [threading.Thread(target=self._http.serve_forever, args=(0.05,), daemon=True)]
        if self.callback_url:
            self._threads.append(Deliverer(self.app, self.callback_url))
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        self.app.stopping.set()
        self.app.said_something.set()
        if self._threads:
            self._http.shutdown()
        self.app.stop_protocols()
        self._http.cut_connections()
        self._http.server_close()  # waits for the threads that serve
        for thread in self._threads:
            thread.join()
        self.ledger.close()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


class HttpServer(ThreadingHTTPServer):
    daemon_threads = False
    block_on_close = True
    request_queue_size = 64

    def __init__(self, address: tuple[str, int], app: HttpApp) -> None:
        self.app = app
        self._open: set[socket.socket] = set()
        self._open_lock = threading.Lock()
        super().__init__(address, _Handler)

    def process_request(self, request: Any, client_address: Any) -> None:
        with self._open_lock:
            self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        with self._open_lock:
            self._open.discard(request)
        super().shutdown_request(request)

    def cut_connections(self) -> None:
        with self._open_lock:
            for connection in self._open:
                try:
                    connection.shutdown(socket.SHUT_RDWR)
                except OSError:
                    continue  # it has gone by itself

    def handle_error(self, request: Any, client_address: Any) -> None:
        if not isinstance(sys.exc_info()[1], ConnectionError):  # a caller may hang up
            super().handle_error(request, client_address)


class _Handler(BaseHTTPRequestHandler):
    server: HttpServer
    protocol_version = "HTTP/1.1"
    timeout = 120  # an idle connection is closed
    wbufsize = 64 * 1024  # headers and body leave together
    disable_nagle_algorithm = True

    def _serve(self) -> None:
        try:
            length = int(self.headers.get("Content-Length") or 0)
        except ValueError:
            length = -1
        if not 0 <= length <= LARGEST_BODY or "Transfer-Encoding" in self.headers:
            self.close_connection = True
            self.send_error(413)
            return
        body = self.rfile.read(length)
        try:
            response = self.server.app.respond(Request(self._environ(body)))
        except Dropped:
            self._reset()
            return
        # What has a length without being here yet is made while it is sent.
        parts = response.iter_encoded() if response.is_streamed else [response.get_data()]
        self.send_response_only(response.status_code)
        if response.date is None:
            self.send_header("Date", self.date_time_string())
        for name, value in response.headers:
            self.send_header(name, value)
        self.end_headers()
        for part in parts:
            self.wfile.write(part)

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = _serve

    def _environ(self, body: bytes) -> dict[str, Any]:
        path, _, query = self.path.partition("?")
        environ: dict[str, Any] = {
            "REQUEST_METHOD": self.command,
            "SCRIPT_NAME": "",
            "PATH_INFO": unquote_to_bytes(path).decode("latin-1"),
            "QUERY_STRING": query,
            "SERVER_NAME": str(self.server.server_address[0]),
            "SERVER_PORT": str(self.server.server_address[1]),
            "SERVER_PROTOCOL": self.request_version,
            "CONTENT_TYPE": self.headers.get("Content-Type", ""),
            "CONTENT_LENGTH": str(len(body)),
            "wsgi.input": io.BytesIO(body),
            "wsgi.url_scheme": "http",
        }
        for name, value in self.headers.items():
            environ["HTTP_" + name.upper().replace("-", "_")] = value
        return environ

    def _reset(self) -> None:
        """Cut the connection hard, so that the caller sees a reset and not an orderly end."""
        self.close_connection = True
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.connection.close()

    def log_message(self, format: str, *args: Any) -> None:
        """Silent: the ledger says what happened."""
