"""Every system that records come from, one line each. Imported on first use, so one nobody uses costs nothing."""

from importlib import import_module

from procurement.sources.base import Source
from suppliers.exceptions import ConnectorConfigurationError

SOURCES: dict[str, str] = {
    "ecb": "procurement.sources.ecb.source.EcbSource",
    "file_drop": "procurement.sources.file_drop.source.FileDropSource",
    "sap": "procurement.sources.sap.source.SapSource",
    "salesforce": "procurement.sources.salesforce.source.SalesforceSource",
    "valerdat": "procurement.sources.valerdat.source.ValerdatSource",
}


def source_class(kind: str) -> type[Source]:
    try:
        module, name = SOURCES[kind].rsplit(".", 1)
    except KeyError:
        known = ", ".join(sorted(SOURCES))
        raise ConnectorConfigurationError(f"There is no source {kind!r}; known: {known}.") from None
    found: type[Source] = getattr(import_module(module), name)
    return found
