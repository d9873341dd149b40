"""Which addresses we connect to, and knowing for certain whether a request can have left.

Everything that goes wrong until a connection stands (name, route, TLS) is `NotConnected`; whatever goes wrong
later is something else. The exception types of the HTTP library do not keep the two apart: a TLS error, for
one, can come from the handshake or from reading the answer.
"""

import ipaddress
import socket
import ssl
from typing import Any
from urllib.parse import urlsplit

from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import HTTPError

from suppliers.exceptions import ConnectorConfigurationError

NAT64 = ipaddress.ip_network("64:ff9b::/96")


class NotConnected(Exception):
    """Nothing of the request has been sent. Not an OSError, so that it passes the HTTP library untouched."""


def url_problem(url: str) -> str:
    """Why this cannot be the address of a supplier's API; "" if it can."""
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError as error:
        return f"This is not an address: {error}."
    if parts.scheme not in ("http", "https") or not host or any(letter.isspace() for letter in url):
        return "An address begins with https:// and names a host, such as https://api.example.com/v2."
    if parts.username or parts.password:
        return "An address holds no user name or password; enter those as credentials."
    return ""


def address_objection(address: str, *, allow_private: bool) -> str:
    """Why we do not connect to this IP address; "" if we do."""
    ip = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(ip, ipaddress.IPv6Address):
        embedded = ip.ipv4_mapped or ip.sixtofour
        if embedded is None and ip in NAT64:
            embedded = ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)
        if embedded is not None:
            return address_objection(str(embedded), allow_private=allow_private)
    if ip.is_link_local or ip.is_multicast or ip.is_unspecified:
        return "is no address of a supplier"  # cloud metadata services live here
    if not ip.is_global and not allow_private:
        return "is inside our own network; allow that on the supplier's account if it is meant"
    return ""


class _Careful:
    """Mixed into both connection classes; `allow_private` is set by the pool's class."""

    allow_private = False
    host: str
    port: int
    _dns_host: str

    def connect(self) -> None:
        try:
            super().connect()  # type: ignore[misc]
        except (OSError, HTTPError, UnicodeError) as error:
            raise NotConnected(_plainly(error)) from error

    def _new_conn(self) -> socket.socket:
        found = socket.getaddrinfo(self._dns_host, self.port, type=socket.SOCK_STREAM)
        for *_, address in found:
            self._object(str(address[0]))
        connection: socket.socket = super()._new_conn()  # type: ignore[misc]
        try:  # the name may have been given another address between the two look-ups
            self._object(str(connection.getpeername()[0]))
        except BaseException:
            connection.close()
            raise
        return connection

    def _object(self, address: str) -> None:
        if objection := address_objection(address, allow_private=self.allow_private):
            raise ConnectorConfigurationError(f"{self.host} ({address}) {objection}.")


def _plainly(error: BaseException) -> str:
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, socket.gaierror | UnicodeError):
            return "its name cannot be resolved"
        if isinstance(cause, TimeoutError):
            return "it did not take the connection in time"
        if isinstance(cause, ssl.SSLCertVerificationError):
            return f"its certificate is not valid ({cause.verify_message})"
        if isinstance(cause, ConnectionRefusedError):
            return "it refused the connection"
        cause = cause.__cause__ or cause.__context__
    return f"no connection ({type(error).__name__})"


class _GuardedHTTP(_Careful, HTTPConnection):
    pass


class _GuardedHTTPS(_Careful, HTTPSConnection):
    pass


class _OpenHTTP(_GuardedHTTP):
    allow_private = True


class _OpenHTTPS(_GuardedHTTPS):
    allow_private = True


class _GuardedHTTPPool(HTTPConnectionPool):
    ConnectionCls = _GuardedHTTP


class _GuardedHTTPSPool(HTTPSConnectionPool):
    ConnectionCls = _GuardedHTTPS


class _OpenHTTPPool(HTTPConnectionPool):
    ConnectionCls = _OpenHTTP


class _OpenHTTPSPool(HTTPSConnectionPool):
    ConnectionCls = _OpenHTTPS


class CarefulAdapter(HTTPAdapter):
    """Refuses addresses inside our own network unless allowed, and repeats nothing by itself."""

    def __init__(self, *, allow_private: bool) -> None:
        self.allow_private = allow_private
        super().__init__(max_retries=0)

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = (
            {"http": _OpenHTTPPool, "https": _OpenHTTPSPool}
            if self.allow_private
            else {"http": _GuardedHTTPPool, "https": _GuardedHTTPSPool}
        )
