"""Shared set-up of the whole suite."""

import os
import re
import shutil
import time
from collections.abc import Iterator
from types import SimpleNamespace
from unittest.mock import patch

import hypothesis
import pytest
from django.db import connection
from django.test import SimpleTestCase
from pytest_django.plugin import DjangoDbBlocker

from procurement.services.roles import roles_ensure
from procurement.sources.registry import SOURCES
from suppliers.connectors import oauth
from suppliers.connectors.registry import CONNECTORS
from suppliers.connectors.squizz import enquiries, lists
from suppliers.connectors.squizz import session as squizz_session

pytest_plugins = ["tests.fixtures.sandbox", "tests.fixtures.emptying"]
# A busy machine is no failure: nothing here is timed. The same examples everywhere, so that a failure can be repeated.
hypothesis.settings.register_profile("suite", deadline=None, derandomize=True, print_blob=True)
hypothesis.settings.load_profile("suite")


def chromium() -> str | None:
    """The browser the `browser` tests drive; none is downloaded."""
    names = (
        os.environ.get("CHROMIUM", ""),
        "chromium",
        "chromium-browser",
        "google-chrome",
        "google-chrome-stable",
    )
    return next((path for name in names if name and (path := shutil.which(name))), None)


def openssh() -> tuple[str, str] | None:
    """The programs of an OpenSSH server: `sshd` and `sftp-server`. Debian: openssh-server."""
    places = ("/usr/lib/openssh", "/usr/libexec/openssh", "/usr/lib/ssh", "/usr/libexec")
    sshd = shutil.which("sshd", path="/usr/sbin:/usr/local/sbin:/sbin:" + os.environ.get("PATH", ""))
    sftp = shutil.which("sftp-server", path=":".join(places))
    return (sshd, sftp) if sshd and sftp else None


def pytest_report_header(config: pytest.Config) -> str:
    none = "none found, its tests are deselected"
    return f"database: {connection.vendor}; browser: {chromium() or none}; OpenSSH: {openssh() or none}"


# What a second database is for: rows, races, crashes and what people may type into them. Pages, the admin, the API and
# single protocols and sources are the same on both.
KEPT = re.compile(
    r"tests/(flow|orders|procurement|sources|chaos)/"
    r"|tests/suppliers/test_(catalogue|connections|credentials)|tests/pages/test_bad_input_everywhere.*test_nonsense"
)
PARTICULAR = "|".join((*CONNECTORS, *SOURCES, "declared_supplier"))
WORDS_AND_WAYS = "|".join(
    ("answers_at_an_address", "news_at", "odd_addresses", "orders_answered_at_once", "told_", "who_is_told")
)
LEFT_OUT = re.compile(
    rf"tests/(suppliers|flow|sources)/test_({PARTICULAR}|{WORDS_AND_WAYS})"
    r"|.*(test_run_turns_red_without|test_supplier_answers|test_sample_|sources/test_killed)"
)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--database-only",
        action="store_true",
        help="for a second database: leave out what would only repeat itself",
    )


def differs_by_database(item: pytest.Item) -> bool:
    fixtures = {"db", "transactional_db", "live_server"} & set(getattr(item, "fixturenames", ()))
    marks = [item.get_closest_marker(name) for name in ("django_db", "own_database")]
    path = f"{item.path.relative_to(item.config.rootpath).as_posix()}::{item.name}"
    if LEFT_OUT.match(path) or not KEPT.match(path):
        return False
    of_django = issubclass(getattr(item, "cls", None) or object, SimpleTestCase)
    return bool(fixtures) or any(marks) or of_django


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Tests that cannot run here are deselected and counted as such, never silently passed."""
    if config.getoption("--database-only"):
        repeated = [i for i in items if not differs_by_database(i) or i.get_closest_marker("browser")]
        config.hook.pytest_deselected(items=repeated)
        items[:] = [item for item in items if item not in set(repeated)]
    missing = set()
    if connection.vendor != "postgresql":
        missing.add("postgresql")
    if not chromium():
        if os.environ.get("REQUIRE_BROWSER") == "1":
            raise pytest.UsageError("REQUIRE_BROWSER=1, but no chromium was found.")
        missing.add("browser")
    if not openssh():
        missing.add("openssh")
    left_out = {item for item in items if any(item.get_closest_marker(name) for name in missing)}
    config.hook.pytest_deselected(items=[item for item in items if item in left_out])
    items[:] = [item for item in items if item not in left_out]


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> None:
    """With the roles, which nearly every test of a page needs and which take longer than most of these tests."""
    with django_db_blocker.unblock():
        roles_ensure()


@pytest.fixture(scope="session", autouse=True)
def short_pauses() -> Iterator[None]:
    """What is asked again is asked after a fiftieth of the pause; the order of things stays as it is."""
    with patch("tenacity.nap.time", SimpleNamespace(sleep=lambda seconds: time.sleep(seconds / 50))):
        yield


@pytest.fixture(autouse=True)
def no_tokens_of_another_test() -> Iterator[None]:
    """Tokens, sessions and lists outlive a test, and a sandbox may get the port of an earlier one."""
    yield
    for kept in (oauth._slots, squizz_session._slots, lists._lists, enquiries._stored, enquiries._asked_at):
        kept.clear()


@pytest.fixture(scope="session")
def chromium_path() -> str:
    path = chromium()
    assert path, "browser tests are deselected where there is no chromium"
    return path
