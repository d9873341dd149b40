"""What each protocol can do, read from the code and written as a table: docs/connectors/README.md.

Nothing is declared twice. What depends on an account is found by asking the connector with one setting changed or one
credential left out at a time.
"""

from collections.abc import Mapping

from suppliers.connectors.base import Capability, Connector, ConnectorConfig
from suppliers.connectors.registry import CONNECTORS, connector_class
from suppliers.exceptions import ConnectorConfigurationError, ConnectorError

# The words for people, here and where a connection is tested.
WORDS: dict[Capability, str] = {
    Capability.CATALOGUE: "product list",
    Capability.QUOTATION: "prices",
    Capability.STOCK: "stock on offer",
    Capability.PREVIEW: "live check",
    Capability.LOOKUP: "order look-up",
    Capability.IDEMPOTENT_SUBMIT: "repeat is safe",
    Capability.REPEAT_ANSWERS: "repeat is answered",
    Capability.CANCEL: "cancelling",
    Capability.CHANGE: "changing",
    Capability.CALLBACK: "callbacks",
    Capability.POLL: "answers fetched",
    Capability.SEVERAL_SITES: "several sites",
    Capability.LINK: "answer link",
}
# What a setting may hold; most of what depends on one depends on whether it is there, or is a yes.
TRIED = ("", "yes", "no", "https://supplier.example/{reference}")
HEAD = """# Connectors

Made from the code by `manage.py connectors --write` (`make fix` runs it); a test fails when it is stale.
A **yes** may be bound to an account's settings or credentials, which are then named. How each protocol works, and what
is assumed of it, stands on its page. How to add one: [adding-a-connector.md](../adding-a-connector.md).
"""


def word(capability: Capability) -> str:
    return WORDS.get(capability, capability.value.replace("_", " "))


def matrix_text() -> str:
    rows = [f"| protocol | {' | '.join(word(c) for c in Capability)} | dry run |"]
    rows.append("|---" * (len(Capability) + 2) + "|")
    for protocol in sorted(CONNECTORS):
        connector = connector_class(protocol)
        cells = [_cell(connector, capability) for capability in Capability]
        dry_run = "yes" if connector.render_order is not Connector.render_order else "–"
        rows.append(f"| [{connector.label}]({protocol}.md) | {' | '.join(cells)} | {dry_run} |")
    return "\n".join([HEAD, *rows, "", *_entered()]) + "\n"


def _entered() -> list[str]:
    rows = [
        "## What is entered for each",
        "",
        "| protocol | name | credentials | required settings |",
        "|---|---|---|---|",
    ]
    for protocol in sorted(CONNECTORS):
        connector = connector_class(protocol)
        credentials = [
            f"`{f.name}`{'' if f.required else ' (optional)'}" for f in connector.credential_fields
        ]
        settings = [f"`{f.name}`" for f in connector.setting_fields if f.required and not f.default]
        rows.append(
            f"| [{connector.label}]({protocol}.md) | `{protocol}` | {', '.join(credentials) or '–'} | "
            f"{', '.join(settings) or '–'} |"
        )
    return rows


def _cell(connector: type[Connector], capability: Capability) -> str:
    everything = {field.name: ("placeholder",) for field in connector.credential_fields}
    if capability in _can(connector, {}, everything):
        needed = [
            f"`{name}`"
            for name in everything
            if capability
            not in _can(connector, {}, {other: value for other, value in everything.items() if other != name})
        ]
        bound = [
            f"`{field.name}`"
            for field in connector.setting_fields
            if any(_lost(connector, capability, {field.name: value}, everything) for value in TRIED[:3])
        ]
        conditions = needed + bound
        return f"yes, by {', '.join(conditions)}" if conditions else "yes"
    giving = [
        f"`{field.name}`"
        for field in connector.setting_fields
        if any(
            capability in _can(connector, {field.name: value}, everything)
            for value in (*TRIED, field.example)
        )
    ]
    return f"with {' or '.join(giving)}" if giving else "–"


def _lost(
    connector: type[Connector],
    capability: Capability,
    settings: Mapping[str, str],
    credentials: Mapping[str, tuple[str, ...]],
) -> bool:
    """With a value that the account may have: one that breaks it says nothing of this capability."""
    try:
        can = connector(
            ConnectorConfig("example", "Example", settings=settings, credentials=credentials)
        ).capabilities
    except (ConnectorConfigurationError, ConnectorError):
        return False
    return capability not in can


def _can(
    connector: type[Connector], settings: Mapping[str, str], credentials: Mapping[str, tuple[str, ...]]
) -> frozenset[Capability]:
    """Nothing where the account could not be used like this."""
    try:
        return connector(
            ConnectorConfig("example", "Example", settings=settings, credentials=credentials)
        ).capabilities
    except (ConnectorConfigurationError, ConnectorError):
        return frozenset()
