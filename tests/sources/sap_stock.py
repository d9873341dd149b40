"""A small SAP system: rows of stock that a test names only what it is about of."""

from procurement.sources.sandbox.sap import System
from procurement.sources.sandbox.sap.odata import EMPTY, KEYS


def put(system: System, material: str, quantity: str, **fields: str) -> None:
    """One row, in place of the one of the same keys."""
    remove(system, material, **{name: (EMPTY | fields)[name] for name in KEYS if name != "Material"})
    system.add(Material=material, MatlWrhsStkQtyInMatlBaseUnit=quantity, **fields)


def remove(system: System, material: str, **keys: str) -> None:
    wanted = keys | {"Material": system.kept(material)}
    system.rows = [row for row in system.rows if any(row[name] != value for name, value in wanted.items())]
