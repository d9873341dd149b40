"""Connectors to a supplier with a SOAP service, without rows."""

from suppliers.connectors.base import ConnectorConfig
from suppliers.connectors.soap.connector import SoapConnector
from suppliers.sandbox.soap.description import description

SERVICE = "https://acme.example/orders"
SECRET = "callback-secret-1"
SOAP_11 = "http://schemas.xmlsoap.org/soap/envelope/"
SOAP_12 = "http://www.w3.org/2003/05/soap-envelope"


def soap(journal=None, credentials=None, **settings):
    held = {"username": "client-1", "password": "pass-12345", "webhook_secret": SECRET} | (credentials or {})
    if "wsdl_url" not in settings:
        settings = {"wsdl": description(SERVICE)} | settings
    return SoapConnector(
        ConnectorConfig(
            "acme",
            "Acme",
            settings=settings,
            credentials={name: (value,) for name, value in held.items()},
            allow_private_network=True,
        ),
        journal,
    )


def envelope(content, version=SOAP_11):
    return f'<e:Envelope xmlns:e="{version}"><e:Body>{content}</e:Body></e:Envelope>'


def fault(code, text="No.", detail=""):
    return envelope(
        f"<e:Fault><faultcode>{code}</faultcode><faultstring>{text}</faultstring>"
        f"<detail>{detail}</detail></e:Fault>"
    )
