"""What is said in HTTP itself: statuses, and whose order a look-up has found."""

import re

from suppliers.connectors.declared.answers import AnswerReader
from suppliers.connectors.jsondata import Json
from suppliers.exceptions import ConnectorConfigurationError, ProtocolError


def statuses_read(setting: str) -> frozenset[int]:
    """HTTP statuses from a setting like "400, 422"."""
    words = [word for word in re.split(r"[,\s]+", setting.strip()) if word]
    if not all(re.fullmatch("4[0-9]{2}", word, re.ASCII) for word in words):
        raise ConnectorConfigurationError("The statuses of a refusal are numbers from 400 to 499.")
    found = frozenset(int(word) for word in words)
    if found & {401, 403, 408, 409, 429}:
        raise ConnectorConfigurationError("401, 403, 408, 409 and 429 have a meaning of their own.")
    return found


def found_order(reader: AnswerReader, found: Json, buyer_reference: str) -> Json | None:
    """The one order in a list, or the order itself. None: they have none."""
    if not found:
        raise found.wrong("an order or a list of orders")
    orders = list(found.items()) if isinstance(found.value, list) else [found]
    for order in orders:
        # An answer with other people's orders has ignored the question, and proves nothing about ours.
        if reader.reference(order) != buyer_reference:
            raise reader.mapping.find(order, "buyer_reference").wrong(f"our reference {buyer_reference}")
    if len(orders) > 1:
        raise ProtocolError(f"{found.what}: {len(orders)} orders carry our reference {buyer_reference}.")
    return orders[0] if orders else None
