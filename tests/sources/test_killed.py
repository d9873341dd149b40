"""kill -9 of a process that reads a source: the next one ends where an undisturbed one would have."""

import subprocess
import time

import pytest

from suppliers.sandbox.faults import Fault, Kind
from tests.chaos.installation import PATIENCE, Installation, eventually, installed, kill
from tests.sources.salesforce_org import order


def sync(ours: Installation) -> subprocess.Popen:
    return ours.started("manage.py", "sync", "crm", "--json", stdout=subprocess.PIPE, stderr=subprocess.PIPE)


def read_to_the_end(ours: Installation) -> None:
    """As soon as the lease of whoever died has run out."""
    until = time.monotonic() + PATIENCE
    while True:
        process = sync(ours)
        _, err = process.communicate(timeout=PATIENCE)
        if process.returncode == 0:
            return
        assert "is being read already" in err
        assert time.monotonic() < until


@pytest.mark.own_database
def test_killed_reading_is_finished_by_the_next(sandbox, org, tmp_path):
    for n in range(1, 8):
        order(org, n, (n, "ABC"[n % 3], n))
    with installed(tmp_path, "tests.sources.killed_scene") as ours:
        ours.scene("prepare", sandbox.origin)
        sandbox.faults.set(Fault(kind=Kind.HANG_BEFORE, operation="more", seconds=PATIENCE * 2, count=1))
        process = sync(ours)

        def reading() -> bool:
            assert process.poll() is None, process.communicate()[1]
            return not sandbox.faults.listed()[0]["count"]

        eventually(reading)
        kill(process)
        half = ours.scene("tell")
        assert half["runs"] == ["running"]
        assert len(half["lines"]) == 2  # the first page, whole
        read_to_the_end(ours)
        whole = ours.scene("tell")
    assert whole["runs"] == ["failed", "done"]
    assert [line[7] for line in whole["lines"]] == [1, 2, 3, 4, 5, 6, 7]
    assert [float(line[9]) for line in whole["lines"]] == [1, 2, 3, 4, 5, 6, 7]
