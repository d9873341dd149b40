"""The WSDL of a sandbox supplier: one service, with a port for each version of SOAP."""

from suppliers.sandbox.soap.wire import NAMESPACE

SOAP_BINDINGS = {
    "11": "http://schemas.xmlsoap.org/wsdl/soap/",
    "12": "http://schemas.xmlsoap.org/wsdl/soap12/",
}
OPERATIONS = ("PlaceOrder", "GetOrder", "CancelOrder")
# (name, type, least, most): 0 to 1 is an element that may be left out.
PLACE = ("name", "line1", "line2", "city", "region", "postcode", "country")
HEAD = """<wsdl:definitions xmlns:wsdl="http://schemas.xmlsoap.org/wsdl/" xmlns:tns="{ns}"
 xmlns:xsd="http://www.w3.org/2001/XMLSchema" xmlns:soap11="{soap11}" xmlns:soap12="{soap12}" targetNamespace="{ns}">
<wsdl:types><xsd:schema targetNamespace="{ns}" elementFormDefault="qualified">
"""


def description(address: str) -> str:
    soap = {f"soap{version}": uri for version, uri in SOAP_BINDINGS.items()}
    parts = [HEAD.format(ns=NAMESPACE, **soap), *_types(), "</xsd:schema></wsdl:types>\n"]
    for name in [*OPERATIONS, *(f"{operation}Response" for operation in OPERATIONS)]:
        parts.append(
            f'<wsdl:message name="{name}"><wsdl:part name="body" element="tns:{name}"/></wsdl:message>\n'
        )
    parts.append('<wsdl:portType name="Orders">\n')
    for name in OPERATIONS:
        parts.append(
            f'<wsdl:operation name="{name}"><wsdl:input message="tns:{name}"/>'
            f'<wsdl:output message="tns:{name}Response"/></wsdl:operation>\n'
        )
    parts.append("</wsdl:portType>\n")
    parts += [_binding(version) for version in SOAP_BINDINGS]
    ports = "".join(
        f'<wsdl:port name="Orders{version}" binding="tns:Orders{version}">'
        f'<soap{version}:address location="{address}"/></wsdl:port>\n'
        for version in SOAP_BINDINGS
    )
    parts.append(f'<wsdl:service name="OrderService">\n{ports}</wsdl:service>\n</wsdl:definitions>\n')
    return "".join(parts)


def _types() -> list[str]:
    line = (
        _one("line_number", "int", 0) + _one("sku") + _one("description", least=0) + _one("quantity", "decimal")
        + _one("unit") + _one("unit_price", "decimal", 0) + _one("requested_date", "date", 0)
        + _one("note", least=0)
    )  # fmt: skip
    order = (
        _one("order_number") + _one("customer_number", least=0) + _one("ordered_at", "dateTime", 0)
        + _one("currency") + _one("requested_date", "date", 0) + _one("note", least=0)
        + _holding("deliver_to", "".join(_one(name, least=0) for name in PLACE), 0)
        + _holding("lines", _holding("line", line, most="unbounded"))
    )  # fmt: skip
    taken_line = (
        _one("line_number", "int", 0) + _one("sku") + _one("quantity", "decimal")
        + _one("unit_price", "decimal", 0)
    )  # fmt: skip
    problem = _one("sku") + _one("kind") + _one("text", least=0)
    taken = (
        _one("order_number") + _one("supplier_order_number", least=0) + _one("status") + _one("note", least=0)
        + _one("timestamp", "dateTime", 0) + _one("currency", least=0)
        + _holding("lines", _holding("line", taken_line, 0, "unbounded"), 0)
        + _holding("problems", _holding("problem", problem, 0, "unbounded"), 0)
    )  # fmt: skip
    return [
        f'<xsd:complexType name="Taken"><xsd:sequence>\n{taken}</xsd:sequence></xsd:complexType>\n',
        _holding("PlaceOrder", order),
        '<xsd:element name="PlaceOrderResponse" type="tns:Taken"/>\n',
        _holding("GetOrder", _one("order_number")),
        _holding(
            "GetOrderResponse",
            '<xsd:element name="order" type="tns:Taken" minOccurs="0" maxOccurs="unbounded"/>\n',
        ),
        _holding("CancelOrder", _one("order_number") + _one("reason", least=0)),
        '<xsd:element name="CancelOrderResponse" type="tns:Taken"/>\n',
    ]


def _one(name: str, kind: str = "string", least: int = 1) -> str:
    return f'<xsd:element name="{name}" type="xsd:{kind}"{_times(least, "1")}/>\n'


def _holding(name: str, members: str, least: int = 1, most: str = "1") -> str:
    return (
        f'<xsd:element name="{name}"{_times(least, most)}><xsd:complexType><xsd:sequence>\n{members}'
        "</xsd:sequence></xsd:complexType></xsd:element>\n"
    )


def _times(least: int, most: str) -> str:
    return (' minOccurs="0"' if not least else "") + (f' maxOccurs="{most}"' if most != "1" else "")


def _binding(version: str) -> str:
    operations = "".join(
        f'<wsdl:operation name="{name}"><soap{version}:operation soapAction="{NAMESPACE}/{name}"/>'
        f'<wsdl:input><soap{version}:body use="literal"/></wsdl:input>'
        f'<wsdl:output><soap{version}:body use="literal"/></wsdl:output></wsdl:operation>\n'
        for name in OPERATIONS
    )
    return (
        f'<wsdl:binding name="Orders{version}" type="tns:Orders">'
        f'<soap{version}:binding style="document" transport="http://schemas.xmlsoap.org/soap/http"/>\n'
        f"{operations}</wsdl:binding>\n"
    )
