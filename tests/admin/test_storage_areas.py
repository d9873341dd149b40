"""A place belongs to one site: items of another cannot lie there, where no plan would see them."""

import pytest
from django.test import Client

from orders.models import Site
from procurement.models import ItemPolicy, StorageArea
from suppliers.models import Product
from tests import factories
from tests.admin.form_data import form_data

pytestmark = pytest.mark.django_db


@pytest.fixture
def sites() -> tuple[Site, Site]:
    return factories.site(code="north", name="North"), factories.site(code="south", name="South")


def test_an_item_lies_in_a_place_of_its_own_site_only(
    administrator: Client, sites: tuple[Site, Site]
) -> None:
    north, south = sites
    cold = StorageArea.objects.create(site=north, name="Cold store", capacity=20)
    product = Product.objects.create(sku="A", name="Apples")
    page = "/admin/procurement/itempolicy/add/"
    sent = form_data(administrator.get(page)) | {
        "product": product.pk, "storage_area": cold.pk, "storage_size": "0.5",
    }  # fmt: skip
    refused = administrator.post(page, sent | {"site": south.pk})
    assert "Cold store (north) is a place of another site." in refused.content.decode()
    assert not ItemPolicy.objects.exists()
    assert administrator.post(page, sent | {"site": north.pk}).status_code == 302
    assert ItemPolicy.objects.get().storage_area == cold


def test_a_place_stays_at_its_site(administrator: Client, sites: tuple[Site, Site]) -> None:
    north, south = sites
    cold = StorageArea.objects.create(site=north, name="Cold store", capacity=20)
    page = f"/admin/procurement/storagearea/{cold.pk}/change/"
    sent = form_data(administrator.get(page)) | {"site": south.pk, "capacity": "30"}
    assert administrator.post(page, sent).status_code == 302
    cold.refresh_from_db()
    assert (cold.site, cold.capacity) == (north, 30)
