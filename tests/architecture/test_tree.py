"""What holds for every file of the repository."""

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
TOP_LEVEL = {
    "manage.py", "pyproject.toml", "procurement", "suppliers", "orders", "templates", "tests", "README.md",
    "docs", "benchmarks", "static", "Makefile", "CHANGELOG.md", "constraints.txt",
}  # fmt: skip


def tracked() -> list[Path]:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False)
    if listed.returncode != 0:
        pytest.fail("these tests look at the files that git tracks; run them in a clone")
    return [ROOT / name for name in listed.stdout.split("\0") if name and (ROOT / name).is_file()]


def texts() -> list[tuple[Path, str]]:
    found = []
    for path in tracked():
        try:
            found.append((path.relative_to(ROOT), path.read_text()))
        except UnicodeDecodeError:
            continue
    return found


def modules() -> list[Path]:
    return [path for path in tracked() if path.suffix == ".py" and "migrations" not in path.parts]


def test_files_stay_short() -> None:
    lengths = {path.relative_to(ROOT): len(path.read_text().splitlines()) for path in modules()}
    assert {path: count for path, count in lengths.items() if count > 400} == {}
    ordered = sorted(count for count in lengths.values() if count)
    assert ordered[len(ordered) // 2] <= 120


def test_no_module_is_a_drawer_for_everything() -> None:
    drawers = {"utils", "util", "helpers", "helper", "misc", "common", "manager", "managers"}
    assert [path for path in modules() if path.stem in drawers] == []


def test_top_level_is_the_agreed_one() -> None:
    names = {path.relative_to(ROOT).parts[0] for path in tracked()}
    assert {name for name in names if not name.startswith(".")} <= TOP_LEVEL


def test_no_file_names_a_folder_of_one_machine() -> None:
    # Put together here so that this file does not hold what it looks for.
    folders = "|".join(["/" + "home/[a-z]", "/" + "root/", "/" + "Users/[A-Za-z]", "/" + "work/[a-z]"])
    found = [path for path, text in texts() if re.search(rf"(?<![\w.])(?:{folders})", text)]
    assert found == []
