"""A new database is made by one migration an app; databases made before that go on by those which it replaces."""

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder

Name = tuple[str, str]
APPS = ("suppliers", "orders", "procurement")


@pytest.fixture(autouse=True)
def as_on_disk(settings) -> None:
    settings.MIGRATION_MODULES = {}  # the suite does without migrations


def one_by_one() -> list[Name]:
    """The migrations of our apps as they were written and what they need, each after what it needs itself."""
    loader = MigrationLoader(None, replace_migrations=False)
    leaves = [name for name in loader.disk_migrations if name[0] in APPS and name not in loader.replacements]
    return list(dict.fromkeys(name for leaf in sorted(leaves) for name in loader.graph.forwards_plan(leaf)))


@pytest.mark.parametrize("app", APPS)
def test_the_tables_of_a_new_database_are_those_of_the_migrations_it_replaces(app):
    every, fresh = MigrationLoader(None, replace_migrations=False), MigrationLoader(None)
    [(squashed, migration)] = [(name, found) for name, found in fresh.replacements.items() if name[0] == app]
    made = {at: found for at, found in fresh.project_state(squashed).models.items() if at[0] == app}
    last = every.project_state(migration.replaces[-1]).models
    assert made == {at: found for at, found in last.items() if at[0] == app}


def to_come(done: list[Name], monkeypatch) -> tuple[list[Name], set[str]]:
    """What `migrate` would still do, and the apps for which it takes the short way."""
    monkeypatch.setattr(MigrationRecorder, "applied_migrations", lambda self: dict.fromkeys(done))
    executor = MigrationExecutor(connection)
    executor.loader.check_consistent_history(connection)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    ours = [step for step, _ in plan if step.app_label in APPS]
    names = [name for step in ours for name in step.replaces or [(step.app_label, step.name)]]
    return names, {step.app_label for step in ours if step.replaces}


def test_a_database_goes_on_from_wherever_it_stopped(monkeypatch):
    every = one_by_one()
    for at in range(len(every) + 1):
        names, _ = to_come(every[:at], monkeypatch)
        assert sorted(names) == sorted(name for name in every[at:] if name[0] in APPS)


def test_an_empty_database_takes_the_short_way(monkeypatch):
    _, short = to_come([], monkeypatch)
    assert short == set(APPS)
