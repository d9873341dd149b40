"""A supplier that reads orders from an SFTP folder, as docs/connectors/sftp_ubl.md describes it.

Served on a port of its own, `PORT_STEP` above the sandbox's. Orders are read the moment they get their final name and
then lie in `archive`; answers that are due appear when somebody lists `answers`, if not before.
"""

import asyncio
import hashlib
import hmac
import io
import socket
import struct
import threading
from collections.abc import Callable
from concurrent.futures import Future, wait
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

import asyncssh
import requests
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from werkzeug.wrappers import Request, Response

from suppliers.exceptions import ProtocolError
from suppliers.sandbox.app import SandboxApp
from suppliers.sandbox.faults import Kind
from suppliers.sandbox.ledger import PlacedOrder
from suppliers.sandbox.protocol import AnsweringProtocol, Call, SignedCallback
from suppliers.sandbox.sftp_ubl import wire
from suppliers.sandbox.sftp_ubl.folders import ANSWERS, ARCHIVE, ORDERS, REFUSED, Folders
from suppliers.sandbox.trade import Answer, Item, Refused, Struck, place
from suppliers.sandbox.world import SandboxSupplier

PORT_STEP = 22  # from the sandbox's port to ours
LAST_PORT = 65535


def host_key() -> asyncssh.SSHKey:
    """Always the same, so that settings can be written before the server runs. It protects nothing but a sandbox."""
    key = Ed25519PrivateKey.from_private_bytes(hashlib.sha256(b"sandbox suppliers").digest())
    pem = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return asyncssh.import_private_key(pem)


