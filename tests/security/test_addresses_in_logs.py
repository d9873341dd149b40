"""An address whose end is a secret stands in no log, whatever becomes of the request."""

import io
import logging

import pytest
from django.conf import settings
from django.test import Client

from procurement.log_filters import AddressesCut


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("/sources/crm/events/a-token-that-opens-it/", "/sources/crm/events/…"),
        ("/callbacks/acme/a-token-that-opens-it", "/callbacks/acme/…"),
    ],
)
def test_end_of_an_address_that_is_a_secret_is_cut(address: str, shown: str) -> None:
    written = io.StringIO()
    handler = logging.StreamHandler(written)
    assert settings.LOGGING["handlers"]["console"]["filters"] == ["addresses"]
    handler.addFilter(AddressesCut())
    logger = logging.getLogger("django.request")
    logger.addHandler(handler)
    try:
        assert Client().post(address).status_code == 404
    finally:
        logger.removeHandler(handler)
    assert shown in written.getvalue()
    assert "a-token-that-opens-it" not in written.getvalue()
