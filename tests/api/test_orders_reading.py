"""Finding and reading orders over the API."""

from collections.abc import Callable

import pytest
from rest_framework.test import APIClient

from orders.models import Status
from tests.orders.factories import make_order

pytestmark = pytest.mark.django_db


@pytest.fixture
def buyer(as_role: Callable[[str], APIClient]) -> APIClient:
    return as_role("Buyer")


def test_order_list_shows_values_as_text_a_page_at_a_time(buyer: APIClient) -> None:
    for _ in range(3):
        make_order()
    body = buyer.get("/api/orders/").json()
    assert body["count"] == 3
    order = body["results"][0]
    assert order["value"] == "40.0000"
    assert (order["status"], order["line_count"]) == ("draft", 2)


def test_order_list_asks_the_database_equally_often_for_few_and_many(
    buyer: APIClient, django_assert_max_num_queries: object
) -> None:
    for _ in range(12):
        make_order()
    with django_assert_max_num_queries(8):
        assert len(buyer.get("/api/orders/").json()["results"]) == 12


def test_order_list_is_filtered_and_searched(buyer: APIClient) -> None:
    one, two = make_order(), make_order()
    type(two).objects.filter(pk=two.pk).update(status=Status.CANCELLED)

    def numbers(query: str) -> list[str]:
        return [row["number"] for row in buyer.get(f"/api/orders/?{query}").json()["results"]]

    assert numbers("") == [one.number]
    assert numbers("status=cancelled") == [two.number]
    assert numbers(f"q={two.number}") == [two.number]
    assert numbers(f"supplier={one.supplier.code}") == [one.number]


@pytest.mark.parametrize(
    ("query", "status", "said"),
    [
        ("status=lost", 400, "status"),
        ("supplier=nobody", 400, "supplier"),
        ("sort=colour", 400, "sort"),
        ("q=%00", 400, "Null characters"),
        ("page=999", 404, "page"),
        ("page=x", 404, "page"),
    ],
)
def test_order_list_says_which_parameter_is_wrong(
    query: str, status: int, said: str, buyer: APIClient
) -> None:
    answer = buyer.get(f"/api/orders/?{query}")
    assert answer.status_code == status
    assert said in answer.json()["message"]


def test_order_has_its_lines_and_timeline(buyer: APIClient) -> None:
    order = make_order()
    body = buyer.get(f"/api/orders/{order.number}/").json()
    assert [line["quantity"] for line in body["lines"]] == ["10.0000", "10.0000"]
    assert body["events"][0]["kind"] == "drafted"
    assert (body["decision"], body["transfer"]) == (None, None)


@pytest.mark.parametrize("number", ["PO-1", "%00", "a%2Fb", "'--", "x" * 300])
def test_order_is_not_found(number: str, buyer: APIClient) -> None:
    assert buyer.get(f"/api/orders/{number}/").status_code == 404


def test_suppliers_are_listed_without_account_or_credentials(buyer: APIClient) -> None:
    order = make_order()
    (supplier,) = buyer.get("/api/suppliers/").json()["results"]
    assert supplier["code"] == order.supplier.code
    assert not {"account", "credentials", "settings"} & supplier.keys()


@pytest.mark.parametrize("path", ["orders/", "orders/PO-1/", "suppliers/", "plan-runs/", "schema/", "docs/"])
def test_api_is_closed_to_strangers(path: str, db: None) -> None:
    answer = APIClient().get(f"/api/{path}")
    assert answer.status_code in (302, 401, 403)
    assert "results" not in answer.content.decode()


def test_api_description_is_valid(buyer: APIClient) -> None:
    answer = buyer.get("/api/schema/?format=json")
    assert answer.status_code == 200
    assert "/api/orders/{number}/approve/" in answer.json()["paths"]
