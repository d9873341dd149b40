"""A supplier says that it knows our reference already: perhaps an earlier attempt of ours arrived."""

from suppliers.connectors.base import Capability, Connector
from suppliers.connectors.http import HttpClient, Reply
from suppliers.exceptions import ConnectorError, OutcomeUnknown
from suppliers.messages import OrderAcknowledgement


def earlier_attempt(
    connector: Connector, reference: str, words: str, *, status: int, detail: str
) -> OrderAcknowledgement:
    """What came of it, by a look-up: nothing else can tell. `words`: what the supplier said, as a sentence begins.

    Raises `OutcomeUnknown` where the order does not show.
    """
    seen = "it answers no look-ups"
    if Capability.LOOKUP in connector.capabilities:
        try:
            if found := connector.find_order(reference):
                return OrderAcknowledgement(supplier_reference=found.supplier_reference, raw=found.raw)
            seen = "a look-up does not show it"
        except ConnectorError as error:  # whatever went wrong with the look-up, the order may be there
            seen = f"the look-up failed: {error}"
    raise OutcomeUnknown(f"{words}, but {seen}.", status=status, detail=detail)


def http_conflict(
    connector: Connector, http: HttpClient, refusal: Reply, reference: str
) -> OrderAcknowledgement:
    """The same for a supplier that says so with 409."""
    words = (
        f"{connector.config.supplier_name} reports a conflict with {reference} (HTTP 409): perhaps it has the "
        "order already"
    )
    return earlier_attempt(connector, reference, words, status=409, detail=http.failure(refusal).detail)
