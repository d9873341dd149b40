"""Offers in several currencies are compared by dated rates, and orders keep the rate they were planned with."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from orders.models import PurchaseOrder
from orders.services.approval import order_approve
from orders.services.drafting import order_replace
from procurement.services.planning import plan_run
from suppliers.models import ExchangeRate
from tests import factories
from tests.procurement.planning import make_item, make_quote

pytestmark = pytest.mark.django_db
TODAY = timezone.localdate()


def rate(currency: str, value: str, *, days: int = 2) -> None:
    ExchangeRate.objects.update_or_create(
        currency=currency, base="GBP", date=TODAY - timedelta(days=days), source="ECB",
        defaults={"rate": Decimal(value), "read_at": timezone.now()},
    )  # fmt: skip


def two_suppliers(euros: str, *, item: str = "A", daily: str = "2"):
    """One asks 2.00 pounds a piece, the other so many euros."""
    site = factories.site()
    product = make_item(site, item, daily=daily)
    make_quote(factories.supplier(code="acme"), product, "2.00")
    make_quote(factories.supplier(code="rhine", name="Rhein", currency="EUR"), product, euros)
    return site


def chosen() -> str:
    return PurchaseOrder.objects.get().supplier.code


@pytest.mark.parametrize(("euros", "winner"), [("2.37", "rhine"), ("2.38", "acme")])
def test_cheapest_is_told_by_the_rate_and_not_by_the_figure(euros, winner):
    rate("EUR", "0.8412")  # 2.37 euros are 1.9936 pounds, 2.38 are 2.0021
    plan_run(site=two_suppliers(euros), by=None)
    assert chosen() == winner


def test_order_keeps_its_currency_its_rate_and_the_words_of_the_reason():
    rate("EUR", "0.8412")
    run = plan_run(site=two_suppliers("2.00"), by=None)
    order = PurchaseOrder.objects.get()
    line = order.lines.get()
    words = f"1 EUR = 0.8412 GBP of {TODAY - timedelta(days=2):%-d %b %Y}, ECB"
    assert (order.currency, line.unit_price, str(order.rate)) == ("EUR", Decimal("2.00"), words)
    quote = line.reason["quotes"][0]
    assert (quote["landed_price"], quote["landed_currency"], quote["rate"]["words"]) == (
        "1.6824", "GBP", words,
    )  # fmt: skip
    assert (
        f"Rhein at 2.00 EUR (1.6824 GBP with delivery; {words}) is the cheapest." in line.reason["sentence"]
    )
    assert run.value == (line.quantity * 2 * Decimal("0.8412")).quantize(Decimal("0.01"))
    assert run.parameters["rates"]["EUR"]["value"] == "0.8412"


def test_newer_rate_changes_no_order_and_its_approval_says_what_it_was_worth():
    rate("EUR", "0.8412")
    plan_run(site=two_suppliers("2.00"), by=None)
    rate("EUR", "0.9", days=0)
    order = PurchaseOrder.objects.get()
    total = order.lines.get().total
    order_approve(order=order, by=factories.user("Approver"), version=order.version, via="page")
    order.refresh_from_db()
    said = order.events.get(kind="approved").text
    assert order.exchange_rate == Decimal("0.8412")
    assert f"{total:,.2f} EUR = {total * Decimal('0.8412'):,.2f} GBP at 1 EUR = 0.8412 GBP of" in said


def test_draft_that_replaces_another_counts_with_the_rate_of_its_own_day():
    rate("EUR", "0.8412")
    plan_run(site=two_suppliers("2.00"), by=None)
    rate("EUR", "0.9", days=0)
    PurchaseOrder.objects.update(status="cancelled")
    draft = order_replace(order=PurchaseOrder.objects.get(), by=factories.user("Buyer"), via="page")
    assert draft.exchange_rate == Decimal("0.9")


def test_rate_that_is_too_old_leaves_its_offers_out_and_plans_all_others():
    rate("EUR", "0.5", days=8)
    run = plan_run(site=two_suppliers("2.00"), by=None)
    assert chosen() == "acme"
    assert len(run.notes) == 1
    assert run.notes[0].startswith(
        "1 offer of Rhein was left out: sold in EUR, and the last exchange rate of"
    )


def test_item_that_only_a_supplier_without_a_rate_offers_is_a_shortfall_with_its_reason():
    site = factories.site()
    make_quote(factories.supplier(code="fjord", currency="NOK"), make_item(site, "A"), "20")
    run = plan_run(site=site, by=None)
    assert (run.uncovered, run.orders) == (1, 0)
    reason = run.requirements.get().reason
    assert reason["quotes"][0]["why"] == "sold in NOK, and no exchange rate of NOK to GBP is known"


def test_second_plan_of_the_day_proposes_nothing_twice_in_any_currency():
    rate("EUR", "0.8412")
    site = two_suppliers("2.00")
    plan_run(site=site, by=None)
    assert plan_run(site=site, by=None).orders == 0


@pytest.mark.parametrize(("daily", "winner"), [("2", "acme"), ("60", "tokyo")])
def test_delivery_fee_counts_once_an_order_in_the_suppliers_currency(daily, winner):
    """A fee of 1,000 yen is 5.14 pounds: what 2.2 pence a piece save on 234 pieces."""
    rate("JPY", "0.00514")
    site = factories.site()
    item = make_item(site, "A", daily=daily)
    make_quote(factories.supplier(code="acme"), item, "1.05")
    tokyo = factories.supplier(code="tokyo", currency="JPY", delivery_fee=1000)
    make_quote(tokyo, item, "200")  # 1.028 pounds
    plan_run(site=site, by=None)
    assert chosen() == winner
