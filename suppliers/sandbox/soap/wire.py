"""Reading envelopes and writing answers as the WSDL has them."""

import base64
import binascii
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from lxml import etree
from werkzeug.wrappers import Response

from suppliers.connectors.soap.mapping import NAMES, SOAP_11, SOAP_12, content_of, envelope_of
from suppliers.connectors.xmldata import Xml
from suppliers.exceptions import ProtocolError
from suppliers.packing import plain
from suppliers.sandbox.ledger import PlacedOrder
from suppliers.sandbox.trade import Answer, Item
from suppliers.sandbox.web import BadRequest
from suppliers.sandbox.world import SandboxSupplier

NAMESPACE = "urn:sandbox:orders"
WSSE = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd"
WSU = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd"
CODES_12 = {"Client": "Sender", "Server": "Receiver"}
Members = Sequence[tuple[str, Any]]


@dataclass(frozen=True, slots=True)
class Token:
    name: str
    password: str
    nonce: bytes
    created: str


@dataclass(frozen=True, slots=True)
class Asked:
    version: str  # namespace of the envelope
    name: str
    content: Xml
    token: Token | None
    reference: str


def asked(body: bytes) -> Asked:
    try:
        root, prefix = envelope_of(body, "The request")
        content = content_of(body, "The request")
        reference = content.get(f"{{{NAMESPACE}}}order_number").text(limit=40)
    except ProtocolError as error:
        raise BadRequest(str(error)) from None
    if not content.tag.startswith(f"{{{NAMESPACE}}}"):
        raise BadRequest(f"{content.tag} is not of {NAMESPACE}.")
    return Asked(NAMES[prefix], content.tag.partition("}")[2], content, _token(root), reference)


def _token(root: Xml) -> Token | None:
    found = next(root.all(f".//{{{WSSE}}}UsernameToken"), None)
    if found is None:
        return None
    password = found.get(f"{{{WSSE}}}Password")
    digest = password.attribute("Type").endswith("#PasswordDigest")
    try:
        nonce = base64.b64decode(found.get(f"{{{WSSE}}}Nonce").raw(), validate=True) if digest else b""
    except binascii.Error:
        nonce = b""
    return Token(
        found.get(f"{{{WSSE}}}Username").raw(), password.raw(), nonce, found.get(f"{{{WSU}}}Created").raw()
    )


def base64_text(data: bytes) -> str:
    return base64.b64encode(data).decode()


def items(request: Asked, supplier: SandboxSupplier) -> list[Item]:
    found = []
    for line in request.content.all(f"{{{NAMESPACE}}}lines/{{{NAMESPACE}}}line"):
        try:
            sku = line.get(f"{{{NAMESPACE}}}sku").text(limit=60)
            unit = line.get(f"{{{NAMESPACE}}}unit").text(limit=10)
            quantity = line.get(f"{{{NAMESPACE}}}quantity").number()
        except ProtocolError as error:
            raise BadRequest(str(error)) from None
        product = supplier.product(sku)
        if product is not None and unit != product.unit:
            raise BadRequest(f"{sku}: no such product in unit {unit!r}.")
        if not quantity:
            raise BadRequest(f"{sku}: the quantity must be above 0.")
        found.append(Item(sku, unit, quantity))
    if not found:
        raise BadRequest("An order has at least one line.")
    return found


# -- writing ----------------------------------------------------------------------------------------------
def answer(request: Asked, members: Members) -> Response:
    return _response(request.version, _element(f"{request.name}Response", members))


def refusal(request: Asked, unavailable: Iterable[tuple[str, str]], supplier: SandboxSupplier) -> Response:
    problems = [
        ("problem", [("sku", sku), ("kind", _kind(sku, supplier)), ("text", reason)])
        for sku, reason in unavailable
    ]
    return answer(
        request,
        [
            ("order_number", request.reference),
            ("status", "refused"),
            ("note", "None of the lines can be delivered."),
            ("problems", problems),
        ],
    )


def _kind(sku: str, supplier: SandboxSupplier) -> str:
    return "out_of_stock" if supplier.product(sku) else "unknown_item"


