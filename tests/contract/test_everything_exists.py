"""One more protocol is a folder, a registry line, a sandbox, fixtures and a page: this fails until all exist."""

import re
from importlib import import_module
from pathlib import Path

import pytest

from suppliers.connectors.base import Capability, Connector, ConnectorConfig
from suppliers.connectors.registry import CONNECTORS, connector_class
from suppliers.sandbox.protocol import SandboxProtocol

ROOT = Path(__file__).resolve().parents[2]
# Protocols whose name is also an ordinary word: found where it stands as a name, in quotes or in a module's path.
ORDINARY_WORDS = {
    "rest": r"[\"'.]rest[\"'.]",
    # Also the name of a field of people and places.
    "email": r"""(protocol|CONNECTORS)[^\n]*["']email["']|(connectors|sandbox)[./]email\b""",
}
CALLS = {
    Capability.CATALOGUE: "fetch_catalogue",
    Capability.QUOTATION: "fetch_quotation",
    Capability.STOCK: "fetch_stock_availability",
    Capability.PREVIEW: "preview_order",
    Capability.LOOKUP: "find_order",
    Capability.CANCEL: "cancel_order",
    Capability.CHANGE: "change_order",
    Capability.CALLBACK: "verify_callback",
    Capability.POLL: "fetch_documents",
}


@pytest.mark.parametrize("name", ["__init__.py", "client.py", "mapping.py", "connector.py"])
def test_folder_has_its_parts(protocol, name):
    assert (ROOT / "suppliers" / "connectors" / protocol / name).is_file()


def test_every_folder_is_in_the_registry():
    folders = {path.parent.name for path in (ROOT / "suppliers" / "connectors").glob("*/connector.py")}
    assert folders == set(CONNECTORS)


def test_sandbox_speaks_it(protocol):
    assert issubclass(import_module(f"suppliers.sandbox.{protocol}").Protocol, SandboxProtocol)


def test_page_describes_every_setting_and_credential(protocol):
    page = (ROOT / "docs" / "connectors" / f"{protocol}.md").read_text(encoding="utf-8")
    connector = connector_class(protocol)
    for declared in (*connector.setting_fields, *connector.credential_fields):
        assert f"`{declared.name}`" in page


def test_fixtures_show_good_and_bad_documents(protocol):
    names = [path.name for path in (ROOT / "tests" / "contract" / "fixtures" / protocol).iterdir()]
    names = [name for name in names if name != "beside.json"]
    assert [name for name in names if "-bad-" in name]
    assert [name for name in names if "-bad-" not in name]


def test_class_declares_itself(protocol):
    connector = connector_class(protocol)
    assert issubclass(connector, Connector)
    assert connector.protocol == protocol
    assert connector.label
    assert any(field.secret for field in connector.credential_fields)
    for declared in (*connector.setting_fields, *connector.credential_fields):
        assert re.fullmatch("[a-z][a-z_]*", declared.name)
        assert declared.label
    names = [field.name for field in (*connector.setting_fields, *connector.credential_fields)]
    assert len(set(names)) == len(names)


def test_what_it_says_it_can_do_it_does(protocol):
    connector = connector_class(protocol)(
        ConnectorConfig("acme", "Acme", credentials={"webhook_secret": ("whsec_eA==",)})
    )
    for capability in connector.capabilities & set(CALLS):
        assert getattr(type(connector), CALLS[capability]) is not getattr(Connector, CALLS[capability]), (
            capability
        )


def test_name_of_a_protocol_appears_in_its_own_places_only(protocol):
    name = ORDINARY_WORDS.get(protocol, rf"\b{protocol}\b")
    allowed = re.compile(rf"suppliers/(connectors|sandbox)/({protocol}/|{protocol}\.py|registry\.py)")
    code = [path for top in ("suppliers", "orders", "procurement") for path in (ROOT / top).rglob("*.py")]
    found = [
        str(path.relative_to(ROOT))
        for path in code
        if not allowed.search(str(path.relative_to(ROOT)))
        and re.search(name, path.read_text(encoding="utf-8"), re.IGNORECASE)
    ]
    assert found == []
