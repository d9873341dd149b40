import csv
import io

import pytest
from django.test import Client

from orders.models import Status
from tests import factories
from tests.pages.reading import html, text


@pytest.mark.django_db
def test_closed_orders_are_hidden_until_asked_for(buyer: Client) -> None:
    draft, cancelled = factories.order(), factories.order(status=Status.CANCELLED)
    page = text(buyer.get("/orders/"))
    assert draft.number in page
    assert cancelled.number not in page
    assert cancelled.number in text(buyer.get("/orders/?closed=true"))
    assert cancelled.number in text(buyer.get("/orders/?status=cancelled"))


@pytest.mark.django_db
def test_the_address_restores_search_and_facets(buyer: Client) -> None:
    mine, other = (
        factories.supplier(code="mine", name="Mine Ltd"),
        factories.supplier(code="other", name="Other Ltd"),
    )
    wanted, unwanted = factories.order(mine), factories.order(other)
    answer = buyer.get("/orders/?supplier=mine&q=&status=draft&sort=-value")
    assert wanted.number in text(answer)
    assert unwanted.number not in text(answer)
    assert '<option value="mine" selected>' in html(answer)
    assert text(buyer.get(f"/orders/?q={unwanted.number}")).count(wanted.number) == 0


@pytest.mark.django_db
def test_senseless_parameters_are_named_and_left_out(buyer: Client) -> None:
    order = factories.order()
    answer = buyer.get("/orders/?status=nonsense&page=minus&sort=%00&supplier=no-such&late=perhaps")
    assert answer.status_code == 200
    assert order.number in text(answer)
    assert "A filter was left out: status" in text(answer)


@pytest.mark.django_db
def test_typing_in_the_search_gets_the_list_alone(buyer: Client) -> None:
    order = factories.order()
    answer = buyer.get("/orders/", {"q": order.number}, headers={"HX-Request": "true"})
    assert html(answer).lstrip().startswith('<section id="found"')
    assert "<html" not in html(answer)


@pytest.mark.django_db
def test_the_export_holds_what_is_on_screen_and_no_formula(buyer: Client) -> None:
    factories.order(factories.supplier(name="=HYPERLINK(1)"), lines=2)
    factories.order(status=Status.CANCELLED)
    answer = buyer.get("/orders/export.csv")
    rows = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert [row["value"] for row in rows] == ["60"] or [row["value"] for row in rows] == ["60.00"]
    assert rows[0]["supplier"] == "'=HYPERLINK(1)"
    assert "attachment" in answer["Content-Disposition"]


@pytest.mark.django_db
def test_the_number_of_queries_does_not_grow_with_the_list(
    buyer: Client, django_assert_max_num_queries
) -> None:
    supplier = factories.supplier()
    for _ in range(12):
        factories.order(supplier, lines=2)
    with django_assert_max_num_queries(11):
        buyer.get("/orders/")
