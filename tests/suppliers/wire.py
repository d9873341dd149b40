"""A server that says exactly the bytes it is told, for answers no HTTP server would give."""

import socket
import struct
import threading
from collections.abc import Callable

Script = Callable[[socket.socket, bytes], None]


def saying(answer: bytes) -> Script:
    return lambda connection, request: connection.sendall(answer)


def http(status: int, body: bytes = b"{}", *headers: str) -> bytes:
    lines = [f"HTTP/1.1 {status} X", f"Content-Length: {len(body)}", "Connection: close", *headers]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def resetting(connection: socket.socket, request: bytes) -> None:
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


class Wire:
    """Answers the nth connection by the nth script, later ones by the last. `requests` is what arrived."""

    def __init__(self, *scripts: Script) -> None:
        self.requests: list[bytes] = []
        self.connections = 0
        self.stopping = threading.Event()
        self._scripts = scripts
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self._thread = threading.Thread(target=self._serve, daemon=True)

    def hanging(self, connection: socket.socket, request: bytes) -> None:
        self.stopping.wait(20)

    def __enter__(self) -> "Wire":
        self._thread.start()
        return self

    def __exit__(self, *details: object) -> None:
        self.stopping.set()
        socket.create_connection(("127.0.0.1", self.port)).close()  # wakes accept
        self._thread.join(5)
        self._listener.close()

    def _serve(self) -> None:
        while True:
            connection, _ = self._listener.accept()
            with connection:
                if self.stopping.is_set():
                    return
                script = self._scripts[min(self.connections, len(self._scripts) - 1)]
                self.connections += 1
                request = self._read(connection)
                self.requests.append(request)
                try:
                    script(connection, request)
                except OSError:
                    continue  # the caller has gone, as some tests want

    def _read(self, connection: socket.socket) -> bytes:
        data = b""
        connection.settimeout(5)
        try:
            while b"\r\n\r\n" not in data:
                if not (more := connection.recv(65536)):
                    return data
                data += more
            head, _, body = data.partition(b"\r\n\r\n")
            length = next(
                (
                    int(line.split(b":")[1])
                    for line in head.split(b"\r\n")
                    if line.lower().startswith(b"content-length")
                ),
                0,
            )
            while len(body) < length:
                body += connection.recv(65536)
            return head + b"\r\n\r\n" + body
        except OSError:
            return data
