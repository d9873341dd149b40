"""New price lists, in money on the demand that the newest plan expects. Ten a day; a week's review: 70 at once."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from procurement.chores import find_price_changes
from procurement.models import PriceChange, Requirement
from procurement.price_changes_shown import price_changes_that_matter, supplier_days
from procurement.services.planning import plan_run
from procurement.services.price_changes import price_changes_find
from suppliers.models import ContractItem, ExchangeRate, PriceQuote, SourcingDecision, SupplierProduct
from tests import factories
from tests.procurement.planning import make_item, make_quote

pytestmark = pytest.mark.django_db
D = Decimal
TODAY = timezone.localdate()


def new_list(offer: SupplierProduct, *tiers: tuple[int, str], currency: str = "GBP") -> PriceQuote:
    now = timezone.now()
    offer.quotes.filter(superseded_at=None).update(superseded_at=now)
    quote = offer.quotes.create(currency=currency, fetched_at=now)
    for start, price in tiers:
        quote.tiers.create(from_quantity=start, unit_price=D(price))
    return quote


@pytest.fixture
def offers() -> tuple[SupplierProduct, SupplierProduct]:
    """Acme asks 1.90, and 1.70 from 300; bolt asks 1.68. Nobody has delivered yet."""
    product = make_item(factories.site(), "A", daily="10")
    acme = factories.supplier(code="acme", name="Acme")
    bolt = factories.supplier(code="bolt", name="Bolt")
    found = make_quote(acme, product, "1.90"), make_quote(bolt, product, "1.68")
    found[0].quotes.get().tiers.create(from_quantity=300, unit_price=D("1.70"))
    plan_run(site=factories.site(), by=None)
    return found


def test_a_dearer_list_is_told_with_its_yearly_cost_and_who_is_cheaper_now(offers):
    """1.68 to 1.75 on 3,650 a year: 255.50; Acme's 1.70 from 300 up is below 1.75 now."""
    new_list(offers[1], (1, "1.75"))
    assert price_changes_find() == 1
    change = PriceChange.objects.get()
    assert (change.old_price, change.new_price, change.usual_quantity) == (D("1.68"), D("1.75"), 70)
    assert (change.yearly_quantity, change.yearly_effect) == (3650, D("255.50"))
    assert (change.percent, change.concerns_us) == (D("4.2"), True)
    assert change.standing == "Acme is now cheaper from 300 up"


def test_each_list_is_compared_once_and_with_the_one_before_it(offers):
    new_list(offers[1], (1, "1.75"))
    assert [price_changes_find(), price_changes_find()] == [1, 0]
    new_list(offers[1], (1, "1.80"))
    new_list(offers[1], (1, "1.60"))
    assert find_price_changes().counts == {"price lists compared": 2}
    effects = PriceChange.objects.order_by("pk").values_list("yearly_effect", flat=True)
    assert list(effects) == [D("255.50"), D("182.50"), D("-730.00")]
    (day,) = supplier_days(unseen=True)
    assert (day.supplier.code, day.day, day.effect) == ("bolt", TODAY, D("-292.00"))
    # The worst first, each with what it cost until then.
    assert [change.history for change in day.changes] == [
        [D("1.68"), D("1.75")],
        [D("1.68"), D("1.75"), D("1.80")],
        [D("1.68"), D("1.75"), D("1.80"), D("1.60")],
    ]


def test_a_first_list_and_items_without_demand_are_no_change(offers):
    make_quote(factories.supplier(), factories.product())
    other = make_quote(factories.supplier(), factories.product())
    new_list(other, (1, "9.00"))
    assert price_changes_find() == 0


def test_what_nobody_would_buy_there_does_not_matter(offers):
    """Acme is dearer for 70 at once, before and after."""
    new_list(offers[0], (1, "2.50"), (300, "1.70"))
    price_changes_find()
    change = PriceChange.objects.get()
    assert (change.yearly_effect, change.concerns_us) == (D("2190.00"), False)
    assert not price_changes_that_matter(unseen=True).exists()


def test_what_was_bought_there_matters(offers):
    order = factories.order(of=offers[0].supplier, lines=0, status="confirmed")
    factories.line(order, offers[0])
    new_list(offers[0], (1, "2.50"), (300, "1.70"))
    price_changes_find()
    assert PriceChange.objects.get().concerns_us


def test_price_by_contract_is_not_changed_by_a_list(offers):
    ContractItem.objects.create(
        supplier_product=offers[1], number="C", valid_from=TODAY, valid_until=TODAY, unit_price="1.60"
    )
    new_list(offers[1], (1, "1.75"))
    price_changes_find()
    assert not PriceChange.objects.get().concerns_us


def test_price_of_what_is_blocked_does_not_matter(offers):
    SourcingDecision.objects.create(supplier=offers[1].supplier, kind="blocked", reason="Unpaid")
    new_list(offers[1], (1, "1.75"))
    price_changes_find()
    assert not PriceChange.objects.get().concerns_us


