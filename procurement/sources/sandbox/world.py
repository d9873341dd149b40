"""The world of a practice system as a file, so that it is the same system when it is started again."""

import fcntl
import json
import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import IO, Any

from procurement.sources.sandbox.sample import Sample
from procurement.sources.sandbox.server import SandboxSystem


class WorldTaken(Exception):
    """Another process serves this system; the message says what to do."""


@dataclass(slots=True)
class WorldFile:
    """`path` belongs to one process from `taken` on, until it ends."""

    path: Path
    as_of: date  # the day of its sample
    rounds: int = 0  # how often time has passed
    lock: IO[bytes] | None = None

    @classmethod
    def opened(
        cls, path: Path, system: SandboxSystem, *, as_of: date, sample: Callable[[], Sample]
    ) -> "WorldFile":
        """From the file into the system; from the sample where there is none yet. One of another day is dated anew."""
        world = cls(path, as_of)
        world._take()
        if not path.exists():
            system.fill(sample())
            world.save(system)
            return world
        kept: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        system.load(kept["world"])
        world.rounds = kept["rounds"]
        if days := (as_of - date.fromisoformat(kept["as_of"])).days:
            system.move_dates(days)
            world.save(system)
        return world

    def live_on(self, system: SandboxSystem) -> list[str]:
        self.rounds += 1
        said = system.live_on(random.Random(f"{self.path.stem} {self.rounds}"))
        self.save(system)
        return said

    def save(self, system: SandboxSystem) -> None:
        told = {"as_of": self.as_of.isoformat(), "rounds": self.rounds, "world": system.saved()}
        beside = self.path.with_suffix(".new")
        beside.write_text(json.dumps(told), encoding="utf-8")
        beside.replace(self.path)

    def close(self) -> None:
        """Another process may have it."""
        if self.lock:
            self.lock.close()

    def _take(self) -> None:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self.lock = self.path.with_suffix(".lock").open("wb")
        try:
            fcntl.flock(self.lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            self.lock.close()
            raise WorldTaken(
                f"The practice system {self.path.stem} is served by another process already, perhaps by `make run`."
                " End that one first."
            ) from None
