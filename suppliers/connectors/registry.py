"""Every supplier protocol, one line each. Imported on first use, so a protocol nobody uses costs nothing."""

from pkgutil import resolve_name

from suppliers.connectors.base import Connector
from suppliers.exceptions import ConnectorConfigurationError

CONNECTORS: dict[str, str] = {
    "cerve": "suppliers.connectors.cerve.connector.CerveConnector",
    "squizz": "suppliers.connectors.squizz.connector.SquizzConnector",
    "fourws": "suppliers.connectors.fourws.connector.FourwsConnector",
    "email": "suppliers.connectors.email.connector.EmailConnector",
    "cxml": "suppliers.connectors.cxml.connector.CxmlConnector",
    "rest": "suppliers.connectors.rest.connector.RestConnector",
    "soap": "suppliers.connectors.soap.connector.SoapConnector",
    "sftp_ubl": "suppliers.connectors.sftp_ubl.connector.SftpUblConnector",
    "zaikio": "suppliers.connectors.zaikio.connector.ZaikioConnector",
}


def connector_class(protocol: str) -> type[Connector]:
    if protocol not in CONNECTORS:
        known = ", ".join(sorted(CONNECTORS))
        raise ConnectorConfigurationError(f"There is no protocol {protocol!r}; known: {known}.")
    found: type[Connector] = resolve_name(CONNECTORS[protocol])
    return found
