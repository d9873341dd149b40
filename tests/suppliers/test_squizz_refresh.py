"""A whole refresh of what a supplier on the platform offers: list, prices with their tiers, stock; few calls."""

import pytest

from suppliers.connectors.squizz import lists
from suppliers.models import ConnectorCall, PriceTier, SupplierProduct
from suppliers.sandbox.faults import Fault, Kind
from suppliers.services.catalogue import catalogue_sync
from tests.fixtures.sandbox import sandbox_of, supplier_create

pytestmark = pytest.mark.django_db


@pytest.fixture
def server(tmp_path):
    with sandbox_of(tmp_path, protocol="squizz") as server:
        yield server


def test_refresh_brings_products_tiers_and_stock(server):
    supplier = supplier_create(server)
    SupplierProduct.objects.filter(supplier=supplier).update(stock_on_offer=None, external_id="")
    sync = catalogue_sync(supplier=supplier, force=True)
    assert (sync.changed, sync.withdrawn, sync.unmatched, sync.problems) == (3, 0, (), ())
    juice = SupplierProduct.objects.get(supplier=supplier, supplier_sku="APLJ-1L")
    assert (juice.external_id, juice.pack_size, juice.stock_on_offer) == ("0a6f0d1e-apple", 6, 600)
    tiers = PriceTier.objects.filter(quote__supplier_product=juice).values_list("from_quantity", "unit_price")
    assert [(str(start), str(price)) for start, price in sorted(tiers)] == [
        ("6.0000", "2.0000"),
        ("30.0000", "1.8000"),
    ]


def test_minimum_that_somebody_entered_outlives_a_refresh(server):
    """The platform has packs, and no word for a minimum."""
    supplier = supplier_create(server)
    SupplierProduct.objects.filter(supplier=supplier).update(minimum_quantity=24)
    catalogue_sync(supplier=supplier, force=True)
    kept = SupplierProduct.objects.filter(supplier=supplier).values_list("minimum_quantity", flat=True)
    assert set(kept) == {24}


def test_lists_are_fetched_anew_after_a_while(server, monkeypatch):
    monkeypatch.setattr(lists, "KEPT_FOR", 0.0)
    supplier = supplier_create(server)
    catalogue_sync(supplier=supplier, force=True)
    server.faults.set(Fault(kind=Kind.PRICE_CHANGED, operation="price", percent=10))
    sync = catalogue_sync(supplier=supplier)
    assert sync.prices.changed == 3
    assert not ConnectorCall.objects.filter(status__gte=400).exists()
