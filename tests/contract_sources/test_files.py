"""Whatever brings whole files: it names those that are ours, copies them as they lie, and puts them away once."""

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from procurement.sources.base import Capability, FileSource, SourceConfig, SourceUnreadable
from procurement.sources.file_formats import format_of
from procurement.sources.file_kinds import KINDS
from procurement.sources.registry import SOURCES, source_class
from procurement.sources.sandbox.server import SandboxSystem, system_class
from tests.contract_sources.conftest import FIXTURES

OF_FILES = [kind for kind in sorted(SOURCES) if issubclass(source_class(kind), FileSource)]
DOCUMENTS = [(kind, path) for kind in OF_FILES for path in sorted((FIXTURES / kind).glob("*.json"))]


@pytest.fixture(params=DOCUMENTS, ids=lambda document: document[1].stem)
def told(request: pytest.FixtureRequest) -> dict[str, Any]:
    kind, path = request.param
    return {"kind": kind, "bad": "-bad-" in path.name} | json.loads(path.read_text(encoding="utf-8"))


@pytest.fixture
def system(told: dict[str, Any]) -> SandboxSystem:
    system = system_class(told["kind"])()
    system.load(told["world"])
    return system


@pytest.fixture
def source(told: dict[str, Any], system: Any) -> Iterator[FileSource]:
    config = SourceConfig("Acme", system.account_settings(""), files_below=system.root)
    with source_class(told["kind"])(config) as source:
        assert isinstance(source, FileSource)
        yield source


def test_files_are_copied_and_put_away_as_they_are_meant(told, system, source, tmp_path: Path):
    found = source.files()
    assert {file.name for file in found} == set(told["expected"])
    assert "refused" in told["expected"].values() or not told["bad"]
    for at, file in enumerate(found):
        copy = tmp_path / str(at)
        assert source.file_copied(file, copy)
        assert copy.read_text() == told["world"]["files"][file.name]
        try:
            format_of(copy, file.name, most_unpacked=1000)
            refused = ""
        except SourceUnreadable as error:
            refused = str(error)
        assert told["expected"][file.name] == ("refused" if refused else "done")
        for _ in range(2):
            source.file_put_away(file, f"{at}" * 64, refused)
    assert source.files() == []
    lying = [path for path in system.folder.rglob("*") if path.is_file() and path.parent != system.folder]
    assert len([path for path in lying if not path.name.endswith(".errors.csv")]) == len(found)


def test_what_is_not_as_it_was_found_is_neither_taken_nor_moved(source, system, tmp_path: Path):
    file = source.files()[0]
    before = replace(file, size=file.size + 7, stamp="another")
    assert not source.file_copied(before, tmp_path / "copy")
    source.file_put_away(before, "0" * 64)
    assert file in source.files()
    (system.folder / file.name).unlink()
    assert not source.file_copied(file, tmp_path / "other")


def test_it_says_what_it_is(source):
    assert source.capabilities == {Capability.FILES}
    assert source.file_kind in KINDS
    assert source.check().endswith(".")
    with pytest.raises(LookupError, match="brings files"):
        source.fetch({})
