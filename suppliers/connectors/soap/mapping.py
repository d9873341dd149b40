"""An XML answer as the tree of names that the declared paths lead through.

Elements are known by their local names. One that comes several times is a list; an empty or nil one is nothing. An
attribute is a member `@name`; the text of an element with attributes is `#text`.
"""

from typing import Any

from lxml import etree

from suppliers.connectors.declared.mapping import AnswerMapping
from suppliers.connectors.jsondata import Json
from suppliers.connectors.xmldata import Xml
from suppliers.exceptions import ProtocolError

SOAP_11 = "http://schemas.xmlsoap.org/soap/envelope/"
SOAP_12 = "http://www.w3.org/2003/05/soap-envelope"
NAMES = {"soap11": SOAP_11, "soap12": SOAP_12}
WSDL = "{http://schemas.xmlsoap.org/wsdl/}definitions"
NIL = "{http://www.w3.org/2001/XMLSchema-instance}nil"
LISTS = ("lines", "problems", "shipment.lines", "charges")


def is_wsdl(body: bytes) -> bool:
    return Xml.parse(body, "The WSDL", {}).tag == WSDL


def envelope_of(body: bytes, what: str) -> tuple[Xml, str]:
    """The root element, and the prefix of its SOAP version in `NAMES`; "" where it is no envelope."""
    root = Xml.parse(body, what, NAMES)
    versions = {f"{{{namespace}}}Envelope": prefix for prefix, namespace in NAMES.items()}
    return root, versions.get(root.tag, "")


def content_of(body: bytes, what: str) -> Xml:
    """What stands in the Body; false where the Body is empty."""
    root, version = envelope_of(body, what)
    if not version:
        raise root.wrong("a SOAP envelope")
    found = root.get(f"{version}:Body")
    if not found:
        raise found.wrong("a SOAP Body")
    return next(found.all("*"), Xml(None, what, NAMES, "the Body's element", found.line))


def is_empty(body: bytes, what: str) -> bool:
    return not body.strip() or not content_of(body, what)


def answer_of(body: bytes, what: str, mapping: AnswerMapping, *, orders_at: str = "") -> Json:
    """`orders_at`: the path to the order, or to several, that the answer tells of; empty: it is one itself."""
    found = content_of(body, what)
    if not found:
        raise found.wrong("an element")
    return tree(found, what, mapping, orders_at)


def message_of(body: bytes, what: str, mapping: AnswerMapping) -> Json:
    """The same for what a supplier posts to us, with an envelope or without one."""
    root, version = envelope_of(body, what)
    found = content_of(body, what) if version else root
    if not found:
        raise found.wrong("an element")
    return tree(found, what, mapping)


def tree(found: Xml, what: str, mapping: AnswerMapping, orders_at: str = "") -> Json:
    value = value_of(found)
    if not isinstance(value, dict):
        value = None if value is None else {"#text": value}
    for name in LISTS:
        if path := mapping.path(name):
            _be_list(value, [*filter(None, orders_at.split(".")), *path.split(".")])
    # An answer that says nothing still is one.
    return Json({} if value is None else value, what)


def value_of(found: Xml) -> Any:
    element = found.element
    return None if element is None else _value(element)


def _value(element: etree._Element) -> Any:
    if (element.get(NIL) or "").strip() in ("true", "1"):
        return None
    named = ((str(name), value) for name, value in element.attrib.items())
    members: dict[str, Any] = {f"@{name}": value for name, value in named if not name.startswith("{")}
    for child in element:
        name, value = etree.QName(child).localname, _value(child)
        if name not in members:
            members[name] = value
        elif isinstance(members[name], list):
            members[name].append(value)
        else:
            members[name] = [members[name], value]
    text = "" if len(element) else (element.text or "").strip()
    if not members:
        return text or None
    return members | ({"#text": text} if text else {})


def _be_list(value: Any, path: list[str]) -> None:
    """One line alone is a list of one, too; in each order, where there are several."""
    step, *further = path
    if isinstance(value, list):
        for entry in value:
            _be_list(entry, further if step.isdigit() and further else path)
    elif isinstance(value, dict) and value.get(step) is not None:
        if further:
            _be_list(value[step], further)
        elif not isinstance(value[step], list):
            value[step] = [value[step]]


def says_nothing(answer: Json, path: str) -> bool:
    """Whether the element that would hold `path` is there and holds nothing at all.

    With anything else in it, it may be that the path is wrong.
    """
    value: Any = answer.value
    for parent in path.split(".")[:-1]:
        if not isinstance(value, dict) or parent not in value:
            return False
        value = value[parent]
    return value is None or (isinstance(value, dict) and all(name.startswith("@") for name in value))


def empty_answer(body: bytes) -> tuple[str, bytes] | None:
    """Content type and envelope with which we answer an envelope; None to anything else."""
    try:
        _, version = envelope_of(body, "The body")
    except ProtocolError:
        return None
    if not version:
        return None
    envelope = f'<e:Envelope xmlns:e="{NAMES[version]}"><e:Body/></e:Envelope>'
    kind = "application/soap+xml" if version == "soap12" else "text/xml"
    return f"{kind}; charset=utf-8", envelope.encode()
