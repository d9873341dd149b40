"""A mail server in a thread of its own, on a socket that was bound before."""

import asyncio
import logging
import socket
import threading
from typing import TYPE_CHECKING, Any

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from suppliers.sandbox.faults import Fault, Kind
from suppliers.sandbox.world import SandboxSupplier

if TYPE_CHECKING:
    from suppliers.sandbox.email import Protocol

logging.getLogger("mail.log").setLevel(logging.CRITICAL)  # the library's; the ledger says what happened
LARGEST = 16 * 1024 * 1024
GONE = "421 4.3.0 Closing"


class Mailbox:
    def __init__(self, protocol: "Protocol", host: str, port: int) -> None:
        self._protocol = protocol
        self._socket = socket.create_server((host, port))
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None
        self._open: set[SMTP] = set()

    def start(self) -> None:
        ready = threading.Event()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, args=(self._loop, ready), name="sandbox-mail")
        self._thread.start()
        ready.wait()

    def stop(self) -> None:
        if self._loop and self._thread:
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join()
        self._socket.close()

    def _run(self, loop: asyncio.AbstractEventLoop, ready: threading.Event) -> None:
        asyncio.set_event_loop(loop)
        server = loop.run_until_complete(loop.create_server(self._smtp, sock=self._socket))
        ready.set()
        try:
            loop.run_forever()
        finally:
            server.close()
            for one in self._open:
                if one.transport and not one.transport.is_closing():
                    one.transport.close()
            waiting = asyncio.all_tasks(loop)
            for task in waiting:
                task.cancel()
            loop.run_until_complete(asyncio.gather(*waiting, return_exceptions=True))
            loop.run_until_complete(loop.shutdown_default_executor())
            loop.close()

    def _smtp(self) -> SMTP:
        one = SMTP(
            self,
            loop=self._loop,
            hostname="mail.sandbox.example",
            ident="Sandbox",
            data_size_limit=LARGEST,
            auth_require_tls=False,  # loopback
            authenticator=self._authenticate,
            auth_exclude_mechanism=["LOGIN"],  # one try a sign-in
        )
        self._open.add(one)
        return one

    # -- what aiosmtpd asks -------------------------------------------------------------------------------
    def _authenticate(
        self, server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: Any
    ) -> AuthResult:
        known = isinstance(data, LoginPassword) and self._protocol.knows(
            data.login.decode("utf-8", "replace"), data.password.decode("utf-8", "replace")
        )
        return AuthResult(success=known, handled=False)

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        supplier = self._protocol.supplier_at(address)
        if not session.authenticated:
            return "530 5.7.0 Authentication required"
        if supplier is None:
            return "550 5.1.1 There is no such mailbox here"
        struck = self._protocol.app.faults.take(supplier.code, "recipient")
        if Kind.RESET_BEFORE in struck:
            return self._cut(server)
        if fault := struck.get(Kind.ERROR_BEFORE):
            return _error(fault)
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        supplier = self._protocol.supplier_at(envelope.rcpt_tos[0])
        assert supplier is not None, "recipients were looked at before"  # noqa: S101
        content = envelope.content or b""
        content = content if isinstance(content, bytes) else content.encode()
        struck = self._protocol.app.faults.take(supplier.code, "submit")
        if refusal := await self._before(server, supplier, content, struck):
            return refusal
        said = self._protocol.take(supplier, content, struck)
        if fault := struck.get(Kind.HANG_AFTER):
            await self._wait(fault)
        if struck.keys() & {Kind.HANG_AFTER, Kind.RESET_AFTER, Kind.ACTS_LATE}:
            return self._cut(server)
        if Kind.BROKEN_BODY in struck:
            transport: Any = server.transport
            transport.write(b"25")
            transport.close()
            return GONE
        return GONE if Kind.ERROR_AFTER in struck else said

    async def _before(
        self, server: SMTP, supplier: SandboxSupplier, content: bytes, struck: dict[Kind, Fault]
    ) -> str:
        """What is answered instead of doing anything; empty where nothing is wrong."""
        for kind in (Kind.LATENCY, Kind.HANG_BEFORE, Kind.ACTS_LATE):
            if fault := struck.get(kind):
                await self._wait(fault)
        if struck.keys() & {Kind.HANG_BEFORE, Kind.RESET_BEFORE}:
            self._protocol.note(supplier, content, "no answer")
            return self._cut(server)
        if Kind.RATE_LIMITED in struck:
            self._protocol.note(supplier, content, "450")
            return "450 4.7.1 Too much mail from you, try again later"
        if fault := struck.get(Kind.ERROR_BEFORE):
            self._protocol.note(supplier, content, _error(fault)[:3])
            return _error(fault)
        return ""

    async def _wait(self, fault: Fault) -> None:
        await asyncio.to_thread(self._protocol.app.stopping.wait, fault.seconds)

    def _cut(self, server: SMTP) -> str:
        transport: Any = server.transport
        transport.abort()
        return GONE


def _error(fault: Fault) -> str:
    """A fault's status where it is one of mail; whatever else is a server that cannot work at present."""
    if 550 <= fault.status < 560:
        return f"{fault.status} 5.1.1 We do not take this"
    return "451 4.3.0 We cannot work at present"
