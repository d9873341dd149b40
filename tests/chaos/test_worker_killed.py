"""kill -9 of the background worker while it talks to a supplier: the order ends up there exactly once."""

import json
import os
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psycopg
import pytest

from suppliers.sandbox.faults import Fault, Kind
from suppliers.sandbox.server import SandboxServer

ROOT = Path(__file__).resolve().parents[2]
LEASE_SECONDS = 2


@contextmanager
def own_database(folder: Path) -> Iterator[str]:
    """A database that other processes can open too, of the kind the suite runs on."""
    server = os.environ.get("TEST_DATABASE_URL")
    if not server:
        yield f"sqlite:///{folder / 'chaos.sqlite3'}"
        return
    name = f"chaos_{uuid.uuid4().hex[:12]}"
    base = server.rpartition("/")[0]
    with psycopg.connect(f"{base}/postgres", autocommit=True) as admin:
        admin.execute(f"CREATE DATABASE {name}")
        try:
            yield f"{base}/{name}"
        finally:
            admin.execute(f"DROP DATABASE {name} WITH (FORCE)")


class Installation:
    """Processes of the system on a database of their own."""

    def __init__(self, folder: Path, database_url: str, module: str = "tests.chaos.scene") -> None:
        self.module = module
        self.environment = os.environ | {
            "DJANGO_SETTINGS_MODULE": "procurement.settings",
            "VAR_DIR": str(folder),
            "DATABASE_URL": database_url,
            "TRANSFER_LEASE_SECONDS": str(LEASE_SECONDS),
            "JOB_LEASE_SECONDS": str(LEASE_SECONDS),
            "PYTHONWARNINGS": "default",
        }

    def scene(self, *arguments: str) -> dict:
        command = [sys.executable, "-m", self.module, *arguments]
        done = subprocess.run(
            command,
            cwd=ROOT,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=400,  # it migrates a database first: a quarter of a minute's work, minutes on a busy machine
        )
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout.splitlines()[-1])

    @contextmanager
    def worker(self) -> Iterator[subprocess.Popen]:
        command = [sys.executable, "manage.py", "qcluster"]
        process = subprocess.Popen(
            command, cwd=ROOT, env=self.environment, start_new_session=True, stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )  # fmt: skip
        try:
            yield process
        finally:
            kill(process)


def kill(process: subprocess.Popen) -> None:
    """kill -9 of the worker with all its children."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def eventually(what: Callable[[], bool], *, seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.5)  # most questions start a process, which takes what the worker needs


@pytest.mark.own_database
@pytest.mark.parametrize("kind", [Kind.HANG_AFTER, Kind.HANG_BEFORE])
def test_worker_killed_during_a_transfer(tmp_path, sandbox: SandboxServer, kind):
    sandbox.faults.set(Fault(kind=kind, operation="submit", count=1, seconds=60))
    with own_database(tmp_path) as url:
        installation = Installation(tmp_path, url)
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
