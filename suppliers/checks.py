"""System checks: every protocol in the registry can be loaded and declares itself coherently."""

from collections.abc import Sequence
from typing import Any

from django.core.checks import CheckMessage, Error, register

from suppliers.connectors.registry import CONNECTORS, connector_class


@register("suppliers")
def registry_is_coherent(**_: Any) -> list[CheckMessage]:
    return [
        Error(problem, obj=f"protocol {protocol!r}", id="suppliers.E001")
        for protocol in CONNECTORS
        for problem in _problems(protocol)
    ]


def _problems(protocol: str) -> list[str]:
    try:
        connector = connector_class(protocol)
    except (ImportError, AttributeError) as error:
        return [f"Its connector cannot be loaded: {error}"]
    found = []
    if connector.protocol != protocol:
        found.append(f"Its connector calls itself {connector.protocol!r}.")
    if connector.__abstractmethods__:
        found.append(f"Its connector lacks {', '.join(sorted(connector.__abstractmethods__))}.")
    if not connector.label:
        found.append("Its connector has no label for people.")
    names = [field.name for field in connector.credential_fields]
    names += [field.name for field in connector.setting_fields]
    found += [f"It declares {name!r} twice." for name in _repeated(names)]
    return found


def _repeated(names: Sequence[str]) -> list[str]:
    return sorted({name for name in names if names.count(name) > 1})
