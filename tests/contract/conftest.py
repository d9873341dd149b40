"""Every protocol of the registry with a sandbox supplier that speaks it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from suppliers.connectors.base import Connector
from suppliers.connectors.registry import CONNECTORS
from suppliers.models import Supplier
from suppliers.sandbox.app import Timing
from suppliers.sandbox.server import SandboxServer
from suppliers.sandbox.world import SandboxSupplier
from suppliers.services.connections import connector_for
from tests.fixtures.sandbox import sandbox_world, supplier_create


@pytest.fixture(params=sorted(CONNECTORS))
def protocol(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    return name


@pytest.fixture
def world(protocol: str) -> SandboxSupplier:
    return sandbox_world(protocol=protocol)


@pytest.fixture
def server(world: SandboxSupplier, tmp_path: Path) -> Iterator[SandboxServer]:
    # Whatever a supplier will say is due at once: some documents show only then.
    timing = Timing(confirm_after=-2, ship_after=1)
    with SandboxServer([world], ledger=tmp_path / "ledger.sqlite3", timing=timing) as server:
        yield server


@pytest.fixture
def supplier(db: None, server: SandboxServer) -> Supplier:
    return supplier_create(server, timeout_seconds="1")


@pytest.fixture
def connector(supplier: Supplier) -> Iterator[Connector]:
    with connector_for(supplier) as connector:
        yield connector
