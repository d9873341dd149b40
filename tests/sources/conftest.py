from collections.abc import Iterator

import pytest

from procurement.models import SourceAccount
from procurement.sources.sandbox.salesforce.organisation import Organisation
from procurement.sources.sandbox.server import SourceSandbox
from tests.sources.accounts import make_products, source_create
from tests.sources.salesforce_org import products


@pytest.fixture
def sandbox() -> Iterator[SourceSandbox]:
    """A Salesforce organisation that knows the products A, B and C; two rows a page."""
    with SourceSandbox("salesforce", page_size=2) as sandbox:
        products(sandbox.system.organisation, "A", "B", "C")
        yield sandbox


@pytest.fixture
def org(sandbox: SourceSandbox) -> Organisation:
    return sandbox.system.organisation


@pytest.fixture
def source(db: None, sandbox: SourceSandbox) -> SourceAccount:
    make_products("A", "B", "C")
    return source_create(sandbox)
