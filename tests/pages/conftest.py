"""Signed-in people, one a role."""

import pytest
from django.test import Client

from tests import factories


def _client(role: str) -> Client:
    client = Client()
    client.force_login(factories.user(role), backend="django.contrib.auth.backends.ModelBackend")
    return client


@pytest.fixture
def buyer(db: None) -> Client:
    return _client("Buyer")


@pytest.fixture
def approver(db: None) -> Client:
    return _client("Approver")


@pytest.fixture
def administrator(db: None) -> Client:
    return _client("Administrator")
