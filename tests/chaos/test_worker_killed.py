"""kill -9 of the background worker while it talks to a supplier: the order ends up there exactly once."""

import pytest

from suppliers.sandbox.faults import Fault, Kind
from suppliers.sandbox.server import SandboxServer
from tests.chaos.installation import eventually, installed, kill


@pytest.mark.own_database
@pytest.mark.parametrize("kind", [Kind.HANG_AFTER, Kind.HANG_BEFORE])
def test_worker_killed_during_a_transfer(tmp_path, sandbox: SandboxServer, kind):
    sandbox.faults.set(Fault(kind=kind, operation="submit", count=1, seconds=60))
    with installed(tmp_path, "tests.chaos.scene") as installation:
        reference = installation.scene("prepare", sandbox.origin)["reference"]

        def effects() -> int:
            return sum(
                r["effects"] for r in sandbox.ledger.summary()["orders"] if r["reference"] == reference
            )

        with installation.worker() as worker:
            # The order is at the supplier, which does not answer.
            eventually(lambda: sandbox.faults.listed()[0]["count"] == 0, seconds=30)
            kill(worker)
        told = installation.scene("tell")
        assert (told["job"], told["order"], told["submitted"]) == ("running", "draft", True)
        eventually(lambda: installation.scene("sweep")["job"] != "running")
        with installation.worker():
            eventually(lambda: installation.scene("tell")["order"] == "transferred")
        told = installation.scene("tell")
        assert told["job"] == "sent"
        assert "worker_lost" in told["events"]
        assert effects() == 1
