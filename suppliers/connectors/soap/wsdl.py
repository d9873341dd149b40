"""The service that a WSDL describes: where it is, which operations it has, and what a request of each looks like."""

import io
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlsplit

from lxml import etree
from zeep import Settings
from zeep.transports import Transport
from zeep.wsa import WsAddressingPlugin
from zeep.wsdl import Document
from zeep.wsdl.bindings.soap import Soap12Binding, SoapBinding

from suppliers.connectors.soap.mapping import is_wsdl
from suppliers.connectors.xmldata import Xml
from suppliers.exceptions import ConnectorConfigurationError, ConnectorError, ProtocolError

MOST_DOCUMENTS = 50
# Imports are not forbidden here: `_Loader` lets through those of the WSDL's own host.
CAREFUL = {"forbid_dtd": True, "forbid_entities": True}
Fetch = Callable[[str], bytes]


class _Loader(Transport):
    """Gives zeep the documents that a WSDL imports. Requests never go through it."""

    def __init__(self, location: str, fetch: Fetch) -> None:
        self._location = location
        self._fetch = fetch
        self._left = MOST_DOCUMENTS
        self._close_session = False  # there is none

    def load(self, url: str) -> bytes:
        if not self._location:
            raise ProtocolError(f"The WSDL imports {url}; give its address, or paste it as one document.")
        if urlsplit(url)[:2] != urlsplit(self._location)[:2]:
            raise ProtocolError(f"The WSDL imports {url}, which is on another host; that is not followed.")
        self._left -= 1
        if self._left < 0:
            raise ProtocolError(f"The WSDL imports more than {MOST_DOCUMENTS} documents.")
        body = self._fetch(url)
        Xml.parse(body, url, {})  # refuses what is dangerous
        return body


class Service:
    """One port of one service. `location` is empty for a WSDL that was pasted."""

    def __init__(
        self, body: bytes, location: str, fetch: Fetch, *, service_name: str, port_name: str
    ) -> None:
        if not is_wsdl(body):
            raise ProtocolError("What should be the WSDL is another document.")
        self._location = location
        settings = Settings(**CAREFUL)
        loader: Any = _Loader(location, fetch)
        try:
            document = Document(io.BytesIO(body), loader, base=location or None, settings=settings)
        except (ConnectorError, ConnectorConfigurationError):
            raise
        except Exception as error:  # zeep has no one type for what is wrong with a WSDL
            raise ProtocolError(f"The WSDL cannot be understood: {_said(error)}.") from None
        self._port = _port(document, service_name, port_name)

    def address(self, endpoint: str) -> str:
        """`endpoint` as entered by an administrator goes first."""
        told: str = (self._port.binding_options or {}).get("address") or ""
        if endpoint or not told:
            if not endpoint:
                raise ConnectorConfigurationError("The WSDL names no address of the service; enter it.")
            return endpoint
        if self._location and urlsplit(told).hostname != urlsplit(self._location).hostname:
            raise ConnectorConfigurationError(
                f"The WSDL sends us to another host, {urlsplit(told).hostname}: enter the address of the service "
                "if that is right."
            )
        return told

    def operations(self) -> list[str]:
        return sorted(self._port.binding.all())

    def request(
        self, operation: str, arguments: Mapping[str, Any], token: Any, address: str
    ) -> tuple[bytes, dict[str, str]]:
        """The envelope and the headers that SOAP wants."""
        binding = self._port.binding
        if operation not in binding.all():
            known = ", ".join(self.operations())
            raise ConnectorConfigurationError(f"The WSDL has no operation {operation!r}; it has {known}.")
        described = binding.get(operation)
        try:
            made = described.create(**arguments)
            envelope, headers = made.content, dict(made.headers)
            if described.abstract.wsa_action:
                options = {"address": address}
                envelope, headers = WsAddressingPlugin().egress(envelope, headers, described, options)
            if token is not None:
                envelope, _ = token.apply(envelope, headers)
        except Exception as error:  # nor for what does not fit it; nothing has been sent yet
            raise ProtocolError(
                f"What we have to say does not fit the operation {operation}: {_said(error)}."
            ) from None
        action = described.soapaction or ""
        if isinstance(binding, Soap12Binding):
            content_type = "application/soap+xml; charset=utf-8" + (f'; action="{action}"' if action else "")
            return _written(envelope), {"Content-Type": content_type}
        return _written(envelope), {"Content-Type": "text/xml; charset=utf-8", "SOAPAction": f'"{action}"'}


def _port(document: Document, service_name: str, port_name: str) -> Any:
    found = [
        (service.name, port.name, port)
        for service in document.services.values()
        for port in service.ports.values()
        if isinstance(port.binding, SoapBinding)
    ]
    for service, name, port in found:
        if service_name in ("", service) and port_name in ("", name):
            return port
    known = ", ".join(f"{service}/{name}" for service, name, _ in found) or "none"
    raise ConnectorConfigurationError(
        f"The WSDL has no SOAP port {service_name or 'any service'}/{port_name or 'any port'}; it has: {known}."
    )


def _written(envelope: etree._Element) -> bytes:
    return etree.tostring(envelope, xml_declaration=True, encoding="utf-8")


def _said(error: Exception) -> str:
    return " ".join(str(error).split())[:300].rstrip(".") or type(error).__name__
