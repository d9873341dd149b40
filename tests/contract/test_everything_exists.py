"""One more protocol is a folder, a registry line, a sandbox, fixtures and a page: this fails until all exist."""

import re
from importlib import import_module
from pathlib import Path

import pytest

from suppliers.connectors.base import TIMEOUT, Capability, Connector, ConnectorConfig
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


def what_is_missing(protocol: str, root: Path = ROOT) -> list[str]:
    """Of all that belongs to a line of the registry, in a person's words."""
    parts = {
        f"{name}.py of its connector": [root / "suppliers" / "connectors" / protocol / f"{name}.py"]
        for name in ("__init__", "client", "mapping", "connector")
    }
    sandbox, fixtures = root / "suppliers" / "sandbox", root / "tests" / "contract" / "fixtures" / protocol
    parts["a sandbox"] = [sandbox / f"{protocol}.py", sandbox / protocol / "__init__.py"]
    documents = sorted(fixtures.glob("*-*"))
    parts["a fixture to be understood"] = [path for path in documents if "-bad-" not in path.name]
    parts["a fixture to be refused"] = [path for path in documents if "-bad-" in path.name]
    parts["a page"] = [root / "docs" / "connectors" / f"{protocol}.md"]
    return [what for what, places in parts.items() if not any(place.is_file() for place in places)]


def test_nothing_is_missing(protocol):
    assert what_is_missing(protocol) == []


MADE_UP = {
    "suppliers/connectors/telex/__init__.py": "__init__.py of its connector",
    "suppliers/connectors/telex/client.py": "client.py of its connector",
    "suppliers/connectors/telex/mapping.py": "mapping.py of its connector",
    "suppliers/connectors/telex/connector.py": "connector.py of its connector",
    "suppliers/sandbox/telex/__init__.py": "a sandbox",
    "tests/contract/fixtures/telex/reply-taken.json": "a fixture to be understood",
    "tests/contract/fixtures/telex/reply-bad-half.json": "a fixture to be refused",
    "docs/connectors/telex.md": "a page",
}


@pytest.mark.parametrize(("file", "what"), MADE_UP.items())
def test_each_missing_part_of_a_new_protocol_is_named(tmp_path, file, what):
    for each in MADE_UP:
        (tmp_path / each).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / each).touch()
    assert what_is_missing("telex", tmp_path) == []
    (tmp_path / file).unlink()
    assert what_is_missing("telex", tmp_path) == [what]


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
    assert TIMEOUT.name in names, "how long an answer is waited for is for an administrator to say"


def test_what_it_says_it_can_do_it_does(protocol):
    connector = connector_class(protocol)(
        ConnectorConfig("acme", "Acme", credentials={"webhook_secret": ("whsec_eA==",)})
    )
    for capability in connector.capabilities & set(CALLS):
        assert getattr(type(connector), CALLS[capability]) is not getattr(Connector, CALLS[capability]), (
            capability
        )


# The name of a protocol that is also a format, and who else writes it.
ALSO = {"soap": r"|procurement/sources/(sandbox/)?salesforce/events\.py"}


def test_name_of_a_protocol_appears_in_its_own_places_only(protocol):
    name = ORDINARY_WORDS.get(protocol, rf"\b{protocol}\b")
    own = rf"suppliers/(connectors|sandbox)/({protocol}/|{protocol}\.py|registry\.py)"
    allowed = re.compile(own + ALSO.get(protocol, ""))
    code = [path for top in ("suppliers", "orders", "procurement") for path in (ROOT / top).rglob("*.py")]
    found = [
        str(path.relative_to(ROOT))
        for path in code
        if not allowed.search(str(path.relative_to(ROOT)))
        and re.search(name, path.read_text(encoding="utf-8"), re.IGNORECASE)
    ]
    assert found == []
