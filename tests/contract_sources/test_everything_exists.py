"""One more source is a module, a registry line, a practice system, fixtures and a page: this fails until all exist."""

import re
from pathlib import Path

import pytest

from procurement.sources.base import Capability, Source, SourceConfig
from procurement.sources.registry import SOURCES, source_class
from procurement.sources.sandbox.server import SandboxSystem, system_class
from suppliers.exceptions import ConnectorConfigurationError

ROOT = Path(__file__).resolve().parents[2]
CALLS = {Capability.ENTRIES: "fetch_entries", Capability.EVENTS: "verify_event"}


@pytest.fixture(params=sorted(SOURCES))
def kind(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    return name


def what_is_missing(kind: str, root: Path = ROOT) -> list[str]:
    """Of all that belongs to a line of the registry, in a person's words."""
    sources = root / "procurement" / "sources"
    documents = sorted((root / "tests" / "contract_sources" / "fixtures" / kind).glob("*.json"))
    parts = {
        "its module": [sources / f"{kind}.py", sources / kind / "source.py"],
        "a practice system": [sources / "sandbox" / f"{kind}.py", sources / "sandbox" / kind / "__init__.py"],
        "a fixture to be understood": [path for path in documents if "-bad-" not in path.name],
        "a fixture to be refused": [path for path in documents if "-bad-" in path.name],
        "a page": [root / "docs" / "sources" / f"{kind}.md"],
    }
    return [what for what, places in parts.items() if not any(place.is_file() for place in places)]


def test_nothing_is_missing(kind):
    assert what_is_missing(kind) == []


MADE_UP = {
    "procurement/sources/abacus.py": "its module",
    "procurement/sources/sandbox/abacus.py": "a practice system",
    "tests/contract_sources/fixtures/abacus/orders.json": "a fixture to be understood",
    "tests/contract_sources/fixtures/abacus/orders-bad-half.json": "a fixture to be refused",
    "docs/sources/abacus.md": "a page",
}


@pytest.mark.parametrize(("file", "what"), MADE_UP.items())
def test_each_missing_part_of_a_new_source_is_named(tmp_path, file, what):
    for each in MADE_UP:
        (tmp_path / each).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / each).touch()
    assert what_is_missing("abacus", tmp_path) == []
    (tmp_path / file).unlink()
    assert what_is_missing("abacus", tmp_path) == [what]


def test_every_practice_system_is_in_the_registry():
    folder = ROOT / "procurement" / "sources" / "sandbox"
    found = {path.parent.name for path in folder.glob("*/__init__.py")}
    found |= {path.stem for path in folder.glob("*.py")} - {"__init__", "sample", "server", "world"}
    assert found == set(SOURCES)


def test_practice_system_is_one(kind):
    assert issubclass(system_class(kind), SandboxSystem)


def test_class_declares_itself(kind):
    source = source_class(kind)
    assert issubclass(source, Source)
    assert not source.__abstractmethods__
    assert source.kind == kind
    assert source.label
    names = [declared.name for declared in (*source.setting_fields, *source.credential_fields)]
    assert len(set(names)) == len(names)
    for declared in (*source.setting_fields, *source.credential_fields):
        assert re.fullmatch("[a-z][a-z_]*", declared.name)
        assert declared.label
    for setting in source.setting_fields:
        assert not setting.default or source.problem_with(setting.name, setting.default) == ""


def test_page_describes_every_setting_and_credential(kind):
    page = (ROOT / "docs" / "sources" / f"{kind}.md").read_text(encoding="utf-8")
    source = source_class(kind)
    for declared in (*source.setting_fields, *source.credential_fields):
        assert f"`{declared.name}`" in page


def test_what_it_says_it_can_do_it_does(kind):
    source = source_class(kind)(SourceConfig("Acme"))
    assert source.capabilities
    for capability in source.capabilities & set(CALLS):
        assert getattr(type(source), CALLS[capability]) is not getattr(Source, CALLS[capability])


def test_what_is_not_entered_is_named(kind):
    for declared in source_class(kind).credential_fields:
        if declared.required:
            with pytest.raises(ConnectorConfigurationError, match=f"Acme: {declared.label} is not set"):
                source_class(kind)(SourceConfig("Acme")).credential(declared.name)


def test_name_of_a_source_appears_in_its_own_places_only(kind):
    allowed = re.compile(rf"procurement/sources/((sandbox/)?{kind}(/|\.py)|registry\.py)")
    code = [path for top in ("suppliers", "orders", "procurement") for path in (ROOT / top).rglob("*.py")]
    found = [
        str(path.relative_to(ROOT))
        for path in code
        if not allowed.search(str(path.relative_to(ROOT)))
        and re.search(rf"\b{kind}\b", path.read_text(encoding="utf-8"), re.IGNORECASE)
    ]
    assert found == []
