"""kill -9 of a process that reads a source: the next one ends where an undisturbed one would have."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from suppliers.sandbox.faults import Fault, Kind
from tests.chaos.test_worker_killed import own_database
from tests.sources.salesforce_org import order

ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 60.0


class Processes:
    def __init__(self, folder: Path, database_url: str) -> None:
        self.environment = os.environ | {
            "DJANGO_SETTINGS_MODULE": "procurement.settings",
            "VAR_DIR": str(folder),
            "DATABASE_URL": database_url,
            "SOURCE_LEASE_SECONDS": "2",
        }

    def started(self, *command: str) -> subprocess.Popen:
        return subprocess.Popen(
            [sys.executable, *command], cwd=ROOT, env=self.environment, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, text=True,
        )  # fmt: skip

    def done(self, *command: str) -> tuple[int, str, str]:
        process = self.started(*command)
        out, err = process.communicate(timeout=PATIENCE * 3)
        return process.returncode, out, err

    def told(self, *arguments: str) -> dict[str, Any]:
        code, out, err = self.done("-m", "tests.sources.killed_scene", *arguments)
        assert code == 0, err
        return json.loads(out.splitlines()[-1])

    def read_to_the_end(self) -> None:
        """As soon as the lease of whoever died has run out."""
        until = time.monotonic() + PATIENCE
        while True:
            code, _, err = self.done("manage.py", "sync", "crm", "--json")
            if code == 0:
                return
            assert "is being read already" in err
            assert time.monotonic() < until


def test_killed_reading_is_finished_by_the_next(sandbox, org, tmp_path):
    for n in range(1, 8):
        order(org, n, (n, "ABC"[n % 3], n))
    with own_database(tmp_path) as url:
        ours = Processes(tmp_path, url)
        code, _, err = ours.done("manage.py", "migrate", "--verbosity", "0")
        assert code == 0, err
        ours.told("prepare", sandbox.origin)
        sandbox.faults.set(Fault(kind=Kind.HANG_BEFORE, operation="more", seconds=PATIENCE * 4, count=1))
        process = ours.started("manage.py", "sync", "crm")
        until = time.monotonic() + PATIENCE
        while sandbox.faults.listed()[0]["count"]:
            assert process.poll() is None, process.communicate()[1]
            assert time.monotonic() < until
            time.sleep(0.05)
        process.send_signal(signal.SIGKILL)
        process.communicate()
        half = ours.told("tables")
        assert half["runs"] == ["running"]
        assert len(half["lines"]) == 2  # the first page, whole
        ours.read_to_the_end()
        whole = ours.told("tables")
        assert whole["runs"] == ["failed", "done"]
        assert [line[7] for line in whole["lines"]] == [1, 2, 3, 4, 5, 6, 7]
        assert [float(line[9]) for line in whole["lines"]] == [1, 2, 3, 4, 5, 6, 7]
