"""A supplier's list, prices and stock become rows; what has not changed stays as it is."""

import json
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from suppliers.exceptions import ConnectorConfigurationError, ProtocolError, SupplierUnavailable
from suppliers.messages import CatalogueItem
from suppliers.models import ConnectorCall, PriceQuote, PriceTier, Product, SupplierAccount, SupplierProduct
from suppliers.sandbox.faults import Fault, Kind
from suppliers.sandbox.world import supplier_read
from suppliers.services.catalogue import _list_write, catalogue_sync
from suppliers.services.quotes import prices_refresh, stock_refresh
from tests.fixtures.sandbox import supplier_file

APPLE, RICE, OIL = range(3)


@pytest.fixture
def bare(sandbox_supplier):
    """The supplier without any offer yet."""
    SupplierProduct.objects.all().delete()
    return sandbox_supplier


def sells(sandbox, *products):
    """The supplier's list becomes these products."""
    world = supplier_read(json.dumps(supplier_file(products=list(products))), "changed")
    protocol = sandbox.app.protocols[world.protocol]
    sandbox.app.suppliers[world.code] = world
    protocol.__init__(sandbox.app)


def product(index, **changes):
    return supplier_file()["products"][index] | changes


def tiers(sku):
    rows = PriceTier.objects.filter(quote__supplier_product__supplier_sku=sku, quote__superseded_at=None)
    return [(row.from_quantity, row.unit_price) for row in rows]


def test_first_sync_makes_offers_prices_and_stock(bare):
    seen: list[tuple[str, int, int]] = []
    done = catalogue_sync(supplier=bare, progress=lambda *step: seen.append(step))
    assert (done.added, done.changed, done.withdrawn, done.unmatched, done.problems) == (3, 0, 0, (), ())
    apple = SupplierProduct.objects.get(supplier_sku="APLJ-1L")
    assert (apple.product.sku, apple.external_id, apple.pack_size) == ("APPLE", "0a6f0d1e-apple", 6)
    assert apple.stock_on_offer == 600
    assert tiers("APLJ-1L") == [(6, Decimal("2.00")), (30, Decimal("1.80"))]
    assert tiers("RICE-5") == [(1, Decimal("3.70"))]
    account = SupplierAccount.objects.get()
    assert account.catalogue_fetched_at
    assert account.last_success_at
    assert {stage for stage, _, _ in seen} == {"stock", "prices"}
    assert all(0 <= count <= total for _, count, total in seen)


def test_second_sync_changes_nothing_but_the_time_of_the_stock(bare):
    catalogue_sync(supplier=bare)
    quotes = set(PriceQuote.objects.values_list("pk", "superseded_at"))
    done = catalogue_sync(supplier=bare, force=True)
    assert (done.added, done.changed, done.listed.unchanged) == (0, 0, 3)
    assert (done.prices.changed, done.prices.unchanged) == (0, 3)
    assert set(PriceQuote.objects.values_list("pk", "superseded_at")) == quotes


def test_list_of_less_than_a_day_ago_is_used_again(bare, sandbox):
    catalogue_sync(supplier=bare)
    sells(sandbox, product(APPLE))
    assert catalogue_sync(supplier=bare).listed is None
    SupplierAccount.objects.update(catalogue_fetched_at=timezone.now() - timedelta(days=1, minutes=1))
    assert catalogue_sync(supplier=bare).withdrawn == 2


def test_what_the_list_does_not_tell_stays_as_somebody_entered_it(bare):
    said = CatalogueItem(
        supplier_sku="APLJ-1L", external_id="1", name="Apple juice 1 l", unit="C62", buyer_sku="APPLE"
    )
    assert _list_write(bare, [said]).added == 1
    packing = SupplierProduct.objects.filter(supplier_sku="APLJ-1L").values_list(
        "pack_size", "minimum_quantity"
    )
    assert packing.get() == (1, 1)
    SupplierProduct.objects.update(pack_size=4, minimum_quantity=12)
    assert _list_write(bare, [said]).unchanged == 1
    assert packing.get() == (4, 12)
    assert _list_write(bare, [replace(said, pack_size=Decimal(6))]).changed == 1
    assert packing.get() == (6, 12)