def order_members(order: PlacedOrder, status: str) -> Members:
    return [
        ("order_number", order.reference),
        ("supplier_order_number", order.number),
        ("status", status),
        ("timestamp", order.at.isoformat()),
        ("currency", order.currency),
        (
            "lines",
            [
                (
                    "line",
                    [
                        ("sku", line.supplier_product_id),
                        ("quantity", line.quantity),
                        ("unit_price", line.unit_price),
                    ],
                )
                for line in order.lines
            ],
        ),
    ]


def callback(order: PlacedOrder, said: Answer, message_id: str) -> bytes:
    lines = [
        (
            "line",
            [
                ("sku", line.supplier_product_id),
                ("quantity", line.quantity),
                ("unit_price", line.unit_price),
                ("delivery_date", line.expected_delivery and line.expected_delivery.isoformat()),
                ("note", line.note or None),
            ],
        )
        for line in said.lines
    ]
    members: list[tuple[str, Any]] = [
        ("id", message_id),
        ("order_number", order.reference),
        ("supplier_order_number", order.number),
        ("status", said.kind),
        ("timestamp", datetime.now(UTC).isoformat()),
        ("currency", order.currency),
        ("note", said.note or None),
        ("lines", lines),
    ]
    if said.kind == "shipped":
        shipment = [
            ("id", f"{order.number}/{said.part}"),
            ("carrier", "Sandbox Carriers"),
            ("tracking", f"SC{order.id:06}{said.part}"),
        ]
        members.append(("shipment", shipment))
    return _written(SOAP_11, _element("OrderAnswer", members))


def fault(version: str, code: str, text: str, *, detail: str = "", security: bool = False) -> Response:
    """HTTP 500, as SOAP 1.1 wants it; SOAP 1.2 says 400 where the sender is at fault."""
    prefix = "wsse" if security else "e"
    if version == SOAP_11:
        found = etree.Element(f"{{{SOAP_11}}}Fault", nsmap={"e": SOAP_11, "wsse": WSSE})
        etree.SubElement(found, "faultcode").text = f"{prefix}:{code}"
        etree.SubElement(found, "faultstring").text = text
        holder = "detail"
    else:
        found = etree.Element(f"{{{SOAP_12}}}Fault", nsmap={"e": SOAP_12, "wsse": WSSE})
        told = etree.SubElement(found, f"{{{SOAP_12}}}Code")
        first = "Sender" if security else CODES_12[code]
        etree.SubElement(told, f"{{{SOAP_12}}}Value").text = f"e:{first}"
        if security:
            deeper = etree.SubElement(told, f"{{{SOAP_12}}}Subcode")
            etree.SubElement(deeper, f"{{{SOAP_12}}}Value").text = f"wsse:{code}"
        reason = etree.SubElement(found, f"{{{SOAP_12}}}Reason")
        etree.SubElement(reason, f"{{{SOAP_12}}}Text").text = text
        holder = f"{{{SOAP_12}}}Detail"
    if detail:
        etree.SubElement(etree.SubElement(found, holder), f"{{{NAMESPACE}}}{detail}").text = text
    return _response(version, found, 400 if version == SOAP_12 and code != "Server" else 500)


def _element(name: str, members: Members) -> etree._Element:
    element = etree.Element(f"{{{NAMESPACE}}}{name}", nsmap={"o": NAMESPACE})
    for member, value in members:
        if isinstance(value, list):
            element.append(_element(member, value))
        elif value is not None:
            text = plain(value) if isinstance(value, Decimal) else str(value)
            etree.SubElement(element, f"{{{NAMESPACE}}}{member}").text = text
    return element


def _written(version: str, content: etree._Element) -> bytes:
    envelope = etree.Element(f"{{{version}}}Envelope", nsmap={"e": version})
    etree.SubElement(envelope, f"{{{version}}}Body").append(content)
    return etree.tostring(envelope, xml_declaration=True, encoding="utf-8")


def _response(version: str, content: etree._Element, status: int = 200) -> Response:
    kind = "text/xml" if version == SOAP_11 else "application/soap+xml"
    return Response(_written(version, content), status=status, content_type=f"{kind}; charset=utf-8")
