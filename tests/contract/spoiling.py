"""Making bad documents out of good ones, whatever their form."""

import re
from collections.abc import Callable, Iterator

from suppliers.connectors.xmldata import LARGEST

Spoil = Callable[[bytes], bytes]
DEEP = 20_000
BOMB = b'<!DOCTYPE a [<!ENTITY b "boom"><!ENTITY c "&b;&b;&b;&b;&b;&b;"><!ENTITY d "&c;&c;&c;&c;&c;&c;">]>'


def _quantity(asked: str, said: bytes) -> Spoil:
    """Everywhere where the quantity that was asked stands for itself."""
    number = re.compile(rf"(?<![\w.:/-]){asked}(\.0+)?(?![\w.:/-])".encode())
    return lambda body: number.sub(said, body)


def _ancient(body: bytes) -> bytes:
    body = re.sub(rb"\b20\d\d-\d\d-\d\d", b"1900-01-01", body)
    return re.sub(rb"(?<![\w.-])1[67]\d{11}(?![\w.])", b"-2208988800000", body)  # in milliseconds


def _prologue(doctype: bytes) -> Spoil:
    def spoil(body: bytes) -> bytes:
        bare = re.sub(rb"<!DOCTYPE[^>]*>", b"", body)
        declaration = re.match(rb"\s*<\?xml[^>]*\?>", bare)
        at = declaration.end() if declaration else 0
        return bare[:at] + doctype + bare[at:]

    return spoil


def _inside(what: bytes) -> Spoil:
    """Before the last closing bracket or tag."""
    return lambda body: body[: (at := max(body.rfind(b"</"), body.rfind(b"}")))] + what + body[at:]


ANY: dict[str, Spoil] = {
    "nothing at all": lambda body: b"",
    "half of it": lambda body: body[: len(body) // 2],
    "a web page": lambda body: b"<html><body>502 Bad Gateway</body></html>",
    "a negative quantity": _quantity("12", b"-12"),
    "a huge quantity": _quantity("12", b"1e400"),
    "a quantity that is no number": _quantity("12", b"NaN"),
    "an endless quantity": _quantity("12", b"Infinity"),
    "the year 1900": _ancient,
}
JSON: dict[str, Spoil] = {
    "a list": lambda body: b"[" + body + b"]",
    "a list for a quantity": _quantity("12", b"[12]"),
    "words for a quantity": _quantity("12", b'"a dozen"'),
    "endless nesting": _inside(b', "deep": ' + b"[" * DEEP + b"]" * DEEP),
}
XML: dict[str, Spoil] = {
    "a DOCTYPE": _prologue(b'<!DOCTYPE order SYSTEM "http://127.0.0.1:9/order.dtd">'),
    "an entity bomb": lambda body: _inside(b"<a>&d;</a>")(_prologue(BOMB)(body)),
    "a foreign file": lambda body: _inside(b"<a>&x;</a>")(
        _prologue(b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]>')(body)
    ),
    "another namespace": lambda body: re.sub(rb'xmlns(:\w+)?="[^"]+"', rb'xmlns\1="urn:nobody"', body),
    "endless nesting": _inside(b"<a>" * DEEP + b"</a>" * DEEP),
}
# What can be read and is not what was asked.
ODD: dict[str, Spoil] = {
    "a part of a pack": _quantity("12", b"6.5"),
    "another currency": lambda body: body.replace(b"GBP", b"SEK"),
}
TOO_LARGE = LARGEST + 2 * 1024 * 1024


def spoiled(body: bytes) -> Iterator[tuple[str, bytes]]:
    """Only what differs: not every document has quantities, dates or namespaces."""
    ways = ANY | (XML if body.lstrip().startswith(b"<") else JSON)
    for what, spoil in ways.items():
        if (bad := spoil(body)) != body:
            yield what, bad
