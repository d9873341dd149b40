"""Production does not start half-configured, and what it starts with passes Django's own deployment check."""

import base64
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
COMPLETE = {
    "ENVIRONMENT": "production",
    "SECRET_KEY": "production-key-of-this-test-0123456789-abcdefghijklmnop",
    "CREDENTIAL_KEYS": base64.urlsafe_b64encode(bytes(range(32))).decode(),
    "ALLOWED_HOSTS": "procurement.example",
    "DATABASE_URL": "postgres://nobody@127.0.0.1:1/none",
}


def start(tmp_path: Path, environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    inherited = {
        name: os.environ[name] for name in ("PATH", "PYTHONPATH", "SYSTEMROOT") if name in os.environ
    }
    return subprocess.run(
        [sys.executable, str(ROOT / "manage.py"), "check", "--deploy", "--fail-level", "WARNING"],
        cwd=tmp_path,
        env=inherited | {"VAR_DIR": str(tmp_path / "var")} | environment,
        capture_output=True,
        text=True,
        check=False,
    )


def test_production_starts_clean_when_complete(tmp_path: Path) -> None:
    result = start(tmp_path, COMPLETE)
    assert result.returncode == 0, result.stderr
    assert "no issues" in result.stdout
    assert not (tmp_path / "var").exists()  # no key was made up


@pytest.mark.parametrize("missing", sorted(COMPLETE.keys() - {"ENVIRONMENT"}))
@pytest.mark.parametrize("how", ["absent", "empty"])
def test_production_refuses_to_start_without(missing: str, how: str, tmp_path: Path) -> None:
    environment = COMPLETE | {missing: ""}
    if how == "absent":
        del environment[missing]
    result = start(tmp_path, environment)
    assert result.returncode != 0
    last = result.stderr.strip().splitlines()[-1]
    assert last.startswith("django.core.exceptions.ImproperlyConfigured:"), result.stderr
    assert missing in last


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("CREDENTIAL_KEYS", "not-a-key", "Key 1 of 1 in CREDENTIAL_KEYS"),
        ("CREDENTIAL_KEYS", f"{COMPLETE['CREDENTIAL_KEYS']},short", "Key 2 of 2 in CREDENTIAL_KEYS"),
        ("ENVIRONMENT", "prod", "expected 'local' or 'production'"),
        ("DATABASE_URL", "nonsense", "DATABASE_URL"),
        ("WORKERS", "many", "WORKERS"),
    ],
)
def test_production_refuses_to_start_with_a_wrong(name: str, value: str, said: str, tmp_path: Path) -> None:
    result = start(tmp_path, COMPLETE | {name: value})
    assert result.returncode != 0
    assert said in result.stderr.strip().splitlines()[-1]
    assert "short" not in result.stderr.strip().splitlines()[-1]
