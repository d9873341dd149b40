"""The tree keeps the rules on who may import whom, and a planted import against them is noticed."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
PACKAGES = ("procurement", "orders", "suppliers")


def lint_imports(folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [
            sys.executable,
            "-c",
            "import sys; from importlinter.cli import lint_imports_command as c; sys.exit(c())",
        ],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": str(folder)},  # before an installed copy of the project
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture(scope="module")
def clean_copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("tree")
    for package in PACKAGES:
        shutil.copytree(ROOT / package, folder / package, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", folder)
    return folder


def test_import_rules_are_kept_in_the_tree(clean_copy: Path) -> None:
    result = lint_imports(clean_copy)
    assert result.returncode == 0, result.stdout + result.stderr
    assert "0 broken" in result.stdout


@pytest.mark.parametrize(
    ("module", "planted", "broken"),
    [
        ("suppliers/models/supplier.py", "import orders.models", "never back"),
        ("orders/models/order.py", "import procurement.models", "never back"),
        ("procurement/engine/__init__.py", "import django.db", "knows no Django"),
        ("suppliers/connectors/base.py", "import suppliers.models", "never rows"),
        ("suppliers/connectors/base.py", "from django.conf import settings", "never rows"),
        (
            "procurement/sources/base.py",
            "import procurement.models",
            "sources and practice systems give records",
        ),
        ("orders/models/order.py", "import orders.services", "pages and tasks, then services"),
    ],
)
def test_lint_imports_fails_when_an_import_is_planted(
    module: str, planted: str, broken: str, clean_copy: Path, tmp_path: Path
) -> None:
    tree = tmp_path / "tree"
    shutil.copytree(clean_copy, tree)
    path = tree / module
    path.write_text(f"{path.read_text()}\n{planted}\n")
    result = lint_imports(tree)
    assert result.returncode != 0, result.stdout
    assert any(broken in line and "BROKEN" in line for line in result.stdout.splitlines()), result.stdout
