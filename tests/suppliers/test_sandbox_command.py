"""`manage.py sandbox` as people start and end it."""

import json
import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import requests
from django.core.management import call_command

from suppliers.connectors.registry import CONNECTORS
from tests.fixtures.sandbox import supplier_file

ROOT = Path(__file__).resolve().parents[2]


def start(tmp_path, *arguments):
    return subprocess.Popen(
        [
            sys.executable,
            "manage.py",
            "sandbox",
            "--port",
            "0",
            "--ledger",
            str(tmp_path / "l.sqlite3"),
            *arguments,
        ],
        cwd=ROOT,
        env=os.environ | {"VAR_DIR": str(tmp_path / "var"), "PYTHONUNBUFFERED": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_it_says_what_it_serves_and_ends_cleanly(tmp_path):
    (tmp_path / "world").mkdir()
    (tmp_path / "world" / "a.json").write_text(json.dumps(supplier_file()))
    with start(tmp_path, "--world", str(tmp_path / "world")) as process:
        assert (
            process.stdout.readline()
            == "Greengrocer Ltd (greengrocer): 3 products, answers orders with as_asked.\n"
        )
        address = re.search(r"http://[\d.:]+/_sandbox/ledger", process.stdout.readline())[0]
        assert requests.get(address, timeout=5).json()["orders"] == []
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=120)
    assert (process.returncode, errors) == (0, "")


def test_it_waits_for_a_world_that_is_not_there_yet(tmp_path):
    with start(tmp_path, "--world", str(tmp_path / "world")) as process:
        assert "Waiting for them" in process.stdout.readline()
        (tmp_path / "world").mkdir()
        (tmp_path / "world" / "a.json").write_text(json.dumps(supplier_file()))
        assert process.stdout.readline().startswith("Greengrocer")
        process.terminate()
        _, errors = process.communicate(timeout=120)
    assert (process.returncode, errors) == (0, "")


def test_world_that_cannot_be_read_is_named(tmp_path):
    (tmp_path / "a.json").write_text("{")
    with start(tmp_path, "--world", str(tmp_path)) as process:
        _, errors = process.communicate(timeout=120)
    assert process.returncode == 1
    assert errors.startswith("CommandError: a.json cannot be read")


def test_list_names_every_protocol_with_its_addresses(tmp_path, capsys):
    (tmp_path / "world").mkdir()
    (tmp_path / "world" / "greengrocer.json").write_text(json.dumps(supplier_file()))
    call_command("sandbox", "--list", "--world", str(tmp_path / "world"), "--port", "8123")
    told = capsys.readouterr().out
    for protocol in CONNECTORS:
        assert f"({protocol})" in told
    assert "Greengrocer Ltd (greengrocer)" in told
    assert "http://127.0.0.1:8123" in told
