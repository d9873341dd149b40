"""Who buys and who sells, as a Peppol document names them."""

import re
from dataclasses import dataclass

from suppliers.connectors.peppol.rules import (
    valid_australian,
    valid_belgian,
    valid_gln,
    valid_norwegian,
    valid_swedish,
)
from suppliers.exceptions import ConnectorConfigurationError

CHECKED = {
    "0007": valid_swedish,
    "0088": valid_gln,
    "0151": valid_australian,
    "0192": valid_norwegian,
    "0208": valid_belgian,
}


@dataclass(frozen=True, slots=True)
class Party:
    scheme: str  # of the electronic address, such as 0088 for a GLN
    number: str
    name: str
    country: str = ""


def party_read(endpoint: str, name: str, country: str = "") -> Party:
    """From settings: an endpoint like 0088:7300010000001. Raises `ConnectorConfigurationError`."""
    if problem := endpoint_problem(endpoint):
        raise ConnectorConfigurationError(f"{endpoint!r}: {problem}")
    scheme, _, number = endpoint.strip().partition(":")
    return Party(scheme, number, name.strip(), country.strip().upper())


def endpoint_problem(endpoint: str) -> str:
    """Why this cannot be a Peppol participant; "" if it can."""
    found = re.fullmatch(r"([0-9]{4}):([A-Za-z0-9.:_-]{1,50})", endpoint.strip())
    if not found:
        return "A Peppol id is four digits, a colon and a number, such as 0088:7300010000001."
    check = CHECKED.get(found[1])
    if check and not check(found[2]):
        return f"The number is no valid one of scheme {found[1]}; its length or its check digit is wrong."
    return ""
