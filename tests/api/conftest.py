from collections.abc import Callable

import pytest
from django.contrib.auth.models import Group, User
from rest_framework.test import APIClient

from procurement.services.roles import roles_ensure

SignIn = Callable[[str], APIClient]


@pytest.fixture
def as_role(db: None) -> SignIn:
    """An API client of a new user of that role."""
    roles_ensure()

    def sign_in(role: str) -> APIClient:
        user = User.objects.create_user(f"{role.lower()}{User.objects.count()}")
        user.groups.add(Group.objects.get(name=role))
        client = APIClient(raise_request_exception=True)
        client.force_login(user)
        return client

    return sign_in
