"""One SFTP connection, used from plain code. Knows which failure came before anything could be sent."""

import asyncio
import socket
import time
from collections.abc import Awaitable, Callable, Coroutine, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any, TypeVar

import asyncssh

from suppliers.connectors.network import address_objection
from suppliers.exceptions import (
    AuthenticationFailed,
    ConnectorConfigurationError,
    NotDelivered,
)

Found = TypeVar("Found")
KEY_ALGORITHMS = (
    "ssh-ed25519", "ecdsa-sha2-nistp256", "ecdsa-sha2-nistp384", "ecdsa-sha2-nistp521", "rsa-sha2-512", "rsa-sha2-256"
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class SftpAddress:
    host: str
    port: int
    username: str
    host_keys: list[asyncssh.SSHKey]
    password: str | None
    client_key: asyncssh.SSHKey | None
    allow_private_network: bool
    timeout: float


class Interrupted(Exception):
    """The connection stood, and this step did not end; whether the server did it is not known."""


class SftpSession:
    def __init__(self, supplier_name: str, address: SftpAddress) -> None:
        self._supplier = supplier_name
        self._address = address
        self._runner = asyncio.Runner()
        self._connection: asyncssh.SSHClientConnection | None = None
        self._sftp: asyncssh.SFTPClient | None = None
        self._until: float | None = None

    @contextmanager
    def within(self, seconds: float) -> Iterator[None]:
        """All steps together take no longer."""
        self._until = time.monotonic() + seconds
        try:
            yield
        finally:
            self._until = None

    def close(self) -> None:
        self.hang_up()
        self._runner.close()

    def hang_up(self) -> None:
        connection, self._connection, self._sftp = self._connection, None, None
        if connection is not None:
            connection.abort()
            with suppress(TimeoutError):  # it is cut in any case; this only tidies up
                self._runner.run(self._bounded(connection.wait_closed()))

    def run(self, step: Callable[[asyncssh.SFTPClient], Coroutine[Any, Any, Found]]) -> Found:
        """Do one step, connecting first where there is no connection. Raises `asyncssh.SFTPError` where the server
        answered with an error, `Interrupted` where it did not answer.
        """
        sftp = self._sftp or self._connect()
        try:
            return self._runner.run(self._bounded(step(sftp)))
        except TimeoutError:
            self.hang_up()
            raise Interrupted("it did not answer in time") from None
        except (
            asyncssh.SFTPConnectionLost,
            asyncssh.SFTPNoConnection,
            asyncssh.DisconnectError,
            OSError,
        ) as error:
            self.hang_up()
            raise Interrupted(f"the connection broke off ({type(error).__name__})") from None

    async def _bounded(self, step: Awaitable[Found]) -> Found:
        left = self._address.timeout
        if self._until is not None:
            left = max(min(left, self._until - time.monotonic()), 0.01)
        async with asyncio.timeout(left):
            return await step

    # -- connecting ---------------------------------------------------------------------------------------
    def _connect(self) -> asyncssh.SFTPClient:
        plain = self._plain_connection()
        try:
            self._connection, self._sftp = self._runner.run(self._bounded(self._sign_in(plain)))
        except (asyncssh.HostKeyNotVerifiable, asyncssh.KeyExchangeFailed) as error:
            raise AuthenticationFailed(
                f"{self._supplier} showed another host key than the one that was entered ({error.reason}). "
                "Nothing was sent. Find out from the supplier whether its key has changed."
            ) from None
        except asyncssh.PermissionDenied:
            raise AuthenticationFailed(f"{self._supplier} refused our user name, password or key.") from None
        except TimeoutError:
            raise NotDelivered(f"{self._supplier} was reached but did not let us in in time.") from None
        except (asyncssh.Error, OSError) as error:
            raise NotDelivered(
                f"{self._supplier} broke the connection off ({type(error).__name__})."
            ) from None
        finally:
            if self._connection is None:
                plain.close()
        return self._sftp

    async def _sign_in(
        self, plain: socket.socket
    ) -> tuple[asyncssh.SSHClientConnection, asyncssh.SFTPClient]:
        address = self._address
        connection = await asyncssh.connect(
            sock=plain,
            host=address.host,
            config=None,  # not the settings, keys and agents of whoever runs the worker
            agent_path=None,
            username=address.username,
            password=address.password,
            client_keys=[address.client_key] if address.client_key else None,
            # Many servers ask for the password as a question, and know no other way.
            preferred_auth=("publickey," if address.client_key else "") + "password,keyboard-interactive",
            known_hosts=(address.host_keys, [], []),
            server_host_key_algs=_algorithms(address.host_keys),
        )
        try:
            return connection, await connection.start_sftp_client(path_errors="surrogateescape")
        except BaseException:
            connection.abort()
            raise

    def _plain_connection(self) -> socket.socket:
        """To an address that was looked at: not inside our own network, unless that is allowed."""
        host, port = self._address.host, self._address.port
        try:
            found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError):
            raise NotDelivered(f"{self._supplier} was not reached: its name cannot be resolved.") from None
        for *_, where in found:
            if problem := address_objection(str(where[0]), allow_private=self._address.allow_private_network):
                raise ConnectorConfigurationError(f"{host} ({where[0]}) {problem}.")
        problem = "no address"
        for family, kind, number, _, where in found:
            plain = socket.socket(family, kind, number)
            try:
                plain.settimeout(min(self._address.timeout, 5))
                plain.connect(where)
                plain.setblocking(False)
                return plain
            except OSError as error:
                plain.close()
                problem = (
                    "it refused the connection" if isinstance(error, ConnectionRefusedError) else str(error)
                )
        raise NotDelivered(f"{self._supplier} was not reached: {problem}.")


def _algorithms(pinned: Iterable[asyncssh.SSHKey]) -> list[str]:
    """Those of the keys we know first, and then all others: so that a server with another kind of key shows it, and
    we see that it is the wrong one, rather than both sides hanging up for lack of a common algorithm.
    """
    known = [name.decode() for key in pinned for name in key.sig_algorithms if name != b"ssh-rsa"]
    return list(dict.fromkeys((*known, *KEY_ALGORITHMS)))


async def renamed(sftp: asyncssh.SFTPClient, old: str, new: str) -> None:
    try:
        await sftp.posix_rename(old, new)
    except asyncssh.SFTPOpUnsupported:  # said before anything is done
        await sftp.rename(old, new)


async def replaced(sftp: asyncssh.SFTPClient, old: str, new: str) -> None:
    """Also where the server only knows the plain rename, which refuses a name that is taken."""
    try:
        await renamed(sftp, old, new)
    except asyncssh.SFTPFailure:
        if not await sftp.exists(new) or not await sftp.exists(old):
            raise
        await sftp.remove(new)
        await renamed(sftp, old, new)
