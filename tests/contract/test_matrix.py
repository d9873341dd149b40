"""The table of what each protocol can do is made from the code, and is not stale."""

from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command

from procurement.management.commands import connectors
from suppliers.connectors import matrix
from suppliers.connectors.base import Capability
from suppliers.connectors.registry import CONNECTORS, connector_class


def row_of(protocol: str) -> list[str]:
    label = f"[{connector_class(protocol).label}]({protocol}.md)"
    row = next(line for line in matrix.matrix_text().splitlines() if label in line)
    return [cell.strip() for cell in row.strip("|").split("|")]


def test_the_page_is_what_the_code_says() -> None:
    assert connectors.PAGE.read_text(encoding="utf-8") == matrix.matrix_text(), (
        "stale: run manage.py connectors --write"
    )


def test_every_protocol_has_a_row_and_a_page_and_every_capability_a_column() -> None:
    for protocol in CONNECTORS:
        assert len(row_of(protocol)) == len(Capability) + 2
        assert (connectors.PAGE.parent / f"{protocol}.md").is_file()


def test_what_depends_on_an_account_names_the_setting() -> None:
    cells = row_of("cerve")
    columns = dict(zip(Capability, cells[1:], strict=False))
    assert columns[Capability.CATALOGUE] == "yes"
    assert columns[Capability.LOOKUP] == "yes, by `order_lookup_path`"
    assert columns[Capability.CALLBACK] == "yes, by `webhook_secret`"
    assert columns[Capability.POLL] == "–"


@pytest.fixture
def page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(connectors, "PAGE", tmp_path / "README.md")
    return tmp_path / "README.md"


def test_the_command_prints_or_writes_it(page: Path) -> None:
    out = StringIO()
    call_command("connectors", stdout=out)
    assert out.getvalue() == matrix.matrix_text()
    assert not page.exists()
    call_command("connectors", "--write")
    assert page.read_text(encoding="utf-8") == matrix.matrix_text()
