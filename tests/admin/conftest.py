from collections.abc import Callable

import pytest
from django.contrib.auth.models import Group, User
from django.test import Client

from suppliers.models import Supplier, SupplierAccount


@pytest.fixture
def sign_in(db: None) -> Callable[..., Client]:
    """A client signed in as a new user of that role."""

    def as_role(role: str, *, staff: bool = True, username: str = "") -> Client:
        user = User.objects.create_user(username or role.lower(), is_staff=staff)
        user.groups.add(Group.objects.get(name=role))
        client = Client()
        client.force_login(user)
        return client

    return as_role


@pytest.fixture
def administrator(sign_in: Callable[..., Client]) -> Client:
    return sign_in("Administrator")


@pytest.fixture
def account(db: None) -> SupplierAccount:
    supplier = Supplier.objects.create(code="acme", name="Acme")
    return SupplierAccount.objects.create(
        supplier=supplier,
        protocol="cerve",
        settings={
            "base_url": "https://api.example/v2",
            "token_url": "https://auth.example/token",
            "supplier_id": "s1",
            "customer_id": "c1",
        },
    )