class Protocol(AnsweringProtocol):
    def __init__(self, app: SandboxApp) -> None:
        super().__init__(app)
        self._by_user = {s.client_id: s for s in app.suppliers.values() if s.protocol == "sftp_ubl"}
        self._asked: dict[str, wire.AskedOrder] = {}  # the order whose answers are being written
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None
        self._socket: socket.socket | None = None
        self._open: set[asyncssh.SSHServerConnection] = set()
        self._dropping = threading.Lock()
        self._late: list[Future[None]] = []
        for supplier in self._by_user.values():
            for name in (ORDERS, ARCHIVE, ANSWERS, REFUSED):
                (self.folder(supplier) / name).mkdir(parents=True, exist_ok=True)

    def folder(self, supplier: SandboxSupplier) -> Path:
        path = self.app.ledger.path
        return path.with_name(f"{path.stem}-files") / supplier.code

    def recognise(self, request: Request) -> Call | Response | None:
        return None  # nothing of it is HTTP

    @staticmethod
    def account_settings(supplier: SandboxSupplier, origin: str) -> dict[str, str]:
        address = urlsplit(origin)
        return {
            "host": address.hostname or "",
            "port": str((address.port or 0) + PORT_STEP),
            "host_key": host_key().export_public_key().decode().strip(),
            "archive_folder": ARCHIVE,
            "settle_seconds": "0",  # answers appear whole
            "buyer_id": "9999:buyer",
            "buyer_name": "Buyer",
            "seller_id": f"9999:{supplier.code}",
            "seller_name": supplier.name,
            "seller_country": "GB",
        }

    @staticmethod
    def account_credentials(supplier: SandboxSupplier) -> dict[str, str]:
        return {"username": supplier.client_id, "password": supplier.client_secret}

    # -- serving ------------------------------------------------------------------------------------------
    def bind(self, host: str, port: int) -> None:
        if port + PORT_STEP > LAST_PORT:
            raise OSError(f"There is no port {port + PORT_STEP}.")
        self._socket = socket.create_server((host, port + PORT_STEP), reuse_port=False)

    def start(self) -> None:
        # Made here and not before: what was bound to a port that was taken is stopped and bound to another one.
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="sandbox-sftp", daemon=True)
        self._thread.start()
        asyncio.run_coroutine_threadsafe(self._listen(), self._loop).result()

    async def _listen(self) -> None:
        self._server = await asyncssh.listen(
            sock=self._socket,
            config=None,
            server_factory=lambda: _Door(self, self._open),
            server_host_keys=[host_key()],
            sftp_factory=self._folders,
            allow_scp=False,
            login_timeout=20,
        )

    def stop(self) -> None:
        thread, self._thread = self._thread, None
        loop, self._loop = self._loop, None
        if thread is not None and loop is not None:
            asyncio.run_coroutine_threadsafe(self._end(), loop).result()
            loop.call_soon_threadsafe(loop.stop)
            thread.join()
            loop.close()
        if self._socket is not None:
            self._socket.close()

    async def _end(self) -> None:
        self._server.close()
        await self._server.wait_closed()
        for connection in list(self._open):
            connection.abort()
            await connection.wait_closed()
        others = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
        for task in others:
            task.cancel()  # whoever hangs on purpose
        await asyncio.gather(*others, return_exceptions=True)

    def _folders(self, channel: asyncssh.SSHServerChannel) -> Folders:
        return Folders(channel, self, self._by_user[str(channel.get_extra_info("username"))])

    def knows(self, user: str, password: str) -> bool:
        supplier = self._by_user.get(user)
        if supplier is None or Kind.TOKEN_EXPIRED in self.app.faults.take(supplier.code, "sign_in"):
            return False
        return hmac.compare_digest(password.encode(), supplier.client_secret.encode())

    def reset(self, connection: asyncssh.SSHServerConnection) -> None:
        """Cut it hard, so that the other side sees a reset and not an orderly end."""
        if plain := connection.get_extra_info("socket"):
            plain.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        connection.abort()

    def later(self, seconds: float, act: Callable[[], None]) -> None:
        """Also if whoever asked has hung up meanwhile."""
        done: Future[None] = Future()
        self._late.append(done)

        def attempt() -> None:
            with suppress(OSError, asyncssh.SFTPError):  # there may be nothing left to do it with
                act()
            done.set_result(None)

        asyncio.get_running_loop().call_later(seconds, attempt)

    def late_ones(self) -> None:
        """Wait until all that is done late has been done."""
        wait(self._late)

    # -- orders -------------------------------------------------------------------------------------------
    def note(self, supplier: SandboxSupplier, reference: str, why: str) -> None:
        self.app.ledger.receipt_add(
            supplier=supplier.code, reference=reference, body="", effect=False, answer=why
        )

    def receive(self, supplier: SandboxSupplier, name: str, struck: Struck) -> None:
        """Read the order that has just got its final name, and put it away."""
        path = self.folder(supplier) / ORDERS / name
        body = path.read_bytes()
        try:
            asked = wire.order_read(body)
        except ProtocolError as error:
            self.note(supplier, name.partition(".xml")[0], str(error))
            path.replace(path.parent.parent / REFUSED / name)
            return
        ledger = self.app.ledger
        items = [Item(line.sku, line.unit, line.quantity) for line in asked.lines]
        self._asked = {asked.reference: asked}
        with ledger.transaction():
            again = (
                ledger.orders_find(supplier.code, asked.reference) and Kind.NO_DUPLICATE_CHECK not in struck
            )
            effect, answer = False, "seen before"
            if not again:
                try:
                    order = place(supplier, asked.reference, items, ledger, struck)
                    self.schedule_answers(supplier, order)
                    effect, answer = True, "taken"
                except Refused as error:
                    answer = str(error)
                    self._reject(supplier, asked, answer)
            ledger.receipt_add(
                supplier=supplier.code,
                reference=asked.reference,
                body=body.decode(),
                effect=effect,
                answer=answer,
            )
        path.replace(path.parent.parent / ARCHIVE / name)

    def _reject(self, supplier: SandboxSupplier, asked: wire.AskedOrder, why: str) -> None:
        self.app.ledger.callback_add(
            supplier=supplier.code,
            order_id=0,
            message_id=f"msg_{asked.reference}_refused",
            body=wire.rejection_document(supplier, asked, why).decode(),
            due_at=datetime.now(UTC),
        )

    # -- answers ------------------------------------------------------------------------------------------
    def callback_body(self, supplier: SandboxSupplier, order: PlacedOrder, answer: Answer) -> bytes:
        return wire.answer_document(supplier, self._asked[order.reference], order, answer)

    def deliver(self, session: requests.Session, url: str, callback: SignedCallback) -> requests.Response:
        self.drop_answers(self.app.suppliers[callback.supplier])
        done = requests.Response()
        done.status_code, done.raw = 204, io.BytesIO()
        return done

    def drop_answers(self, supplier: SandboxSupplier) -> None:
        """What is due by now, as files that appear whole."""
        folder = self.folder(supplier) / ANSWERS
        with self._dropping:
            for due in self.app.ledger.callbacks_due(datetime.now(UTC), supplier.code):
                temporary = folder / f".{due.id}"
                temporary.write_text(due.body, encoding="utf-8")
                temporary.replace(folder / f"{due.id:06}-{due.message_id}.xml")
                self.app.ledger.callback_attempted(due.id, answer="dropped", again_at=None)


class _Door(asyncssh.SSHServer):
    def __init__(self, protocol: Protocol, connections: set[asyncssh.SSHServerConnection]) -> None:
        self._protocol = protocol
        self._connections = connections

    def connection_made(self, conn: asyncssh.SSHServerConnection) -> None:
        self._own = conn
        self._connections.add(conn)

    def connection_lost(self, exc: Exception | None) -> None:
        self._connections.discard(self._own)

    def password_auth_supported(self) -> bool:
        return True

    def validate_password(self, username: str, password: str) -> bool:
        return self._protocol.knows(username, password)
