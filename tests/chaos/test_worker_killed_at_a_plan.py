"""kill -9 of a worker that writes what a part of a plan found, or the drafts: another one makes the plan whole."""

import pytest

from tests.chaos.installation import eventually, installed, kill


@pytest.mark.own_database
@pytest.mark.parametrize(
    ("place", "left", "attempts"),
    [("part", ["running", "items"], [2, 1, 1, 1]), ("drafts", ["running", "sourcing"], [1, 1, 1, 1])],
)
def test_worker_killed_at_a_plan(tmp_path, place, left, attempts):
    sign = tmp_path / "sign"
    with installed(tmp_path, "tests.chaos.plan_scene") as installation:
        expected = installation.scene("prepare")["outcome"]
        assert expected["lines"]
        worker = installation.started("-m", "tests.chaos.plan_scene", "work", place, str(sign))
        try:
            eventually(sign.exists, seconds=60)
        finally:
            kill(worker)
        told = installation.scene("tell")
        assert told["runs"] == [left]
        assert not told["outcome"]["lines"]
        installation.scene("watch")
        with installation.worker():
            eventually(lambda: installation.scene("tell")["runs"][0][0] == "done")
        told = installation.scene("tell")
    assert told["attempts"] == attempts
    assert told["outcome"] == expected
