"""A folder of an SFTP server, looked at as one of this machine is."""

from collections.abc import Callable, Coroutine
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import asyncssh

from procurement.sources.base import FoundFile
from suppliers.connectors.sftp.session import Interrupted, SftpAddress, SftpSession, renamed, replaced

CHUNK = 1024 * 1024
LONGEST_COPY = 25.0  # seconds, of a task that ends at 60
FILES = (asyncssh.FILEXFER_TYPE_REGULAR, asyncssh.FILEXFER_TYPE_UNKNOWN)  # some servers do not tell
GONE = (asyncssh.SFTPNoSuchFile, asyncssh.SFTPNoSuchPath)
Found = TypeVar("Found")


class ServerFolder:
    """Raises `OSError`, with what the server said, and `ConnectorError`."""

    def __init__(self, name: str, address: SftpAddress, folder: str) -> None:
        self._session = SftpSession(name, address)
        self._folder = folder.rstrip("/") or "/"

    def close(self) -> None:
        self._session.close()

    def files(self) -> list[FoundFile]:
        found = self._run(lambda sftp: sftp.readdir(self._folder))
        return [_found(str(one.filename), one.attrs) for one in found if one.attrs.type in FILES]

    def stamp(self, name: str) -> str:
        try:
            return _found(name, self._run(lambda sftp: sftp.lstat(self._at(name)))).stamp
        except FileNotFoundError:
            return ""

    def copied(self, name: str, to: Path, most: int) -> int:
        with self._session.within(LONGEST_COPY), to.open("xb") as ours:
            lying = self._run(lambda sftp: _open(sftp, self._at(name)))
            while (size := ours.tell()) < most:
                chunk = self._run(partial(_read, lying, min(CHUNK, most - size), size))
                if not chunk:
                    break
                ours.write(chunk)
            self._run(lambda _: lying.close())
        return size

    def moved(self, name: str, to: str, new: str) -> None:
        self._make(to)
        self._run(lambda sftp: replaced(sftp, self._at(name), self._at(to, new)))

    def moved_back(self, at: str, new: str, name: str) -> None:
        if not self.stamp(name):
            self._run(lambda sftp: renamed(sftp, self._at(at, new), self._at(name)))

    def stamp_in(self, at: str, new: str) -> str:
        return self.stamp(f"{at}/{new}")

    def written(self, at: str, name: str, text: str) -> None:
        self._make(at)
        temporary = self._at(at, f".{name}.part")

        async def write(sftp: asyncssh.SFTPClient) -> None:
            async with sftp.open(temporary, "wb") as file:
                await file.write(text.encode())
            await replaced(sftp, temporary, self._at(at, name))

        self._run(write)

    def _make(self, name: str) -> None:
        self._run(lambda sftp: sftp.makedirs(self._at(name), exist_ok=True))

    def _at(self, *names: str) -> str:
        return "/".join((self._folder.rstrip("/"), *names))

    def _run(self, step: Callable[[asyncssh.SFTPClient], Coroutine[Any, Any, Found]]) -> Found:
        try:
            return self._session.run(step)
        except GONE as error:
            raise FileNotFoundError(2, error.reason) from None
        except (asyncssh.SFTPError, Interrupted) as error:
            said = error.reason if isinstance(error, asyncssh.SFTPError) else str(error)
            raise OSError(5, said) from None


async def _open(sftp: asyncssh.SFTPClient, path: str) -> asyncssh.SFTPClientFile:
    return await sftp.open(path, "rb")


async def _read(file: asyncssh.SFTPClientFile, size: int, offset: int, _: asyncssh.SFTPClient) -> bytes:
    found: bytes = await file.read(size, offset)
    return found


def _found(name: str, said: asyncssh.SFTPAttrs) -> FoundFile:
    size, modified = said.size or 0, said.mtime or 0
    return FoundFile(name=name, size=size, modified=float(modified), stamp=f"{size}-{modified}")
