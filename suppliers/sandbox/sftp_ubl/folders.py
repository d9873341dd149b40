"""The SFTP side: a buyer's folders, and the operations that faults strike."""

import asyncio
import os
import posixpath
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import TYPE_CHECKING
from urllib.parse import unquote

import asyncssh

from suppliers.sandbox.faults import Kind
from suppliers.sandbox.trade import Struck
from suppliers.sandbox.world import SandboxSupplier

if TYPE_CHECKING:
    from suppliers.sandbox.sftp_ubl import Protocol

ORDERS, ARCHIVE, ANSWERS, REFUSED = "orders", "archive", "answers", "refused"
WRITING = asyncssh.FXF_WRITE | asyncssh.FXF_CREAT


class Folders(asyncssh.SFTPServer):
    def __init__(
        self, channel: asyncssh.SSHServerChannel, protocol: "Protocol", supplier: SandboxSupplier
    ) -> None:
        self._protocol = protocol
        self._supplier = supplier
        self._struck: Struck = {}  # by the upload that goes on
        super().__init__(channel, chroot=str(protocol.folder(supplier)).encode())

    # -- an order -----------------------------------------------------------------------------------------
    async def open(self, path: bytes, pflags: int, attrs: asyncssh.SFTPAttrs) -> object:
        folder, name = _place(path)
        if folder == ORDERS and pflags & WRITING:
            self._struck = self._protocol.app.faults.take(self._supplier.code, "submit")
            reference = unquote(name.partition(".xml")[0])
            await self._fail_before(
                self._struck, lambda why: self._protocol.note(self._supplier, reference, why)
            )
        return super().open(path, pflags, attrs)

    async def posix_rename(self, oldpath: bytes, newpath: bytes) -> None:
        folder, name = _place(newpath)
        if folder != ORDERS or not name.endswith(".xml"):
            super().posix_rename(oldpath, newpath)
            return
        struck, self._struck = self._struck, {}

        def act() -> None:
            super(Folders, self).posix_rename(oldpath, newpath)
            self._protocol.receive(self._supplier, name, struck)

        if fault := struck.get(Kind.ACTS_LATE):
            self._protocol.later(fault.seconds, act)
            await asyncio.sleep(fault.seconds)
            self._drop()
        act()
        if fault := struck.get(Kind.HANG_AFTER):
            await asyncio.sleep(fault.seconds)
            self._drop()
        if Kind.RESET_AFTER in struck:
            self._drop()
        if Kind.ERROR_AFTER in struck or Kind.REDIRECT in struck:
            raise asyncssh.SFTPFailure("Something broke after we had worked")
        if Kind.BROKEN_BODY in struck:
            raise asyncssh.SFTPBadMessage("Garbled")

    async def rename(self, oldpath: bytes, newpath: bytes) -> None:
        if os.path.lexists(self.map_path(newpath)):
            raise asyncssh.SFTPFailure("There is such a file already")
        await self.posix_rename(oldpath, newpath)

    # -- questions ----------------------------------------------------------------------------------------
    async def stat(self, path: bytes) -> asyncssh.SFTPAttrs | os.stat_result:
        folder, name = _place(path)
        if folder in (ORDERS, ARCHIVE) and name.endswith(".xml"):
            struck = self._protocol.app.faults.take(self._supplier.code, "look_up")
            if Kind.NO_LOOK_UP in struck:
                raise asyncssh.SFTPPermissionDenied("You may not look here")
            await self._fail_before(struck, lambda why: None)
        found = super().stat(path)
        return await found if isinstance(found, Awaitable) else found

    async def scandir(self, path: bytes) -> AsyncIterator[asyncssh.SFTPName]:
        if _place(path) == ("", ANSWERS):
            await self._fail_before(
                self._protocol.app.faults.take(self._supplier.code, "poll"), lambda why: None
            )
            self._protocol.drop_answers(self._supplier)
        async for name in super().scandir(path):
            yield name

    # -- faults -------------------------------------------------------------------------------------------
    async def _fail_before(self, struck: Struck, note: Callable[[str], None]) -> None:
        if fault := struck.get(Kind.LATENCY):
            await asyncio.sleep(fault.seconds)
        if fault := struck.get(Kind.HANG_BEFORE):
            note("no answer")
            await asyncio.sleep(fault.seconds)
            self._drop()
        if Kind.RESET_BEFORE in struck:
            note("reset")
            self._drop()
        if Kind.ERROR_BEFORE in struck or Kind.RATE_LIMITED in struck:
            note("disk full")
            raise asyncssh.SFTPFailure("No space left on device")

    def _drop(self) -> None:
        self._protocol.reset(self.connection)
        raise asyncssh.SFTPConnectionLost("Reset")


def _place(path: bytes) -> tuple[str, str]:
    """(folder, name) of a path, wherever it starts from."""
    whole = posixpath.normpath(b"/" + path).decode("utf-8", "replace").lstrip("/")
    folder, _, name = whole.rpartition("/")
    return folder, name
