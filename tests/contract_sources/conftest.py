"""Every source of the registry that brings entries, with a practice system of its kind."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from procurement.sources.base import Source, SourceConfig
from procurement.sources.registry import source_class
from procurement.sources.sandbox.server import SourceSandbox
from tests.sources.accounts import PAGED

FIXTURES = Path(__file__).parent / "fixtures"


@pytest.fixture(params=PAGED)
def kind(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    return name


@pytest.fixture
def sandbox(kind: str) -> Iterator[SourceSandbox]:
    """All that the fixtures of the kind tell, two rows a page."""
    with SourceSandbox(kind, page_size=2) as sandbox:
        for path in sorted((FIXTURES / kind).glob("*.json")):
            sandbox.system.load(json.loads(path.read_text(encoding="utf-8"))["world"])
        yield sandbox


def source_for(sandbox: SourceSandbox, kind: str) -> Source:
    credentials = {name: (value,) for name, value in sandbox.system.account_credentials().items()}
    settings = sandbox.account_settings
    return source_class(kind)(SourceConfig("Acme", settings, credentials, allow_private_network=True))


@pytest.fixture
def source(sandbox: SourceSandbox, kind: str) -> Iterator[Source]:
    with source_for(sandbox, kind) as source:
        yield source
