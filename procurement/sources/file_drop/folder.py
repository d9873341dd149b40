"""A folder of this machine: nothing outside of it is ever opened, and no link is followed."""

import os
import stat
from pathlib import Path

from procurement.sources.base import FoundFile

CHUNK = 1024 * 1024


class LeadsOut(Exception):
    """The folder, or one in it, is a link to somewhere else."""


class Folder:
    """Raises `OSError`, and `LeadsOut`."""

    def __init__(self, below: Path, name: str) -> None:
        root = below.resolve()
        self.path = (root / name).resolve()
        if not self.path.is_relative_to(root):
            raise LeadsOut(f"{name} leads out of {below}")

    def close(self) -> None:
        pass

    def files(self) -> list[FoundFile]:
        found = []
        with os.scandir(self.path) as entries:
            for entry in entries:
                if entry.is_file(follow_symlinks=False):
                    found.append(_found(entry.name, entry.stat(follow_symlinks=False)))
        return found

    def stamp(self, name: str) -> str:
        """Empty where there is no such file."""
        try:
            return _found(name, (self.path / name).lstat()).stamp
        except FileNotFoundError:
            return ""

    def copied(self, name: str, to: Path, most: int) -> int:
        """How many bytes, at most `most`."""
        # A pipe of that name, put there meanwhile, must not be waited for.
        number = os.open(self.path / name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
        size = 0
        with os.fdopen(number, "rb") as lying, to.open("xb") as ours:
            if not stat.S_ISREG(os.fstat(number).st_mode):
                raise FileNotFoundError(f"{name} is no file")
            while size < most and (chunk := lying.read(min(CHUNK, most - size))):
                size += len(chunk)
                ours.write(chunk)
        return size

    def moved(self, name: str, to: str, new: str) -> None:
        """Over whatever is there: under this name it is the same."""
        (self.path / name).rename(self._below(to) / new)

    def moved_back(self, at: str, new: str, name: str) -> None:
        """Unless there is another one by now; then it stays."""
        try:
            os.link(self._below(at) / new, self.path / name, follow_symlinks=False)
        except FileExistsError:
            return
        (self._below(at) / new).unlink()

    def stamp_in(self, at: str, new: str) -> str:
        return _found(new, (self._below(at) / new).lstat()).stamp

    def written(self, at: str, name: str, text: str) -> None:
        temporary = self._below(at) / f".{name}.part"
        temporary.unlink(missing_ok=True)
        with temporary.open("x", encoding="utf-8", newline="") as file:
            file.write(text)
        temporary.replace(self._below(at) / name)

    def _below(self, name: str) -> Path:
        path = self.path / name
        path.mkdir(exist_ok=True)
        if path.is_symlink() or not path.is_dir():
            raise LeadsOut(f"{name} is no folder of its own")
        return path


def _found(name: str, said: os.stat_result) -> FoundFile:
    return FoundFile(
        name=name,
        size=said.st_size,
        modified=said.st_mtime,
        stamp=f"{said.st_size}-{said.st_mtime_ns}",
    )