def test_withdrawn_offer_is_kept_but_inactive_and_comes_back(bare, sandbox):
    catalogue_sync(supplier=bare)
    sells(sandbox, product(APPLE), product(RICE))
    assert catalogue_sync(supplier=bare, force=True).withdrawn == 1
    assert not SupplierProduct.objects.get(supplier_sku="OILS-1").active
    sells(sandbox, product(APPLE), product(RICE), product(OIL))
    assert catalogue_sync(supplier=bare, force=True).changed == 1
    assert SupplierProduct.objects.get(supplier_sku="OILS-1").active


def test_changed_price_supersedes_the_quote(bare, sandbox):
    catalogue_sync(supplier=bare)
    sells(sandbox, product(APPLE, tiers=[["1", "2.00"], ["60", "1.70"]]), product(RICE), product(OIL))
    done = catalogue_sync(supplier=bare)
    assert (done.prices.changed, done.prices.unchanged) == (1, 2)
    assert tiers("APLJ-1L") == [(6, Decimal("2.00")), (60, Decimal("1.70"))]
    old, new = PriceQuote.objects.filter(supplier_product__supplier_sku="APLJ-1L").order_by("pk")
    assert old.superseded_at
    assert new.superseded_at is None


def test_product_is_matched_by_our_code_then_as_before_then_by_barcode(bare, sandbox):
    Product.objects.create(sku="OTHER", name="Other", barcode="")
    offer = SupplierProduct.objects.create(
        supplier=bare,
        product=Product.objects.get(sku="OTHER"),
        supplier_sku="RICE-5",
        external_id="0a6f0d1e-rice",
    )
    sells(sandbox, product(APPLE), product(RICE, buyer_sku="unknown"), product(OIL, buyer_sku=""))
    catalogue_sync(supplier=bare)
    found = dict(SupplierProduct.objects.values_list("supplier_sku", "product__sku"))
    assert found == {"APLJ-1L": "APPLE", "RICE-5": "OTHER", "OILS-1": "OIL"}
    offer.refresh_from_db()
    assert offer.active


def test_what_cannot_be_matched_is_said_and_not_stored(bare, sandbox):
    Product.objects.create(sku="TWIN", name="Twin", barcode="5000000000031")
    sells(
        sandbox,
        product(APPLE, buyer_sku="", barcode=""),
        product(RICE, unit_of_measure="KGM"),
        product(OIL, buyer_sku=""),
        product(APPLE, product_id="again"),
        product(APPLE, product_id="third"),
    )
    done = catalogue_sync(supplier=bare)
    assert [sentence.split(":")[0] for sentence in done.unmatched] == [
        "APLJ-1L Apple juice 1 l is none of our products.",
        "RICE-5 is sold in KGM, but RICE is kept in C62.",
        "OILS-1",
        "APLJ-1L is listed twice; the first entry counts.",
        "APLJ-1L is listed twice; the first entry counts.",
    ]
    assert not SupplierProduct.objects.exists()


def test_unreadable_entry_is_named_and_not_taken_for_withdrawn(bare, sandbox):
    catalogue_sync(supplier=bare)
    sells(sandbox, product(APPLE, unit_of_measure="barrel"), product(RICE), product(OIL))
    done = catalogue_sync(supplier=bare, force=True)
    assert done.withdrawn == 0
    assert "unit_of_measure" in done.unmatched[0]


def test_empty_list_withdraws_nothing(bare, sandbox):
    catalogue_sync(supplier=bare)
    sells(sandbox)
    with pytest.raises(ProtocolError, match="empty product list"):
        catalogue_sync(supplier=bare, force=True)
    assert SupplierProduct.objects.filter(active=True).count() == 3


def test_product_that_is_no_longer_priced_has_no_quote_in_force(sandbox_supplier):
    offers = list(SupplierProduct.objects.all())
    prices_refresh(supplier=sandbox_supplier, offers=offers)
    SupplierProduct.objects.filter(supplier_sku="OILS-1").update(external_id="gone")
    done = prices_refresh(supplier=sandbox_supplier, offers=list(SupplierProduct.objects.all()))
    assert (done.not_offered, done.unchanged) == (1, 2)
    assert tiers("OILS-1") == []


