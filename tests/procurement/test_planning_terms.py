"""Plans keep to what was decided about suppliers and agreed with them. Two a day over ten days: 20 are needed."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from orders.models import PurchaseOrder, PurchaseOrderLine, Status
from orders.services.line_problems import next_best_offer
from procurement.models import PlanningPolicy
from procurement.services.planning import plan_run
from suppliers.models import ContractItem, SourcingDecision, Supplier, SupplierProduct, SupplierReliability
from suppliers.selectors import price_in_force
from tests import factories
from tests.procurement.planning import make_item, make_quote

pytestmark = pytest.mark.django_db
D = Decimal
TODAY = timezone.localdate()
DAY = timedelta(days=1)


@pytest.fixture
def offers() -> tuple[SupplierProduct, SupplierProduct]:
    """Acme asks 2.00, bolt 2.10."""
    product = make_item(factories.site(), "A")
    acme, bolt = factories.supplier(code="acme", name="Acme"), factories.supplier(code="bolt", name="Bolt")
    return make_quote(acme, product, "2.00"), make_quote(bolt, product, "2.10")


def planned() -> PurchaseOrderLine:
    plan_run(site=factories.site(), by=None)
    return PurchaseOrderLine.objects.select_related("order__supplier").get()


def decide(offer: SupplierProduct, kind: str, *, whole: bool = False, **fields: object) -> SourcingDecision:
    about = {} if whole else {"supplier_product": offer}
    values = {"supplier": offer.supplier, "kind": kind, "reason": "mould in the last lot", **about, **fields}
    return SourcingDecision.objects.create(**values)


def agree(offer: SupplierProduct, **fields: object) -> ContractItem:
    values = {"number": "C-7", "valid_from": TODAY - 10 * DAY, "valid_until": TODAY + 20 * DAY, **fields}
    return ContractItem.objects.create(supplier_product=offer, **values)


@pytest.mark.parametrize("whole", [False, True])
def test_blocked_is_not_bought_and_the_reason_says_why(offers, whole):
    decide(offers[0], "blocked", whole=whole, until=TODAY + DAY)
    line = planned()
    assert line.order.supplier.code == "bolt"
    told = next(quote for quote in line.reason["quotes"] if quote["supplier"] == "acme")
    assert told["why"] == f"blocked until {TODAY + DAY:%-d %b %Y}: mould in the last lot"


@pytest.mark.parametrize(
    "days",
    [{"until": TODAY - DAY, "since": TODAY - 9 * DAY}, {"since": TODAY + DAY}],
    ids=["over", "to come"],
)
def test_a_block_holds_on_its_days_only(offers, days):
    decide(offers[0], "blocked", **days)
    assert planned().order.supplier.code == "acme"


@pytest.mark.parametrize(("percent", "winner"), [(None, "bolt"), ("6", "bolt"), ("4", "acme")])
def test_preferred_may_be_dearer_by_what_was_decided(offers, percent, winner):
    decide(offers[1], "preferred", dearer_by_percent=percent)
    assert planned().order.supplier.code == winner


def test_contract_price_wins_over_the_price_list(offers):
    agree(offers[1], unit_price=D("1.90"))
    line = planned()
    assert (line.order.supplier.code, line.unit_price) == ("bolt", D("1.90"))
    assert line.reason["quotes"][0]["contract"] == f"contract C-7 until {TODAY + 20 * DAY:%-d %b %Y}"
    assert price_in_force(offers[1], D(50), currency="GBP") == D("1.90")


def test_contract_that_is_over_counts_no_more(offers):
    agree(offers[1], unit_price=D("1.90"), valid_until=TODAY - DAY)
    assert planned().order.supplier.code == "acme"
    assert price_in_force(offers[1], D(50), currency="GBP") == D("2.10")


def test_contract_share_counts_what_was_ordered_since_it_began(offers):
    agree(offers[1], share_percent=40)
    order = factories.order(of=offers[0].supplier, lines=0)
    factories.line(order, offers[0], quantity=D(6), unit_price=D(2))
    factories.line(
        factories.order(of=offers[1].supplier, lines=0, status="cancelled"), offers[1], quantity=D(99)
    )
    plan_run(site=factories.site(), by=None)
    line = PurchaseOrderLine.objects.latest("pk")
    assert (line.order.supplier.code, line.quantity) == ("bolt", 14)  # of 6 bolt has had none
    assert line.reason["quotes"][0]["why"] == "it has had 0% of it, and 40% are agreed"


def test_incremental_price_list_is_averaged_on_the_line(offers):
    """10 at 2.00 and 10 at 1.00 for need of 20."""
    quote = offers[0].quotes.get()
    quote.tiers.create(from_quantity=10, unit_price=1)
    quote.incremental = True
    quote.save()
    line = planned()
    assert (line.order.supplier.code, line.unit_price, line.total) == ("acme", D("1.5"), D("30.00"))


def test_hand_set_unreliability_counts_before_the_measured_one(offers):
    supplier = offers[0].supplier
    supplier.unreliability_percent = 6  # 2.00 compares at 2.12
    supplier.save()
    line = planned()
    assert line.order.supplier.code == "bolt"
    told = next(quote for quote in line.reason["quotes"] if quote["supplier"] == "acme")
    assert told["reliability"] == {"cost_percent": "6", "words": "as set by hand"}


def test_measured_trouble_counts_with_its_sample(offers):
    for offer, rejected in zip(offers, (50, 0), strict=True):
        SupplierReliability.objects.create(
            supplier=offer.supplier, since=TODAY, orders=100, rejected=rejected, lines=0, cut=0, deliveries=0,
            late=0, measured_at=timezone.now(),
        )  # fmt: skip
    PlanningPolicy.objects.create(site=factories.site(), rejected_order_costs_percent=20)
    # Usual is a quarter: (50 + 5) / 120 = 45.83 % and (0 + 5) / 120 = 4.17 %, of 20 %: 9.17 % and 0.83 %.
    line = planned()
    assert line.order.supplier.code == "bolt"
    costs = {quote["supplier"]: quote["reliability"] for quote in line.reason["quotes"]}
    assert costs == {
        "acme": {"cost_percent": "9.17", "words": "50 of 100 orders rejected"},
        "bolt": {"cost_percent": "0.83", "words": "0 of 100 orders rejected"},
    }


def test_site_may_limit_the_suppliers_of_a_line(offers):
    SupplierProduct.objects.filter(pk=offers[0].pk).update(stock_on_offer=5)
    PlanningPolicy.objects.create(site=factories.site(), most_suppliers_a_line=1)
    line = planned()
    assert (line.order.supplier.code, line.quantity) == ("bolt", 20)


def test_policy_says_what_a_day_too_late_costs(offers):
    """Nothing is there: Acme's goods are five days too late, Bolt's two, at 5 % more."""
    SupplierProduct.objects.filter(pk=offers[0].pk).update(lead_time_days=5)
    SupplierProduct.objects.filter(pk=offers[1].pk).update(lead_time_days=2)
    PlanningPolicy.objects.create(site=factories.site(), late_day_costs_percent=D("1.5"))
    line = planned()
    assert line.order.supplier.code == "acme"  # 7.5 % and 3 %: not enough
    assert [quote["late_costs_percent"] for quote in line.reason["quotes"]] == ["7.5", "3"]
    PurchaseOrder.objects.update(status=Status.CANCELLED)
    PlanningPolicy.objects.update(late_day_costs_percent=2)
    plan_run(site=line.order.site, by=None)
    assert PurchaseOrder.objects.get(status=Status.DRAFT).supplier.code == "bolt"  # 10 % and 4 %


def test_two_plans_in_a_row_ask_no_more_suppliers_than_one(offers):
    """Acme has 5 and Bolt 8 of 20: Bolt is asked for 8, and the rest is named by both plans, and by the third."""
    for offer, stock in zip(offers, (5, 8), strict=True):
        SupplierProduct.objects.filter(pk=offer.pk).update(stock_on_offer=stock)
    site = factories.site()
    PlanningPolicy.objects.create(site=site, most_suppliers_a_line=1)
    said = []
    for _ in range(3):
        run = plan_run(site=site, by=None)
        (need,) = run.requirements.all()
        said.append((need.reason["withheld"]["quantity"], run.exceptions))
        (line,) = PurchaseOrderLine.objects.all()
        assert (line.order.supplier.code, line.quantity) == ("bolt", 8)
    assert said == [("12", {"limited": 1})] * 3
    acme = next(quote for quote in need.reason["quotes"] if quote["supplier"] == "acme")
    assert acme["why"] == "a line goes to no more than 1 supplier, and a draft at Bolt has it"


@pytest.mark.parametrize("how", ["supplier", "product", "inactive"])
def test_a_draft_at_a_supplier_that_nothing_is_bought_of_any_more_keeps_no_other_out(offers, how):
    """Bolt, on whose draft 8 of 20 wait, is blocked: Acme is asked for the 5 that it has."""
    for offer, stock in zip(offers, (5, 8), strict=True):
        SupplierProduct.objects.filter(pk=offer.pk).update(stock_on_offer=stock)
    site = factories.site()
    PlanningPolicy.objects.create(site=site, most_suppliers_a_line=1)
    plan_run(site=site, by=None)
    assert PurchaseOrderLine.objects.get().order.supplier.code == "bolt"
    if how == "inactive":
        Supplier.objects.filter(code="bolt").update(active=False)
    else:
        decide(offers[1], "blocked", whole=how == "supplier")
    plan_run(site=site, by=None)
    assert PurchaseOrderLine.objects.get(order__supplier__code="acme").quantity == 5


def test_what_is_missing_once_a_draft_is_sent_is_a_new_need(offers):
    for offer, stock in zip(offers, (5, 8), strict=True):
        SupplierProduct.objects.filter(pk=offer.pk).update(stock_on_offer=stock)
    site = factories.site()
    PlanningPolicy.objects.create(site=site, most_suppliers_a_line=1)
    plan_run(site=site, by=None)
    PurchaseOrder.objects.update(status=Status.CONFIRMED, transferred_at=timezone.now())
    PurchaseOrderLine.objects.update(confirmed_quantity=8)
    plan_run(site=site, by=None)
    newest = PurchaseOrderLine.objects.get(order__status=Status.DRAFT)
    assert (newest.order.supplier.code, newest.quantity) == ("acme", 5)


def test_no_other_pack_of_what_is_blocked_is_bought(offers):
    crate = {"supplier_sku": "CRATE", "pack_size": 10, "tiers": ((1, "1.90"),)}
    factories.offer(offers[0].supplier, offers[0].product, **crate)
    decide(offers[0], "blocked")
    assert planned().order.supplier.code == "bolt"


def test_blocked_supplier_is_no_way_out_for_a_line(offers):
    order = factories.order(of=offers[0].supplier, lines=0)
    line = factories.line(order, offers[0])
    assert next_best_offer(line).offer == offers[1]
    decide(offers[1], "blocked", whole=True)
    assert next_best_offer(line) is None


def test_decision_about_another_suppliers_product_is_refused(offers):
    wrong = SourcingDecision(
        supplier=offers[0].supplier, supplier_product=offers[1], kind="blocked", reason="x", since=TODAY
    )
    with pytest.raises(ValidationError, match="not a product of Acme"):
        wrong.full_clean()
