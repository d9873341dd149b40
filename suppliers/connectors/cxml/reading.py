"""Reading cXML: the one DOCTYPE that may stand there, attributes and texts as values, secrets out of the bytes."""

import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from decimal import Decimal
from typing import Any
from xml.parsers import expat

from suppliers.connectors.jsondata import Json
from suppliers.connectors.xmldata import Xml
from suppliers.exceptions import ProtocolError

DOCTYPE = re.compile(
    r"https?://xml\.cxml\.org/schemas/cXML/[\w.]{1,20}/\w{1,40}\.dtd", re.ASCII | re.IGNORECASE
)
NUMBER = re.compile(r"[+-]?[0-9]{1,30}(\.[0-9]{0,30})?", re.ASCII)
BLANK = b"***"


class Said(Json):
    """The value of an attribute or the text of an element, None where absent; read as what it should be."""

    def number(self, *, negative: bool = False) -> Decimal:
        if not isinstance(self.value, str) or not NUMBER.fullmatch(self.value.strip()):
            raise self.wrong("a number")
        return Json(Decimal(self.value.strip()), self.what, self.path).number(negative=negative)


def attribute(xml: Xml, name: str) -> Said:
    return Said(xml.attribute(name) or None, f"{xml.what}, line {xml.line}", f"{xml.path}/@{name}")


def content(xml: Xml) -> Said:
    """The text directly inside the element; what other elements in it say is not part of it."""
    text = None
    if xml.element is not None:
        text = "".join([xml.element.text or "", *(inner.tail or "" for inner in xml.element)]).strip() or None
    return Said(text, f"{xml.what}, line {xml.line}", xml.path)


def numbered(xml: Xml, name: str) -> Iterator[Xml]:
    """The elements of this name with their place in the row, so that errors can say which."""
    for index, found in enumerate(xml.all(name), 1):
        yield Xml(found.element, found.what, found.names, f"{found.path}[{index}]", found.line)


def document_read(body: bytes, what: str) -> Xml:
    """The root of a cXML document. A DOCTYPE may name the cXML DTD, which is not loaded, and nothing else."""
    root = Xml.parse(_without_doctype(body, what), what, {})
    if root.tag != "cXML":
        raise root.wrong("a cXML document")
    return root


def _without_doctype(body: bytes, what: str) -> bytes:
    """With a DOCTYPE that is not loaded, parsers silently drop references they cannot know. Without, they complain."""
    if b"\0" in body:  # UTF-16 at best; a secret in it would be overlooked
        raise ProtocolError(f"{what} is not readable XML: it contains NUL bytes.")
    parser: Any = expat.ParserCreate()
    places: list[int] = []

    def begins(name: str, system: str | None, public: str | None, internal: int) -> None:
        if internal:
            raise ProtocolError(f"{what} has a DOCTYPE with declarations of its own; it is not read.")
        if name != "cXML" or public or not DOCTYPE.fullmatch(system or ""):
            raise ProtocolError(f"{what} has a DOCTYPE other than that of cXML; it is not read.")
        end = body.index(b">", parser.CurrentByteIndex) + 1
        places.extend((body.rindex(b"<!DOCTYPE", 0, end), end))

    def root(tag: str, attributes: dict[str, str]) -> None:
        raise _Enough

    parser.StartDoctypeDeclHandler, parser.StartElementHandler = begins, root
    with _refusing(what), suppress(_Enough):
        parser.Parse(body, True)
    if not places:
        return body
    start, end = places
    return body[:start] + re.sub(rb"[^\n]", b" ", body[start:end]) + body[end:]


def blanked(body: bytes, name: str) -> bytes:
    """Byte for byte what was sent, but for the content of elements of this name."""
    parser: Any = expat.ParserCreate()
    depth, secret_depth, began = 0, 0, -1
    cuts: list[tuple[int, int]] = []

    def inside(*details: Any) -> None:
        nonlocal began
        if secret_depth and began < 0:
            began = parser.CurrentByteIndex

    def start(tag: str, attributes: dict[str, str]) -> None:
        nonlocal depth, secret_depth
        inside()
        depth += 1
        if not secret_depth and tag.rpartition(":")[2] == name:
            secret_depth = depth

    def end(tag: str) -> None:
        nonlocal depth, secret_depth, began
        if secret_depth == depth:
            if began >= 0:
                cuts.append((began, parser.CurrentByteIndex))
            secret_depth, began = 0, -1
        depth -= 1

    parser.StartElementHandler, parser.EndElementHandler = start, end
    parser.CharacterDataHandler = parser.CommentHandler = inside
    parser.ProcessingInstructionHandler = parser.StartCdataSectionHandler = inside
    with _refusing("The document"):
        parser.Parse(body, True)
    for first, last in reversed(cuts):
        body = body[:first] + BLANK + body[last:]
    return body


class _Enough(Exception):
    """The root element has been reached."""


@contextmanager
def _refusing(what: str) -> Iterator[None]:
    try:
        yield
    except (
        expat.ExpatError,
        ValueError,
        LookupError,
    ) as error:  # the last two: an encoding nobody can decode
        raise ProtocolError(f"{what} is not readable XML: {error}.") from None
