"""Talking: which file goes where, and what a failure at which step means. Knows nothing of what is in the files."""

import hashlib
import logging
import time
from collections.abc import Callable, Coroutine, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, TypeVar

import asyncssh

from suppliers.connectors.base import CallRecord
from suppliers.connectors.redaction import Redactor
from suppliers.connectors.sftp.session import Interrupted, SftpAddress, SftpSession, renamed, replaced
from suppliers.exceptions import OutcomeUnknown, ProtocolError, SupplierUnavailable

log = logging.getLogger(__name__)
Found = TypeVar("Found")
FILES = (asyncssh.FILEXFER_TYPE_REGULAR, asyncssh.FILEXFER_TYPE_UNKNOWN)  # some servers do not tell
CREATE = asyncssh.FXF_WRITE | asyncssh.FXF_CREAT
# Answers that mean: not here, not this way, and not later either.
FOR_GOOD = (
    asyncssh.SFTPPermissionDenied,
    asyncssh.SFTPNoSuchFile,
    asyncssh.SFTPNoSuchPath,
    asyncssh.SFTPOpUnsupported,
)


@dataclass(frozen=True, slots=True)
class RemoteFile:
    name: str
    size: int
    modified_at: datetime


class SftpClient:
    def __init__(
        self,
        *,
        supplier_name: str,
        address: SftpAddress,
        journal: Callable[[CallRecord], None],
        redactor: Redactor,
        pace: Callable[[], None],
    ) -> None:
        self._supplier = supplier_name
        self._journal = journal
        self._redactor = redactor
        self._pace = pace
        self._session = SftpSession(supplier_name, address)
        self._root = f"sftp://{address.username}@{address.host}:{address.port}"

    def close(self) -> None:
        self._session.close()

    def within(self, seconds: float) -> AbstractContextManager[None]:
        """All that is done in it takes no longer altogether."""
        return self._session.within(seconds)

    # -- orders -------------------------------------------------------------------------------------------
    def place(
        self, folder: str, name: str, body: bytes, reference: str, *, arrived: Callable[[], bool]
    ) -> None:
        """Upload under a temporary name, then rename. The supplier can have seen the order only after the rename, so
        only a rename without an answer is an unknown outcome.

        `arrived` tells whether an earlier attempt has come through meanwhile. It is asked once our file is there: a
        rename that was held up until then has been seen by it, and a later one takes this very file.
        """
        digest = hashlib.sha256(body).hexdigest()[:12]
        # The same on every attempt: a rename that was held up and comes late finds nothing left to rename.
        temporary, final = _join(folder, f"{name}.{digest}.part"), _join(folder, name)
        with self._recorded("submit", "PUT", final, reference, body):
            try:
                self._step(final, lambda sftp: _write(sftp, temporary, body))
            except _Vanished:
                raise OutcomeUnknown(
                    f"{self._supplier}: what was just written for {final} has been renamed by an earlier attempt."
                ) from None
            if arrived():
                self._step(temporary, lambda sftp: _remove(sftp, temporary))
                return
            try:
                self._session.run(lambda sftp: renamed(sftp, temporary, final))
            except (asyncssh.SFTPPermissionDenied, asyncssh.SFTPOpUnsupported) as error:
                raise ProtocolError(
                    f"{self._supplier} does not let us rename to {final}: {error.reason}."
                ) from None
            except (asyncssh.SFTPError, Interrupted) as error:
                raise OutcomeUnknown(
                    f"{self._supplier}: renaming to {final} was not confirmed: {_said(error)}."
                ) from None

    # -- everything that may be asked again ---------------------------------------------------------------
    def modified_at(self, path: str, reference: str = "") -> datetime | None:
        """When the file was written; None if there is certainly no such file."""

        async def look(sftp: asyncssh.SFTPClient) -> asyncssh.SFTPAttrs | None:
            try:
                return await sftp.stat(path)
            except (asyncssh.SFTPNoSuchFile, asyncssh.SFTPNoSuchPath):
                return None

        with self._recorded("look_up", "STAT", path, reference):
            found = self._step(path, look)
        return None if found is None else _moment(found.mtime)

    def files(self, folder: str) -> list[RemoteFile]:
        """The files of a folder, oldest first."""
        with self._recorded("poll", "LIST", folder):
            names = self._step(folder, lambda sftp: sftp.readdir(folder))
        found = [
            RemoteFile(str(each.filename), each.attrs.size or 0, _moment(each.attrs.mtime))
            for each in names
            if each.attrs.type in FILES and each.filename not in (".", "..")
        ]
        return sorted(found, key=lambda file: (file.modified_at, file.name))

    def read(self, folder: str, file: RemoteFile) -> bytes | None:
        """Its content; None if it is gone, or still growing."""
        content = self.content(_join(folder, file.name), most=file.size + 1)
        return content if content is not None and len(content) == file.size else None

    def content(self, path: str, *, most: int) -> bytes | None:
        """The first `most` bytes; None if there is no such file."""

        async def read(sftp: asyncssh.SFTPClient) -> bytes | None:
            try:
                async with sftp.open(path, "rb") as handle:
                    body = await handle.read(most)
            except (asyncssh.SFTPNoSuchFile, asyncssh.SFTPNoSuchPath):
                return None
            return body.encode() if isinstance(body, str) else body

        with self._recorded("poll", "GET", path):
            return self._step(path, read)

    def move(self, old: str, new: str) -> bool:
        """Over whatever is there. False: somebody has moved it before."""

        async def move(sftp: asyncssh.SFTPClient) -> bool:
            try:
                await replaced(sftp, old, new)
            except (asyncssh.SFTPNoSuchFile, asyncssh.SFTPNoSuchPath):
                if not await sftp.exists(old):
                    return False
                await sftp.makedirs(new.rpartition("/")[0] or ".", exist_ok=True)
                await replaced(sftp, old, new)
            return True

        with self._recorded("archive", "MOVE", f"{old} -> {new}"):
            return self._step(old, move)

    # -- own ----------------------------------------------------------------------------------------------
    def _step(self, path: str, step: Callable[[asyncssh.SFTPClient], Coroutine[Any, Any, Found]]) -> Found:
        try:
            return self._session.run(step)
        except FOR_GOOD as error:
            raise ProtocolError(f"{self._supplier} does not give us {path}: {error.reason}.") from None
        except (asyncssh.SFTPError, Interrupted) as error:
            raise SupplierUnavailable(f"{self._supplier} could not work on {path}: {_said(error)}.") from None

    @contextmanager
    def _recorded(
        self, operation: str, method: str, path: str, reference: str = "", body: bytes = b""
    ) -> Iterator[None]:
        self._pace()
        started, clock, error = datetime.now(UTC), time.monotonic(), ""
        try:
            yield
        except Exception as problem:
            error = str(problem)
            raise
        finally:
            record = CallRecord(
                operation=operation,
                method=method,
                url=self._redactor.text(f"{self._root}/{path}"),
                started_at=started,
                duration_ms=round((time.monotonic() - clock) * 1000),
                status=None,
                error=self._redactor.text(error),
                request_body=self._redactor.body(body),
                response_body=b"",
                reference=reference,
            )
            try:
                self._journal(record)
            except Exception:  # a journal that fails must not turn a placed order into an unknown one
                log.exception("The journal of %s could not be written.", self._supplier)


class _Vanished(Exception):
    """The file was there a moment ago: the late rename of an earlier attempt has taken it to its place."""


async def _write(sftp: asyncssh.SFTPClient, path: str, body: bytes) -> None:
    # Not cut to nothing first: the same bytes may be on their way to the supplier under this very name.
    async with sftp.open(path, CREATE, encoding=None) as handle:
        await handle.write(body)
    try:
        size = (await sftp.stat(path)).size
    except (asyncssh.SFTPNoSuchFile, asyncssh.SFTPNoSuchPath):
        raise _Vanished from None
    if size != len(body):
        raise asyncssh.SFTPFailure(f"{size} of {len(body)} bytes are there")


async def _remove(sftp: asyncssh.SFTPClient, path: str) -> None:
    with suppress(asyncssh.SFTPError):  # it is in nobody's way
        await sftp.remove(path)


def _join(folder: str, name: str) -> str:
    return f"{folder.rstrip('/')}/{name}" if folder.strip("./") or folder.startswith("/") else name


def _moment(seconds: int | None) -> datetime:
    return datetime.now(UTC) if seconds is None else datetime.fromtimestamp(seconds, UTC)


def _said(error: Exception) -> str:
    return error.reason if isinstance(error, asyncssh.SFTPError) else str(error)
