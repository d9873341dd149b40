"""What a Peppol rule is, how a document is held against a list of them, and the rules common to all documents.

A rule yields the places where it is broken; the error names the rule, the line of the order and that of the file.
Only fatal rules are here: a warning refuses nothing.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from suppliers.connectors.peppol.names import CAC, CBC
from suppliers.connectors.xmldata import Xml
from suppliers.exceptions import ProtocolError

SHOWN = 5  # of the breaches, in one error


@dataclass(frozen=True, slots=True)
class Rule:
    id: str
    says: str
    breaches: Callable[[Xml], Iterable[Xml]]


def hold_against(document: Xml, rules: Sequence[Rule]) -> None:
    """Raise `ProtocolError` with every rule that the document breaks, and where."""
    broken: list[str] = []
    for rule in rules:
        try:
            broken += [f"{rule.id} {_where(place)}: {rule.says}" for place in rule.breaches(document)]
        except ProtocolError:  # a value that cannot even be read; the rules before may say it better
            if not broken:
                raise
            break
    if broken:
        more = f" And {len(broken) - SHOWN} more." if len(broken) > SHOWN else ""
        raise ProtocolError(f"{document.what} breaks {' '.join(broken[:SHOWN])}{more}")


def _where(place: Xml) -> str:
    names = [part for part in place.path.split("/") if part]
    number = place.get("cbc:ID").note(limit=20) if place else ""
    return f"at {names[-1]}{f' {number}' if number else ''} (line {place.line} of the file)"


# -- building blocks ---------------------------------------------------------------------------------------
def required(transaction: str, *paths: str) -> Rule:
    """The elements that a transaction cannot do without."""

    def breaches(document: Xml) -> Iterator[Xml]:
        return (document.get(path) for path in paths if not document.get(path))

    return Rule(f"{transaction}-required", "This element is mandatory.", breaches)


def required_in(transaction: str, each: str, *paths: str) -> Rule:
    """The same, for every element at `each`."""

    def breaches(document: Xml) -> Iterator[Xml]:
        return (one.get(path) for one in document.all(each) for path in paths if not one.get(path))

    return Rule(f"{transaction}-required", "This element is mandatory.", breaches)


def starts_with(rule_id: str, start: str) -> Rule:
    def breaches(document: Xml) -> Iterator[Xml]:
        said = document.get("cbc:CustomizationID")
        if not said.raw().startswith(start):
            yield said

    return Rule(rule_id, f"The specification starts with {start}.", breaches)


def unique_ids(rule_id: str, lines: str) -> Rule:
    def breaches(document: Xml) -> Iterator[Xml]:
        count = Counter(line.get("cbc:ID").raw() for line in document.all(lines))
        return (line for line in document.all(lines) if count[line.get("cbc:ID").raw()] > 1)

    return Rule(rule_id, "Every line has an id of its own.", breaches)


def named_party(rule_id: str, party: str, name: str) -> Rule:
    """The party, where there is one, has a name or an identifier."""

    def breaches(document: Xml) -> Iterator[Xml]:
        for found in document.all(f"{party}/cac:Party"):
            if not found.get(name) and not found.get("cac:PartyIdentification/cbc:ID"):
                yield found

    return Rule(rule_id, "The party has a name or an identifier.", breaches)


# -- common rules ------------------------------------------------------------------------------------------
DATES = (
    "cbc:IssueDate",
    "cbc:DueDate",
    "cbc:TaxPointDate",
    "cbc:StartDate",
    "cbc:EndDate",
    "cbc:ActualDeliveryDate",
)
IDENTIFIERS = ("cbc:EndpointID", "cac:PartyIdentification/cbc:ID", "cbc:CompanyID")


def _empty_values(document: Xml) -> Iterator[Xml]:
    """A blank is no text, but the rule lets it pass; where a text is needed, whoever reads it misses it."""
    for each in document.every():
        if each.tag.startswith(f"{{{CBC}}}") and each.element is not None and not each.element.text:
            yield each


def _empty_groups(document: Xml) -> Iterator[Xml]:
    for each in document.every():
        if each.tag.startswith(f"{{{CAC}}}") and each.element is not None and not len(each.element):
            yield each


def _dates(document: Xml) -> Iterator[Xml]:
    shape = re.compile(r"\d{4}-\d{2}-\d{2}")
    return (said for said in document.descendants(*DATES) if not shape.fullmatch(said.raw()))


def _identifiers(scheme: str, valid: Callable[[str], bool]) -> Callable[[Xml], Iterator[Xml]]:
    def breaches(document: Xml) -> Iterator[Xml]:
        for said in document.descendants(*IDENTIFIERS):
            if said.attribute("schemeID") == scheme and not valid(said.raw()):
                yield said

    return breaches


def valid_gln(number: str) -> bool:
    """GS1 check digit: weights 3 and 1 from the right."""
    if not re.fullmatch("[0-9]{2,}", number):
        return False
    total = sum(int(d) * (3 if at % 2 == 0 else 1) for at, d in enumerate(reversed(number[:-1])))
    return (10 - total % 10) % 10 == int(number[-1])


def valid_norwegian(number: str) -> bool:
    if not re.fullmatch("[0-9]{9}", number):
        return False
    total = sum(int(d) * w for d, w in zip(number, (3, 2, 7, 6, 5, 4, 3, 2), strict=False))
    return (11 - total % 11) % 11 == int(number[-1])


def valid_belgian(number: str) -> bool:
    """The last two digits are 97 less the remainder of the others by 97."""
    return bool(re.fullmatch("[0-9]{10}", number)) and 97 - int(number[:8]) % 97 == int(number[8:])


def valid_swedish(number: str) -> bool:
    return bool(re.fullmatch("[0-9]{10}", number))  # the rule asks for no check digit


def valid_australian(number: str) -> bool:
    """The weighted sum is a multiple of 89, the first digit taken one less."""
    if not re.fullmatch("[0-9]{11}", number):
        return False
    digits = [int(number[0]) - 1, *(int(digit) for digit in number[1:])]
    return sum(d * w for d, w in zip(digits, (10, 1, 3, 5, 7, 9, 11, 13, 15, 17, 19), strict=True)) % 89 == 0


COMMON = (
    Rule("PEPPOL-COMMON-R001", "No element is empty.", _empty_values),
    Rule("PEPPOL-COMMON-R002", "No group of elements is empty.", _empty_groups),
    Rule("PEPPOL-COMMON-R030", "A date is written YYYY-MM-DD, without a time zone.", _dates),
    Rule("PEPPOL-COMMON-R040", "A GLN has a right check digit.", _identifiers("0088", valid_gln)),
    Rule(
        "PEPPOL-COMMON-R041",
        "A Norwegian organisation number has a right check digit.",
        _identifiers("0192", valid_norwegian),
    ),
    Rule(
        "PEPPOL-COMMON-R043",
        "A Belgian enterprise number has right check digits.",
        _identifiers("0208", valid_belgian),
    ),
    Rule(
        "PEPPOL-COMMON-R049",
        "A Swedish organisation number has ten digits.",
        _identifiers("0007", valid_swedish),
    ),
    Rule(
        "PEPPOL-COMMON-R050",
        "An Australian business number has right check digits.",
        _identifiers("0151", valid_australian),
    ),
)
