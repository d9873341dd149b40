"""Prices are asked again when they have expired or a plan needs them, within the time and the calls there are."""

from datetime import timedelta
from decimal import Decimal

import pytest
import time_machine
from django.utils import timezone

from orders.models import PurchaseOrder, PurchaseOrderLine
from procurement.chores import refresh_prices, suppliers_with_prices, sync_catalogue
from procurement.models import PlanRun
from procurement.services.planning import plan_run
from procurement.services.price_refresh import time_of_one
from suppliers.models import CallDay, PriceQuote, PriceTier, Supplier, SupplierProduct
from suppliers.sandbox.faults import Fault, Kind
from suppliers.selectors import offers_with_old_prices
from suppliers.services.catalogue import catalogue_sync
from tests import factories
from tests.procurement.planning import make_item

pytestmark = pytest.mark.django_db


@pytest.fixture
def known(sandbox_supplier):
    """A supplier whose prices and stock were asked for three days ago; rice was cheaper by then."""
    catalogue_sync(supplier=sandbox_supplier)
    ago = timezone.now() - timedelta(days=3)
    SupplierProduct.objects.update(prices_checked_at=ago, stock_as_of=ago)
    PriceQuote.objects.update(fetched_at=ago)
    PriceTier.objects.filter(quote__supplier_product__supplier_sku="RICE-5").update(unit_price="1.00")
    return sandbox_supplier


def needed(supplier: Supplier, *skus: str):
    """A site that sells two a day of these items and has none."""
    site = factories.site()
    for sku in skus:
        product = supplier.products.get(supplier_sku=sku).product
        item = make_item(site, f"copy-{sku}")
        for rows in (site.demand, site.stock):
            rows.filter(product=item).update(product=product)
        item.delete()
    return site


def rice() -> PurchaseOrderLine:
    return PurchaseOrderLine.objects.get(supplier_sku="RICE-5")


def test_plan_asks_for_what_it_needs_and_orders_at_the_price_of_today(known):
    site = needed(known, "RICE-5")
    seen: list[str] = []
    plan_run(site=site, by=None, on_progress=lambda stage, percent: seen.append(stage))
    assert rice().unit_price == Decimal("3.70")
    assert f"Asking {known.name} for prices" in seen
    assert "caveats" not in rice().reason
    # And for nothing else: the other offers' prices are as old as before.
    assert {offer.supplier_sku for offer in offers_with_old_prices(supplier=known)} == {"APLJ-1L", "OILS-1"}


def test_plan_that_needs_nothing_asks_for_nothing(known):
    site = needed(known, "RICE-5")
    site.stock.update(on_hand=10_000)
    seen: list[str] = []
    plan_run(site=site, by=None, on_progress=lambda stage, percent: seen.append(stage))
    assert not [stage for stage in seen if stage.startswith("Asking")]


def test_prices_that_still_hold_are_not_asked_again(known):
    site = needed(known, "RICE-5")
    Supplier.objects.update(prices_valid_hours=24 * 4)
    plan_run(site=site, by=None)
    assert rice().unit_price == Decimal("1.00")
    assert [c["about"] for c in rice().reason.get("caveats", [])] == []


def test_supplier_that_does_not_answer_is_planned_with_the_old_price_and_the_line_says_so(known, sandbox):
    site = needed(known, "RICE-5")
    sandbox.faults.set(Fault(kind=Kind.RESET_BEFORE))
    run = plan_run(site=site, by=None)
    assert run.status == PlanRun.Status.DONE
    assert rice().unit_price == Decimal("1.00")
    words = next(c["words"] for c in rice().reason["caveats"] if c["about"] == "prices")
    assert words.startswith("The price is of ")
    assert words.endswith(f": {known.name} was not asked again, as it did not answer.")


def test_supplier_that_hangs_is_not_waited_for_and_counts_as_one_that_fails(known, sandbox, settings):
    site = needed(known, "RICE-5")
    settings.PLAN_ASKS_SECONDS = 4
    sandbox.faults.set(Fault(kind=Kind.LATENCY, seconds=15))
    plan_run(site=site, by=None)
    assert "as it did not answer in time" in rice().reason["caveats"][0]["words"]
    known.refresh_from_db()
    assert known.failures == 1


@pytest.mark.parametrize(("left", "waiting", "seconds"), [(15, 3, 5), (15, 1, 15), (15, 60, 3)])
def test_supplier_is_given_time_to_answer_however_many_others_wait(left, waiting, seconds):
    assert time_of_one(left, waiting) == seconds


def test_supplier_that_is_down_costs_the_plan_no_call(known, sandbox):
    site = needed(known, "RICE-5")
    Supplier.objects.update(down_until=timezone.now() + timedelta(minutes=5))
    plan_run(site=site, by=None)
    assert "as it does not answer at present" in rice().reason["caveats"][0]["words"]


def test_no_time_at_all_leaves_prices_as_they_are(known, settings):
    settings.PLAN_ASKS_SECONDS = 0
    plan_run(site=needed(known, "RICE-5"), by=None)
    assert "as there was no time left for it" in rice().reason["caveats"][0]["words"]


def test_calls_that_are_used_up_are_named_and_the_order_is_drafted_all_the_same(known):
    site = needed(known, "RICE-5")
    Supplier.objects.update(calls_per_day=10)
    CallDay.objects.create(supplier=known, day=timezone.localdate(), calls=8)
    plan_run(site=site, by=None)
    assert PurchaseOrder.objects.count() == 1
    why = f"{known.name} was not asked again, as the calls it allows us are used up"
    assert [caveat["because"] for caveat in rice().reason["caveats"]] == [why, why]  # its price and its stock


def test_answer_that_changes_nothing_counts_as_fresh(known):
    PriceTier.objects.filter(quote__supplier_product__supplier_sku="RICE-5").update(unit_price="3.70")
    quotes = list(PriceQuote.objects.values_list("pk", "superseded_at"))
    assert [part.subject for part in suppliers_with_prices()] == [known.pk]
    done = refresh_prices(known.pk)
    assert (done.counts, done.error, done.more) == (
        {"prices changed": 0, "prices as before": 3, "suppliers put off until midnight": 0}, "", False,
    )  # fmt: skip
    assert list(PriceQuote.objects.values_list("pk", "superseded_at")) == quotes
    assert offers_with_old_prices(supplier=known) == []
    assert refresh_prices(known.pk).counts == {}
    with time_machine.travel(timezone.now() + timedelta(hours=25), tick=False):
        assert len(offers_with_old_prices(supplier=known)) == 3


def test_price_from_a_file_is_fresh_until_it_expires(known):
    PriceQuote.objects.filter(supplier_product__supplier_sku="OILS-1").update(fetched_at=timezone.now())
    assert {o.supplier_sku for o in offers_with_old_prices(supplier=known)} == {"APLJ-1L", "RICE-5"}


def test_job_says_that_calls_are_used_up_which_is_no_failure(known):
    Supplier.objects.update(calls_per_day=1)
    done = refresh_prices(known.pk)
    assert (done.counts["suppliers put off until midnight"], done.error, done.more) == (1, "", False)


def test_daily_list_asks_only_for_what_was_never_asked(known):
    SupplierProduct.objects.filter(supplier_sku="OILS-1").update(prices_checked_at=None)
    before = timezone.now()
    done = sync_catalogue(known.pk)
    assert done.counts["prices as before"] + done.counts["prices changed"] == 1
    assert done.counts["stock figures"] == 0
    fresh = SupplierProduct.objects.filter(prices_checked_at__gte=before)
    assert [offer.supplier_sku for offer in fresh] == ["OILS-1"]
