"""Addresses with characters that no database takes: a clear refusal, never a 500."""

import pytest
from django.contrib.auth.models import User
from django.test import Client

ADDRESSES = [
    "/orders/%00/",
    "/orders/%00/live/",
    "/orders/?q=%00",
    "/orders/?q=%ED%A0%80",
    "/orders/?supplier=%00&status=%00",
    "/orders/export.csv?q=%00",
    "/orders/?page=99999999999999999999",
    "/stock/?q=%00",
    "/suppliers/%00/",
    "/inbox/?page=%00",
    "/inbox/99999999999999999999/",
    "/plan/99999999999999999999/",
    "/api/orders/%00/",
    "/api/orders/?supplier=%00&q=%00",
]


@pytest.mark.django_db
@pytest.mark.parametrize("address", ADDRESSES)
def test_odd_address_is_no_error_of_ours(address):
    client = Client()
    client.force_login(User.objects.create_superuser("root"))
    assert client.get(address).status_code < 500


@pytest.mark.django_db
def test_callback_to_an_odd_address_is_refused():
    assert Client().post("/callbacks/%00/", data=b"{}", content_type="application/json").status_code == 404
