"""A system of its own that processes may be killed in: its database, a process that looks after it, its workers."""

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
from threading import Timer
from typing import Any

import psycopg

ROOT = Path(__file__).resolve().parents[2]
LEASE_SECONDS = "2"
PATIENCE = 180  # for an answer; nothing takes a tenth of it but on a machine that does much else


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
    """Processes on a database of their own. One of them plays the scenes of a module and outlives those
    that are killed: starting Django anew for every question would take most of a test's time.
    """

    def __init__(self, folder: Path, database_url: str, module: str) -> None:
        self.environment = os.environ | {
            "DJANGO_SETTINGS_MODULE": "procurement.settings",
            "VAR_DIR": str(folder),
            "DATABASE_URL": database_url,
            "TRANSFER_LEASE_SECONDS": LEASE_SECONDS,
            "JOB_LEASE_SECONDS": LEASE_SECONDS,
            "SOURCE_LEASE_SECONDS": LEASE_SECONDS,
            "PYTHONWARNINGS": "default",
        }
        self._errors = folder / "scenes.log"
        with self._errors.open("w") as errors:
            self._scenes = self.started(
                "-m", module, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=errors
            )

    def started(self, *command: str, **where: Any) -> subprocess.Popen:
        return subprocess.Popen(
            [sys.executable, *command],
            cwd=ROOT,
            env=self.environment,
            start_new_session=True,
            text=True,
            **where,
        )

    def scene(self, name: str, *arguments: str) -> dict[str, Any]:
        assert self._scenes.stdin
        assert self._scenes.stdout
        limit = Timer(PATIENCE, self._scenes.kill)
        limit.start()
        print(json.dumps([name, *arguments]), file=self._scenes.stdin, flush=True)
        answer = self._scenes.stdout.readline()
        limit.cancel()
        assert answer, self._errors.read_text()
        return json.loads(answer)

    @contextmanager
    def worker(self) -> Iterator[subprocess.Popen]:
        process = self.started("manage.py", "qcluster", stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            yield process
        finally:
            kill(process)

    def close(self) -> None:
        self._scenes.communicate(timeout=PATIENCE)  # no more questions: it ends


@contextmanager
def installed(folder: Path, module: str) -> Iterator[Installation]:
    """`module` plays the scenes: see `tests.chaos.scenes`."""
    with own_database(folder) as url:
        installation = Installation(folder, url, module)
        try:
            yield installation
        finally:
            installation.close()


def kill(process: subprocess.Popen) -> None:
    """kill -9 of a process with all its children."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.communicate()


def eventually(what: Callable[[], bool], *, seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.1)
