"""The processes that make up the system on one machine: web, worker and sandbox suppliers."""

import contextlib
import os
import random
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import IO, Self

import requests
from django.conf import settings

HOST = "127.0.0.1"
SANDBOX_PORTS = 40  # its own and those that belong to it
MANAGE = [sys.executable, "manage.py"]


def web_command(port: int) -> list[str]:
    server = [sys.executable, "-m", "granian", "--interface", "wsgi", "--host", HOST, "--port", str(port)]
    return [
        *server,
        "--workers",
        "1",
        "--blocking-threads",
        "4",
        "--respawn-failed-workers",  # a server process that dies is replaced instead of ending everything
        "--log-level",
        "warning",
        "procurement.wsgi:application",
    ]


def worker_command() -> list[str]:
    """Ends within 3 seconds of being asked to: less than the patience of whoever started it."""
    return [*MANAGE, "worker", "--grace", "3"]


def sandbox_command(port: int, *, web_port: int) -> list[str]:
    callback = f"http://{HOST}:{web_port}/callbacks/{{code}}/"
    return [*MANAGE, "sandbox", "--port", str(port), "--callback-url", callback]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


def free_sandbox_port() -> int:
    """One whose neighbours are free as well: suppliers that do not speak HTTP listen on those.

    Below the ports that connections are given by themselves, of which any may be taken in the next moment.
    """
    for port in random.sample(range(20_000, 32_000, SANDBOX_PORTS), 50):
        if all(_is_free(port + beside) for beside in range(SANDBOX_PORTS)):
            return port
    raise RuntimeError("There are no free ports for the sandbox suppliers.")


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
    return True


class ProcessEnded(RuntimeError):
    """A process that was started does not serve; the message has the end of its log."""


class Background:
    """Child processes with their output in a log folder; all of them end with the `with` block, whatever happens."""

    def __init__(self, logs: Path, environment: dict[str, str]) -> None:
        self.logs = logs
        self.environment = os.environ | environment | {"PYTHONUNBUFFERED": "1"}
        self._children: dict[str, subprocess.Popen[bytes]] = {}
        self._files: list[IO[bytes]] = []

    def __enter__(self) -> Self:
        self.logs.mkdir(parents=True, exist_ok=True)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for child in self._children.values():
            _signal(child, signal.SIGTERM)
        deadline = time.monotonic() + 8
        for child in self._children.values():
            with contextlib.suppress(subprocess.TimeoutExpired):
                child.wait(timeout=max(0.1, deadline - time.monotonic()))
            _signal(child, signal.SIGKILL)  # the group: what a child left behind must not go on taking tasks
            child.wait()
        for file in self._files:
            file.close()

    def start(self, name: str, command: list[str]) -> None:
        file = (self.logs / f"{name}.log").open("wb")
        self._files.append(file)
        self._children[name] = subprocess.Popen(  # noqa: S603  our own commands, no shell
            command,
            cwd=settings.BASE_DIR,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=file,
            stderr=subprocess.STDOUT,
            start_new_session=True,  # its own group, so that it and all its children can be ended together
        )

    def wait_for(self, name: str, url: str, *, seconds: float = 60) -> None:
        """Until `url` answers at all; raises `ProcessEnded` with the log's end if the process dies or never answers."""

        def answers() -> bool:
            try:
                requests.get(url, timeout=2)
            except requests.RequestException:
                return False
            return True

        if not wait_until(answers, seconds=seconds, unless=lambda: self._children[name].poll() is not None):
            raise ProcessEnded(f"The {name} process did not start:\n{self.log_end(name)}")

    def log_end(self, name: str) -> str:
        return (self.logs / f"{name}.log").read_text(errors="replace")[-2000:]


def _signal(child: subprocess.Popen[bytes], number: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(child.pid, number)


def wait_until(
    done: Callable[[], bool],
    *,
    seconds: float,
    every: float = 0.2,
    unless: Callable[[], bool] = lambda: False,
) -> bool:
    """Ask `done` again and again; False once time is up or `unless` says there is no point in waiting."""
    deadline = time.monotonic() + seconds
    while not done():
        if time.monotonic() > deadline or unless():
            return False
        time.sleep(every)
    return True
