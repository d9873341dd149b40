"""What a supplier is told about where goods go, who is there, and who pays."""

import json

import pytest

from orders.services.documents import order_message
from orders.services.dry_run import order_dry_run
from tests import factories

pytestmark = pytest.mark.django_db
DEPOT = {
    "code": "depot",
    "name": "Depot",
    "address_line1": "Unit 5",
    "city": "Melbourne",
    "region": "Victoria",
    "postcode": "3000",
    "country": "AU",
    "contact": "Jane Doe",
    "email": "jane@example.com",
    "phone": "+61 444",
}
OFFICE = {
    "code": "office",
    "name": "Head office",
    "address_line1": "43 High Street",
    "city": "Sydney",
    "contact": "John Citizen",
    "email": "bills@example.com",
}


def test_order_names_the_person_at_the_site_and_the_site_that_pays():
    office = factories.site(**OFFICE)
    order = factories.order(site=factories.site(**DEPOT, billed_to=office))
    message = order_message(order)
    there = message.deliver_to
    assert (there.region, there.contact, there.email, there.phone) == (
        "Victoria",
        "Jane Doe",
        "jane@example.com",
        "+61 444",
    )
    assert (message.buyer.name, message.buyer.contact) == ("Head office", "John Citizen")
    assert order_message(factories.order(site=office)).buyer is None


@pytest.fixture
def supplier():
    made = factories.supplier(protocol="squizz")
    made.account.settings |= {"supplier_org_id": "s-1", "currency": "GBP"}
    made.account.save()
    return made


def squizz_record(supplier, site):
    (shown,) = order_dry_run(order=factories.order(supplier, site=site))
    (record,) = json.loads(shown.body)["dataRecords"]
    return record


def test_delivery_and_billing_reach_the_document_that_is_sent(supplier):
    record = squizz_record(supplier, factories.site(**DEPOT, billed_to=factories.site(**OFFICE)))
    assert record["isDropship"] == "N"
    told = {
        name: record.get(name)
        for name in (
            "deliveryContact",
            "deliveryEmail",
            "deliveryRegionName",
            "deliveryAddress3",
            "billingOrgName",
            "billingContact",
            "billingEmail",
            "billingAddress3",
        )
    }
    assert told == {
        "deliveryContact": "Jane Doe",
        "deliveryEmail": "jane@example.com",
        "deliveryRegionName": "Victoria",
        "deliveryAddress3": "Melbourne",
        "billingOrgName": "Head office",
        "billingContact": "John Citizen",
        "billingEmail": "bills@example.com",
        "billingAddress3": "Sydney",
    }


def test_order_for_a_customers_own_place_is_a_drop_shipment(supplier):
    home = factories.site(code="customer", name="J. Smith", of_customer=True)
    assert squizz_record(supplier, home)["isDropship"] == "Y"
