"""What a fault says, and what that means by the account's table."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from suppliers.connectors.declared.mapping import path_follow
from suppliers.connectors.jsondata import Json
from suppliers.connectors.soap.mapping import SOAP_11, SOAP_12, content_of, value_of
from suppliers.connectors.words import Words
from suppliers.connectors.xmldata import Xml

FAULTS = {f"{{{SOAP_11}}}Fault", f"{{{SOAP_12}}}Fault"}
WORDS = 300


class FaultMeaning(StrEnum):
    REFUSED = "refused"  # for good: the request is wrong
    ORDER_REFUSED = "order_refused"  # they do not take the order as it is; it may be mended
    UNKNOWN = "unknown"  # they may have acted
    RETRY = "retry"  # they certainly did nothing and may do later
    WAIT = "wait"  # the same, and we ask too often
    CREDENTIALS = "credentials"
    PLACED_BEFORE = "placed_before"  # they have an order of our reference
    NO_ORDER = "no_order"  # a look-up's answer: they have no such order


@dataclass(frozen=True, slots=True)
class Fault:
    text: str
    codes: tuple[str, ...]  # the most telling first

    def meaning(self, words: Words[FaultMeaning]) -> FaultMeaning | None:
        return next((known for code in self.codes if (known := words.known(code))), None)

    def __str__(self) -> str:
        return f"{self.text or 'no reason given'} (fault {', '.join(self.codes) or 'without a code'})"


def fault_in(body: bytes, what: str, code_path: str) -> Fault | None:
    """The fault in an answer; None where it is none. Raises `ProtocolError` where the answer is no SOAP."""
    found = content_of(body, what)
    return _read(found, what, code_path) if found.tag in FAULTS else None


def _read(fault: Xml, what: str, code_path: str) -> Fault:
    new = fault.tag.startswith("{" + SOAP_12)
    text = fault.get("soap12:Reason").get("soap12:Text") if new else fault.get("faultstring")
    detail = fault.get("soap12:Detail" if new else "detail")
    codes = [*_own_codes(detail, what, code_path), *(_codes_12(fault) if new else _codes_11(fault))]
    return Fault(" ".join(text.note(limit=WORDS).split()), tuple(dict.fromkeys(filter(None, codes))))


def _own_codes(detail: Xml, what: str, code_path: str) -> Iterator[str]:
    """Their own code, where a path leads to one; then the names of the detail's elements."""
    if code_path:
        said = path_follow(Json(value_of(detail), what), code_path)
        if isinstance(said.value, str):
            yield said.note(limit=60)
    for entry in detail.all("*"):
        yield entry.tag.rpartition("}")[2][:60]


def _codes_11(fault: Xml) -> Iterator[str]:
    """soap:Client.Order.Unknown is Client.Order.Unknown, Client.Order and Client."""
    code = _local(fault.get("faultcode"))
    while code:
        yield code
        code = code.rpartition(".")[0]


def _codes_12(fault: Xml) -> list[str]:
    codes, code = [], fault.get("soap12:Code")
    while code:
        codes.append(_local(code.get("soap12:Value")))
        code = code.get("soap12:Subcode")
    return codes[::-1]


def _local(code: Xml) -> str:
    return code.note(limit=80).rpartition(":")[2]
