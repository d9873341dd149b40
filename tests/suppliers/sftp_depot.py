"""What lies at the sandbox supplier that is reached by SFTP."""

from pathlib import Path

from suppliers.sandbox.server import SandboxServer


def effects(depot: SandboxServer) -> list[int]:
    return [order["effects"] for order in depot.ledger.summary()["orders"]]


def folder(depot: SandboxServer, name: str) -> Path:
    found: Path = depot.app.protocols["sftp_ubl"].folder(depot.app.suppliers["greengrocer"]) / name
    return found
