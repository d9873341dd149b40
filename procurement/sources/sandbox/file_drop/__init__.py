"""A folder that a warehouse puts files into, as docs/sources/file_drop.md describes it."""

import os
import shutil
import tempfile
import time
import weakref
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from werkzeug.wrappers import Request, Response

from procurement.sources.sandbox.server import PAGE_SIZE, SandboxSystem
from suppliers.sandbox.protocol import Call


class System(SandboxSystem):
    """`root` is what DROP_DIR has to be."""

    def __init__(self, page_size: int = PAGE_SIZE) -> None:
        super().__init__(page_size)
        self.root = Path(tempfile.mkdtemp(prefix="practice-folder-"))
        self.folder = self.root / "warehouse"
        self.folder.mkdir()
        weakref.finalize(self, shutil.rmtree, self.root, ignore_errors=True)

    def load(self, world: Mapping[str, Any]) -> None:
        for at, (name, content) in enumerate(world["files"].items()):
            self.put(name, content, seconds_ago=3600 - at)

    def put(self, name: str, content: str | bytes, *, seconds_ago: float = 3600) -> Path:
        path = self.folder / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        written = time.time() - seconds_ago
        os.utime(path, (written, written))
        return path

    def account_settings(self, origin: str) -> dict[str, str]:
        return {"folder": self.folder.name}

    def account_credentials(self) -> dict[str, str]:
        return {}

    def recognise(self, request: Request) -> Call | Response | None:
        return None  # nothing of it is HTTP
