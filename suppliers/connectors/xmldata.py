"""Reading XML that somebody else wrote.

Before anything is built from it, a document is walked once by a parser that stops at the first DOCTYPE: without one
there are no entities, so nothing to expand and nothing to fetch. Size and depth are bounded. Whatever is missing or
absurd becomes a `ProtocolError` that names the element and the line of the file.
"""

import re
from collections.abc import Iterator, Mapping
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from xml.sax import SAXException, SAXParseException
from xml.sax.handler import ContentHandler

from defusedxml import sax
from defusedxml.common import DefusedXmlException
from lxml import etree

from suppliers.connectors.jsondata import LIMIT, STEP, UNPRINTABLE
from suppliers.exceptions import ProtocolError

LARGEST = 8 * 1024 * 1024
DEEPEST = 64
EARLIEST, LATEST = date(2000, 1, 1), date(2100, 1, 1)  # no order and no answer is of another time
_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)")


class _TooDeep(Exception):
    pass


class _Depth(ContentHandler):
    def __init__(self) -> None:
        super().__init__()
        self._depth = 0

    def startElement(self, name: str, attrs: object) -> None:
        self._depth += 1
        if self._depth > DEEPEST:
            raise _TooDeep

    def endElement(self, name: str) -> None:
        self._depth -= 1


def _refuse_dangerous(body: bytes, what: str) -> None:
    if len(body) > LARGEST:
        raise ProtocolError(f"{what} has {len(body)} bytes; at most {LARGEST} are read.")
    if not body.strip():
        raise ProtocolError(f"{what} is empty.")
    try:
        sax.parseString(body, _Depth(), forbid_dtd=True)
    except DefusedXmlException:
        raise ProtocolError(f"{what} has a DOCTYPE, which is not allowed.") from None
    except _TooDeep:
        raise ProtocolError(f"{what} is nested more than {DEEPEST} deep.") from None
    except SAXParseException as error:
        raise ProtocolError(
            f"{what} is not readable XML: {error.getMessage()}, line {error.getLineNumber()}."
        ) from None
    except (SAXException, ValueError, LookupError) as error:
        raise ProtocolError(f"{what} is not readable XML: {error}.") from None


class Xml:
    """An element, or the place where one is missing. Paths are written with the prefixes given to `parse`."""

    __slots__ = ("element", "line", "names", "path", "what")

    def __init__(
        self, element: etree._Element | None, what: str, names: Mapping[str, str], path: str, line: int
    ) -> None:
        self.element = element
        self.what = what
        self.names = names
        self.path = path
        at = None if element is None else element.sourceline
        self.line: int = at if isinstance(at, int) else line

    @classmethod
    def parse(cls, body: bytes, what: str, names: Mapping[str, str]) -> "Xml":
        """The root element; `names` are the prefixes used in paths."""
        _refuse_dangerous(body, what)
        parser = etree.XMLParser(
            resolve_entities=False, no_network=True, load_dtd=False, remove_comments=True, remove_pis=True
        )
        try:
            root = etree.fromstring(body, parser)
        except (etree.XMLSyntaxError, ValueError) as error:
            raise ProtocolError(f"{what} is not readable XML: {error}.") from None
        return cls(root, what, names, etree.QName(root).localname, 1)

    def __bool__(self) -> bool:
        return self.element is not None

    @property
    def tag(self) -> str:
        """Namespace and name, as {urn:...}Name."""
        return "" if self.element is None else str(self.element.tag)

    def wrong(self, expected: str) -> ProtocolError:
        shown = "missing"
        if self.element is not None:
            text = "".join(str(part) for part in self.element.itertext()).strip()
            shown = repr(text if len(text) <= 60 else text[:57] + "...") if text else "empty"
        return ProtocolError(f"{self.what}, line {self.line}: {self.path} is {shown}, expected {expected}.")

    def get(self, path: str) -> "Xml":
        """The first element at `path`; false where there is none."""
        return next(self.all(path), None) or self._child(None, path)

    def all(self, path: str) -> Iterator["Xml"]:
        """The elements at `path`, in their order."""
        for found in [] if self.element is None else self.element.findall(path, dict(self.names)):
            yield self._child(found, path)

    def descendants(self, *names: str) -> Iterator["Xml"]:
        """All elements of these names (written with their prefix) below this one."""
        for name in names:
            yield from self.all(f".//{name}")

    def every(self) -> Iterator["Xml"]:
        """This element and all below it."""
        for found in [] if self.element is None else self.element.iter():
            yield self if found is self.element else self._child(found, etree.QName(found).localname)

    def attribute(self, name: str) -> str:
        return "" if self.element is None else (self.element.get(name) or "").strip()

    def raw(self) -> str:
        """The text as it stands; "" where the element is absent or holds other elements."""
        return "" if self.element is None or len(self.element) else (self.element.text or "").strip()

    def text(self, *, limit: int) -> str:
        value = self.raw()
        if not value or len(value) > limit or UNPRINTABLE.search(value):
            raise self.wrong(f"a text of at most {limit} characters")
        return value

    def note(self, *, limit: int) -> str:
        """A remark for people: shortened rather than refused; "" where absent."""
        return UNPRINTABLE.sub(" ", self.raw())[:limit]

    def number(self, *, negative: bool = False) -> Decimal:
        """At most 10 digits before the point; rounded to the decimals that our rows hold."""
        said = self.raw()
        if len(said) > 60 or not said.isascii() or not _NUMBER.fullmatch(said):
            raise self.wrong("a number")
        value = Decimal(said)
        if abs(value) >= LIMIT:
            raise self.wrong("a number with at most 10 digits before the point")
        if value < 0 and not negative:
            raise self.wrong("0 or more")
        return value.quantize(STEP, rounding=ROUND_HALF_UP)

    def day(self) -> date:
        said = self.raw()
        try:
            found = date.fromisoformat(said) if re.fullmatch(r"\d{4}-\d{2}-\d{2}", said) else None
        except ValueError:
            found = None
        if found is None or not EARLIEST <= found < LATEST:
            raise self.wrong(f"a date like 2026-01-31, from {EARLIEST.year} to {LATEST.year - 1}")
        return found

    def _child(self, element: etree._Element | None, path: str) -> "Xml":
        shown = "/".join(part.rpartition(":")[2] for part in path.split("/") if part not in (".", ""))
        return Xml(element, self.what, self.names, f"{self.path}/{shown}", self.line)
