"""`manage.py sandbox --sources` ends with a sentence and code 1 where it cannot serve a system."""

import fcntl
import os
import subprocess
import sys
from pathlib import Path

from procurement.sources.sandbox.server import sample_kinds

ROOT = Path(__file__).resolve().parents[2]


def test_system_that_somebody_else_serves_is_named(tmp_path: Path) -> None:
    kind = next(reversed(sample_kinds()))
    (tmp_path / "sample" / "sources").mkdir(parents=True)
    environment = os.environ | {
        "DJANGO_SETTINGS_MODULE": "procurement.settings",
        "VAR_DIR": str(tmp_path),
        "DATABASE_URL": f"sqlite:///{tmp_path / 'd.sqlite3'}",
    }
    with (tmp_path / "sample" / "sources" / f"{kind}.lock").open("wb") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        command = [sys.executable, "manage.py", "sandbox", "--sources", kind, "--port", "0"]
        ended = subprocess.run(
            command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=120, check=False
        )
    assert ended.returncode == 1
    assert "is served by another process already" in ended.stderr
    assert "Traceback" not in ended.stderr