@pytest.mark.parametrize(("least", "listed"), [(255, 1), (256, 0)])
def test_threshold_is_a_setting(offers, settings, least, listed):
    settings.PRICE_ALERT_YEARLY = least
    new_list(offers[1], (1, "1.75"))
    price_changes_find()
    assert price_changes_that_matter(unseen=True).count() == listed


def test_currencies_are_compared_by_dated_rates(offers):
    """2.00 to 2.20 euros at 0.80 are 0.16 pounds on 3,650 a year; 1.68 is between 1.60 and 1.76."""
    euro = make_quote(factories.supplier(code="rhine", currency="EUR"), offers[0].product, "2.00")
    ExchangeRate.objects.create(
        currency="EUR",
        base="GBP",
        date=TODAY - timedelta(days=1),
        rate=D("0.80"),
        source="ECB",
        read_at=timezone.now(),
    )
    new_list(euro, (1, "2.20"), currency="EUR")
    price_changes_find()
    change = PriceChange.objects.get()
    assert (change.yearly_effect, change.standing, change.percent) == (
        D("584.00"), "Bolt is now cheaper at any quantity", D("10.0"),
    )  # fmt: skip


def test_without_a_rate_the_change_is_listed_and_says_so(offers, client):
    euro = make_quote(factories.supplier(code="rhine", currency="EUR"), offers[0].product, "2.00")
    order = factories.order(of=euro.supplier, lines=0, status="confirmed")
    factories.line(order, euro)
    new_list(euro, (1, "2.10"), currency="EUR")
    price_changes_find()
    assert PriceChange.objects.get().yearly_effect is None
    client.force_login(factories.user("Buyer"))
    assert "no exchange rate" in client.get("/price-changes/").content.decode()


def test_demand_is_that_of_the_newest_plans(offers):
    Requirement.objects.update(daily_demand=20)
    new_list(offers[1], (1, "1.75"))
    price_changes_find()
    change = PriceChange.objects.get()
    assert (change.usual_quantity, change.yearly_effect) == (140, D("511.00"))


# -- the page --------------------------------------------------------------------------------------------------
def test_page_and_work_queue_tell_until_somebody_has_seen_it(offers, client):
    new_list(offers[1], (1, "1.75"))
    price_changes_find()
    buyer = factories.user("Buyer", username="bea")
    client.force_login(buyer)
    home = " ".join(client.get("/").content.decode().split())
    assert "Price changes" in home
    assert "Acme is now cheaper from 300 up" in home
    page = " ".join(client.get("/price-changes/").content.decode().split())
    for words in (
        "+£255.50 a year",
        "£1.68 → £1.75",
        "+4.2 %",
        "3,650 a year",
        "70 at once",
        '<svg class="trend"',
    ):
        assert words in page, words
    answer = client.post("/price-changes/seen/", {"supplier": "bolt", "day": TODAY.isoformat()}, follow=True)
    assert "1 change marked as seen." in answer.content.decode()
    assert "Nothing new" in answer.content.decode()
    assert "Price changes" not in client.get("/").content.decode()
    assert "seen" in client.get("/price-changes/?show=all").content.decode()
    assert PriceChange.objects.get().seen_by == buyer
    sent = {"supplier": "bolt", "day": TODAY.isoformat()}
    assert (
        "They had been seen already."
        in client.post("/price-changes/seen/", sent, follow=True).content.decode()
    )
    for wrong in ({"supplier": "nobody"}, {"supplier": "\x00"}, {"day": "2020-01-01"}, {"day": "x"}):
        assert client.post("/price-changes/seen/", sent | wrong).status_code == 404


def test_only_buyers_mark_changes(offers, client):
    client.force_login(factories.user("Approver"))
    new_list(offers[1], (1, "1.75"))
    price_changes_find()
    assert "Mark as seen" not in client.get("/price-changes/").content.decode()
    assert (
        client.post("/price-changes/seen/", {"supplier": "bolt", "day": TODAY.isoformat()}).status_code == 403
    )
    client.force_login(factories.user("Buyer"))
    assert client.post("/price-changes/seen/", {"supplier": "bolt", "day": "soon"}).status_code == 404


def test_api_lists_and_marks(offers, client):
    client.force_login(factories.user("Buyer"))
    new_list(offers[1], (1, "1.75"))
    price_changes_find()
    (told,) = client.get("/api/price-changes/").json()["results"]
    assert (told["supplier"], told["yearly_effect"], told["percent"]) == ("bolt", "255.50", "4.2")
    answer = client.post("/api/price-changes/seen/", {"ids": [told["id"]]}, "application/json")
    assert answer.json() == {"marked": 1}
    assert client.get("/api/price-changes/").json()["results"] == []
    assert len(client.get("/api/price-changes/?show=all").json()["results"]) == 1
