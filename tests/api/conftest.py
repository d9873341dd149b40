from collections.abc import Callable

import pytest
from rest_framework.test import APIClient

from tests import factories

SignIn = Callable[[str], APIClient]


@pytest.fixture
def as_role(db: None) -> SignIn:
    """An API client of a new user of that role."""

    def sign_in(role: str) -> APIClient:
        client = APIClient(raise_request_exception=True)
        client.force_login(factories.user(role))
        return client

    return sign_in
