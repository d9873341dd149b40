"""What orders of Salesforce become here, and what becomes of changes to them."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from procurement.models import CustomerOrder, DailyDemand, SourceProblem, SourceRun
from procurement.services.syncing import source_sync
from procurement.sources.sandbox.server import SourceSandbox
from suppliers.models import Product
from tests import factories
from tests.procurement.imports import counts, load, write
from tests.sources.accounts import lines, make_products, quantities, source_create
from tests.sources.salesforce_org import EARLIER, item, item_id, order, order_id, products

pytestmark = pytest.mark.django_db


def sync(source) -> dict[str, int]:
    run = source_sync(source=source, by=None)
    assert run.status == SourceRun.Status.DONE, run.error
    return run.counts()


def counted(told: dict[str, int], **expected: int) -> None:
    assert {name: told[name] for name in expected} == expected


def test_orders_come_with_their_lines(source, org):
    order(org, 101, (801, "A", 2), (802, "B", 0.5))
    order(org, 102, (803, "C", 7), EndDate=None, AccountId=None)
    counted(sync(source), fetched=3, added=3, changed=0, unchanged=0, removed=0, failed=0)
    head = ("00000101", order_id(101), "crm", "Corner Shop", True, date(2026, 4, 20), date(2026, 5, 20))
    assert lines() == [
        (*head, 801, "A", 2, 0),
        (*head, 802, "B", Decimal("0.5"), 0),
        ("00000102", order_id(102), "crm", "", True, date(2026, 4, 20), None, 803, "C", 7, 0),
    ]


def test_second_reading_changes_nothing(source, org):
    for n in range(1, 8):
        order(org, n, (n, "A", n))
    sync(source)
    before = lines()
    counted(sync(source), fetched=0, added=0, changed=0, removed=0, failed=0)
    assert lines() == before


def test_what_lies_in_the_overlap_is_read_again_and_unchanged(source, org):
    order(org, 1, (1, "A", 1), stamp=datetime.now(UTC))
    sync(source)
    counted(sync(source), added=0, changed=0, removed=0, failed=0)
    assert quantities() == {1: (1, 0)}


def test_item_that_changes_is_seen_though_its_order_does_not(source, org):
    order(org, 1, (1, "A", 5), (2, "B", 6))
    sync(source)
    item(org, 1, 1, "A", 4, stamp=None)
    counted(sync(source), fetched=2, added=0, changed=1, unchanged=1)
    assert quantities() == {1: (4, 0), 2: (6, 0)}


def test_order_that_changes_is_seen_though_its_items_do_not(source, org):
    order(org, 1, (1, "A", 5))
    sync(source)
    order(org, 1, EndDate="2026-06-30", stamp=None)
    counted(sync(source), fetched=1, changed=1)
    assert CustomerOrder.objects.get().due_date == date(2026, 6, 30)


def test_transaction_that_commits_late_is_found_by_the_overlap(source, org):
    order(org, 1, (1, "A", 5))
    sync(source)
    order(org, 2, (2, "A", 8), stamp=datetime.now(UTC) - timedelta(minutes=14))
    counted(sync(source), added=1)


def test_deleted_order_and_deleted_item_go(source, org):
    order(org, 1, (1, "A", 5), (2, "B", 6))
    order(org, 2, (3, "C", 7))
    sync(source)
    org.delete("OrderItem", item_id(2))
    org.delete("Order", order_id(2))
    counted(sync(source), removed=2)
    assert quantities() == {1: (5, 0)}
    assert CustomerOrder.objects.get().number == "00000001"


@pytest.mark.parametrize(("status", "is_open", "shipped"), [("Activated", True, 0), ("Delivered", False, 5)])
def test_status_says_whether_an_order_waits(source, org, status, is_open, shipped):
    source.settings |= {"statuses": "Draft=draft\nActivated=open\nDelivered=closed"}
    source.save()
    order(org, 1, (1, "A", 5), status="Activated")
    sync(source)
    order(org, 1, Status=status, StatusCode="Activated", stamp=None)
    sync(source)
    assert CustomerOrder.objects.get().open is is_open
    assert quantities() == {1: (5, shipped)}


@pytest.mark.parametrize("status", ["Draft", "Canceled"])
def test_order_that_is_none_any_more_goes(source, org, status):
    order(org, 1, (1, "A", 5))
    sync(source)
    order(org, 1, status=status, stamp=None)
    counted(sync(source), removed=1)
    assert not CustomerOrder.objects.exists()


def test_unknown_status_is_listed_and_the_last_good_state_is_kept(source, org):
    order(org, 1, (1, "A", 5))
    order(org, 2, (2, "B", 6))
    sync(source)
    order(org, 1, (1, "A", 9), status="Teleported", stamp=None)
    item(org, 2, 2, "B", 7, stamp=None)
    counted(sync(source), changed=1, failed=1)
    assert quantities() == {1: (5, 0), 2: (7, 0)}
    assert 'Order 00000001: its head: Status is "Teleported"' in SourceProblem.objects.get().words
    source.settings |= {"statuses": "Activated=open\nTeleported=open"}
    source.save()
    sync(source)
    assert quantities() == {1: (9, 0), 2: (7, 0)}
    assert not SourceProblem.objects.exists()


def test_item_that_is_not_known_here_is_asked_for_again_until_it_is(source, org):
    products(org, "NEW")
    order(org, 1, (1, "A", 5), (2, "NEW", 6))
    counted(sync(source), added=1, failed=1)
    assert SourceProblem.objects.get().words.startswith(
        "Order 00000001, line 2: sku 'NEW' is not in the catalogue"
    )
    counted(sync(source), added=0, failed=1)
    make_products("NEW")
    counted(sync(source), added=1, failed=0)
    assert quantities() == {1: (5, 0), 2: (6, 0)}
    assert not SourceProblem.objects.exists()


def test_line_that_cannot_be_taken_over_any_more_stays_as_it_was(source, org):
    order(org, 1, (1, "A", 5), (2, "B", 6))
    sync(source)
    Product.objects.filter(sku="B").update(sku="B2")
    item(org, 1, 1, "A", 4, stamp=None)
    counted(sync(source), changed=1, removed=0, failed=1)
    assert quantities() == {1: (4, 0), 2: (6, 0)}


def test_reduction_orders_take_off_what_they_name(source, org):
    order(org, 1, (1, "A", 10), (2, "B", 6))
    sync(source)
    order(org, 9, stamp=None)
    item(org, 9, 90, "A", -3, stamp=None, OriginalOrderItemId=item_id(1))
    counted(sync(source), changed=1)
    assert quantities() == {1: (7, 0), 2: (6, 0)}
    org.delete("Order", order_id(9))
    sync(source)
    assert quantities() == {1: (10, 0), 2: (6, 0)}


def test_reduction_order_that_is_a_draft_takes_nothing_off(source, org):
    order(org, 1, (1, "A", 10))
    order(org, 9, status="Draft")
    item(org, 9, 90, "A", -3, OriginalOrderItemId=item_id(1))
    sync(source)
    assert quantities() == {1: (10, 0)}
    order(org, 9, status="Activated", stamp=None)
    sync(source)
    assert quantities() == {1: (7, 0)}


def test_negative_quantity_that_reduces_nothing_is_listed(source, org):
    order(org, 1, (1, "A", -3))
    counted(sync(source), added=0, failed=1)
    assert "item 0000000001: Quantity is -3, expected 0 or more" in SourceProblem.objects.get().words


def test_number_that_another_system_keeps_is_listed_and_not_overwritten(source, org, sandbox):
    other = source_create(sandbox, code="other", name="Other CRM")
    order(org, 1, (1, "A", 5))
    sync(source)
    counted(sync(other), added=0, failed=1)
    assert "is an order of Acme CRM" in SourceProblem.objects.get(account=other).words


def test_order_of_another_site_is_listed(source, org):
    CustomerOrder.objects.create(
        number="00000001",
        site=factories.site(code="far", name="Far"),
        ordered_on=date(2026, 1, 1),
        source="file",
    )
    order(org, 1, (1, "A", 5))
    counted(sync(source), added=0, failed=1)


def test_order_known_from_a_file_is_taken_over(source, org):
    known = CustomerOrder.objects.create(
        number="00000001", site=source.site, ordered_on=date(2026, 1, 1), source="file.csv"
    )
    known.lines.create(line_number=77, product=Product.objects.get(sku="B"), quantity=1)
    order(org, 1, (1, "A", 5))
    counted(sync(source), added=1, removed=1)
    known.refresh_from_db()
    assert (known.kept_by, known.source) == (source, "Acme CRM")


def test_file_does_not_change_an_order_that_a_source_keeps(source, org, tmp_path):
    order(org, 1, (1, "A", 5))
    sync(source)
    result = load(write(tmp_path, "number,order_line,sku,quantity\n00000001,1,A,9\n"), "customer_orders")
    assert counts(result) == (0, 0, 0, 1)
    assert result.errors[0].reason == "is an order of Acme CRM; only that system changes it"
    assert quantities() == {1: (5, 0)}


def test_order_keeps_its_identity_under_another_number(source, org):
    order(org, 1, (1, "A", 5))
    sync(source)
    key = CustomerOrder.objects.get().pk
    order(org, 1, OrderNumber="S-0001", stamp=None)
    counted(sync(source), added=0)
    assert CustomerOrder.objects.get(pk=key).number == "S-0001"


def test_fields_may_be_an_organisations_own(source, org):
    source.settings |= {
        "sku_field": "Product2.StockKeepingUnit",
        "shipped_field": "Shipped__c",
        "due_date_field": "",
    }
    source.save()
    order(org, 1, (1, "A", 5))
    org.put("Product2", {"Id": "01t00000000000000A", "StockKeepingUnit": "B"})
    item(org, 1, 1, "A", 5, Shipped__c=2)
    sync(source)
    assert [(line[6], line[8], line[10]) for line in lines()] == [(None, "B", 2)]


def demand() -> dict[tuple[str, date], Decimal]:
    found = DailyDemand.objects.values_list("product__sku", "date", "quantity")
    return {(sku, day): quantity for sku, day, quantity in found}


def test_orders_are_the_demand_of_their_day_where_that_is_wanted(source, org):
    source.gives_demand = True
    source.save()
    order(org, 1, (1, "A", 5))
    order(org, 2, (2, "A", 3), (3, "B", 1))
    order(org, 3, (4, "A", 9), status="Draft")
    sync(source)
    day = date(2026, 4, 20)
    assert demand() == {("A", day): 8, ("B", day): 1}
    order(org, 1, EffectiveDate="2026-04-21", stamp=None)
    org.delete("OrderItem", item_id(3))
    sync(source)
    assert demand() == {("A", day): 3, ("A", date(2026, 4, 21)): 5}


def test_sources_of_one_site_add_up_to_its_demand_whoever_is_read_last(source, org):
    day = date(2026, 4, 20)
    source.gives_demand = True
    source.save()
    order(org, 1, (1, "A", 5))
    with SourceSandbox("salesforce") as second:
        products(second.system.organisation, "A")
        other = source_create(second, code="other", name="Other CRM", gives_demand=True)
        order(second.system.organisation, 2, (2, "A", 3))
        sync(source)
        sync(other)
        assert demand() == {("A", day): 8}
        order(org, 1, (1, "A", 6), stamp=None)
        sync(source)
        assert demand() == {("A", day): 9}
        second.system.organisation.delete("Order", order_id(2))
        sync(other)
        assert demand() == {("A", day): 6}


def test_demand_of_a_file_is_replaced_where_orders_speak_for_the_day_and_left_elsewhere(source, org):
    source.gives_demand = True
    source.save()
    day = date(2026, 4, 20)
    for sku in "AB":
        DailyDemand.objects.create(
            site=source.site, product=Product.objects.get(sku=sku), date=day, quantity=70, source="sales.csv"
        )
    order(org, 1, (1, "A", 5))
    sync(source)
    assert demand() == {("A", day): 5, ("B", day): 70}


def test_demand_that_no_row_can_hold_spoils_nothing_else(source, org):
    source.gives_demand = True
    source.save()
    order(org, 1, (1, "A", 9_999_999_999), (2, "A", 9_999_999_999), (3, "B", 1))
    counted(sync(source), added=3)
    assert demand() == {("B", date(2026, 4, 20)): 1}


def test_orders_are_no_demand_unless_that_is_wanted(source, org):
    order(org, 1, (1, "A", 5))
    sync(source)
    assert demand() == {}
    assert source.last_success_at is None  # the row in hand is as it was; the database knows more
    source.refresh_from_db()
    assert source.last_success_at > EARLIER
