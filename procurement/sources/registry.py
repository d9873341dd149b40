"""Every system that records come from, one line each. Imported on first use, so one nobody uses costs nothing."""

from pkgutil import resolve_name

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
    if kind not in SOURCES:
        known = ", ".join(sorted(SOURCES))
        raise ConnectorConfigurationError(f"There is no source {kind!r}; known: {known}.")
    found: type[Source] = resolve_name(SOURCES[kind])
    return found
