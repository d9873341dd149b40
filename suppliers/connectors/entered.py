"""Settings that an administrator entered, read strictly. A complaint names a setting as the form does."""

from collections.abc import Mapping
from typing import TypeVar

from suppliers.connectors.base import Connector
from suppliers.exceptions import ConnectorConfigurationError

T = TypeVar("T")
YES = {"yes": True, "no": False}


def wrong(connector: Connector, name: str, expected: str) -> ConnectorConfigurationError:
    label = next(declared.label for declared in connector.setting_fields if declared.name == name)
    said = connector.setting(name)[:100]
    return ConnectorConfigurationError(
        f"{connector.config.supplier_name}: {label} is {said!r}; expected {expected}."
    )


def one_of(connector: Connector, name: str, words: Mapping[str, T]) -> T:
    """What the word that was entered means."""
    word = connector.setting(name).strip().lower()
    if word not in words:
        raise wrong(connector, name, " or ".join(words))
    return words[word]


def yes(connector: Connector, name: str) -> bool:
    return one_of(connector, name, YES)


def number(connector: Connector, name: str, least: float, most: float) -> float:
    try:
        found = float(connector.setting(name))
    except ValueError:
        found = least - 1
    if not least <= found <= most:
        raise wrong(connector, name, f"a number from {least:g} to {most:g}")
    return found


def whole(connector: Connector, name: str, least: int, most: int) -> int:
    said = connector.setting(name).strip()
    if not said.isascii() or not said.isdigit() or not least <= int(said[:9]) <= most:
        raise wrong(connector, name, f"a whole number from {least} to {most}")
    return int(said)