def test_unreadable_price_leaves_the_quote_as_it_was(sandbox, sandbox_supplier):
    offers = list(SupplierProduct.objects.all())
    prices_refresh(supplier=sandbox_supplier, offers=offers)
    sandbox.faults.set(Fault(kind=Kind.BROKEN_BODY, operation="price"))
    done = prices_refresh(supplier=sandbox_supplier, offers=offers)
    assert len(done.problems) == 3
    assert tiers("RICE-5") == [(1, Decimal("3.70"))]


def test_scarce_stock_does_not_forget_known_tiers(sandbox_supplier):
    prices_refresh(supplier=sandbox_supplier, offers=list(SupplierProduct.objects.all()))
    SupplierProduct.objects.update(stock_on_offer=0)
    done = prices_refresh(supplier=sandbox_supplier, offers=list(SupplierProduct.objects.all()))
    assert done.unchanged == 3
    assert len(tiers("APLJ-1L")) == 2


def test_unknown_stock_is_asked_up_to_the_reach(sandbox_supplier):
    SupplierProduct.objects.update(stock_on_offer=None)
    SupplierAccount.objects.update(settings=SupplierAccount.objects.get().settings | {"price_reach": "4"})
    prices_refresh(supplier=sandbox_supplier, offers=list(SupplierProduct.objects.all()))
    assert tiers("APLJ-1L") == [(6, Decimal("2.00"))]  # 4 times 6 is below 30


@pytest.mark.parametrize("reach", ["0", "many", "-1", "1.5", "99999999"])
def test_reach_that_makes_no_sense_is_a_configuration_error(sandbox_supplier, reach):
    SupplierAccount.objects.update(settings=SupplierAccount.objects.get().settings | {"price_reach": reach})
    with pytest.raises(ConnectorConfigurationError, match="Price reach"):
        prices_refresh(supplier=sandbox_supplier, offers=list(SupplierProduct.objects.all()))


def test_stock_is_dated_before_it_was_asked(sandbox_supplier):
    before = timezone.now()
    done = stock_refresh(
        supplier=sandbox_supplier, offers=list(SupplierProduct.objects.filter(supplier_sku="OILS-1"))
    )
    oil = SupplierProduct.objects.get(supplier_sku="OILS-1")
    assert done.updated == 1
    assert oil.stock_on_offer == 4
    assert before <= oil.stock_as_of <= timezone.now()


def test_transient_failures_cost_a_moment_and_no_data(bare, sandbox):
    sandbox.faults.set(
        Fault(kind=Kind.ERROR_BEFORE, operation="price", count=3),
        Fault(kind=Kind.RESET_BEFORE, operation="stock", count=2),
        Fault(kind=Kind.TOKEN_EXPIRED, operation="price", count=1),
    )
    assert catalogue_sync(supplier=bare).prices.changed == 3


def test_supplier_that_stays_down_stops_the_sync_and_is_in_the_journal(bare, sandbox, monkeypatch):
    sandbox.faults.set(Fault(kind=Kind.ERROR_BEFORE, operation="stock"))
    with pytest.raises(SupplierUnavailable):
        catalogue_sync(supplier=bare)
    assert ConnectorCall.objects.filter(operation="stock", status=500).exists()
    assert SupplierAccount.objects.get().last_success_at is None


def test_good_answers_to_many_questions_are_not_journalled(bare):
    catalogue_sync(supplier=bare)
    assert not ConnectorCall.objects.filter(operation__in=["price", "stock"]).exists()
    assert ConnectorCall.objects.filter(operation="catalogue").count() == 1


def test_what_is_unmatched_is_told_in_the_transaction_of_the_list(bare, sandbox):
    told = []
    sells(sandbox, product(APPLE, buyer_sku="", barcode=""), product(RICE, unit_of_measure="KGM"))
    catalogue_sync(supplier=bare, keep=lambda supplier, unmatched: told.extend(unmatched))
    assert [(one.item.supplier_sku, one.product and one.product.sku) for one in told] == [
        ("APLJ-1L", None),
        ("RICE-5", "RICE"),
    ]
