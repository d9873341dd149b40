"""kill -9 of the background worker in the middle of a periodic job: it is seen, said, and finished by the next one."""

import pytest

from suppliers.sandbox.faults import Fault, Kind
from suppliers.sandbox.server import SandboxServer
from tests.chaos.installation import eventually, installed, kill


@pytest.mark.own_database
def test_worker_killed_while_it_asks_a_supplier(tmp_path, sandbox: SandboxServer):
    sandbox.faults.set(Fault(kind=Kind.HANG_BEFORE, operation="stock", count=1, seconds=60))
    with installed(tmp_path, "tests.chaos.job_scene") as installation:
        installation.scene("prepare", sandbox.origin)
        with installation.worker() as worker:
            eventually(lambda: sandbox.faults.listed()[0]["count"] == 0, seconds=30)
            kill(worker)
        told = installation.scene("tell")
        assert told["parts"] == [{"state": "running", "attempts": 1}]
        assert [run["state"] for run in told["runs"]] == ["parts"]
        with installation.worker():
            eventually(lambda: installation.scene("watch")["runs"][0]["state"] == "done")
        told = installation.scene("tell")
        assert told["parts"] == [{"state": "done", "attempts": 2}]
        assert told["prices"] == 3
        assert told["runs"][0]["counts"]["prices changed"] == 3
