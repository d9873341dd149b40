"""The answer page as such: who gets in, what it says when it is too late, and what it makes of nonsense."""

import re
from datetime import timedelta

import pytest
import time_machine
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from orders.models import InboundMessage, OrderException
from orders.services.answer_links import answer_link
from tests import factories
from tests.pages.test_bad_input_everywhere import NONSENSE

pytestmark = pytest.mark.django_db
FORM = "0123456789abcdef" * 2


@pytest.fixture(autouse=True)
def nobody_counted_yet():
    cache.clear()


@pytest.fixture
def order():
    return factories.order(factories.supplier(protocol="email"), lines=2, status="transferred")


@pytest.fixture
def link(order):
    return path_of(order)


def path_of(order):
    return answer_link(order).removeprefix("http://127.0.0.1:8000")


def post(link, **fields):
    data = {"form": FORM} | {name.replace("__", "-"): value for name, value in fields.items()}
    return Client(enforce_csrf_checks=True).post(link, data)


def line(number=1, **changes):
    """A line's fields as the page has them."""
    asked = {
        "answer": "yes",
        "quantity": "12",
        "price": "2.5",
        "date": "",
        "code": "",
        "article": "",
        "note": "",
    }
    return {f"{name}-{number}": value for name, value in (asked | changes).items()}


def test_nobody_is_asked_to_sign_in_and_nothing_is_left_behind(link):
    answer = Client().get(link)
    assert answer.status_code == 200
    assert not answer.cookies
    assert answer["Cache-Control"] == "no-store"
    assert "noindex" in answer["X-Robots-Tag"]
    assert answer["Referrer-Policy"] == "no-referrer"
    assert b"<script" not in answer.content


@pytest.mark.parametrize(
    "spoil", [lambda t: t[:-1], lambda t: t + "x", lambda t: "PO-1.20990101.x", lambda t: "x"]
)
def test_link_that_we_never_made_names_nothing(link, order, spoil):
    token = link.split("/")[2]
    answer = Client().get(f"/answer/{spoil(token)}/")
    assert answer.status_code == 404
    assert b"not complete" in answer.content
    assert order.number.encode() not in answer.content


def test_signature_of_one_order_opens_no_other(link, order):
    other = factories.order(factories.supplier(protocol="email"), status="transferred")
    swapped = link.replace(order.buyer_reference, other.buyer_reference)
    assert Client().get(swapped).status_code == 404


def test_expired_link_says_so_kindly_and_takes_nothing(link):
    with time_machine.travel(timezone.now() + timedelta(days=62), tick=False):
        shown, posted = Client().get(link), post(link, action="accept")
    assert (shown.status_code, posted.status_code) == (410, 410)
    assert b"has expired" in shown.content
    assert not InboundMessage.objects.exists()


def test_replaced_order_leads_to_the_new_one_only_where_it_is_the_same_suppliers(link, order):
    order.status = "cancelled"
    order.save()
    newer = factories.order(factories.supplier(protocol="email"), replaces=order, status="transferred")
    assert newer.number.encode() not in Client().get(link).content
    newer.supplier = order.supplier
    newer.save()
    answer = Client().get(link)
    assert answer.status_code == 410
    assert newer.number.encode() in answer.content


@pytest.mark.parametrize(("status", "says"), [("cancelled", b"withdrawn"), ("draft", b"not open to answers")])
def test_order_that_is_not_with_the_supplier_takes_no_answer(link, order, status, says):
    type(order).objects.filter(pk=order.pk).update(status=status)
    assert says in Client().get(link).content
    assert post(link, action="accept").status_code == 410


def test_supplier_who_answers_in_another_way_has_no_page(link, order):
    order.supplier.account.protocol = "cerve"
    order.supplier.account.save()
    assert Client().get(link).status_code == 410
    assert answer_link(order) == ""


@pytest.mark.parametrize(
    ("field", "typed", "says"),
    [
        ("quantity", "1,5", "is not a number"),
        ("quantity", "", "Write a number"),
        ("quantity", "-3", "is not a number"),
        ("quantity", "0", "Choose “not available”"),
        ("quantity", "1.5", "whole number"),
        ("quantity", "9" * 15, "is not a number"),
        ("price", "NaN", "is not a number"),
        ("price", "1e5", "is not a number"),
        ("date", "1900-01-01", "from today on"),
        ("date", "31.12.2030", "year-month-day"),
        ("date", "2030-02-31", "year-month-day"),
        ("article", "Something else", "code of that article"),
        ("note", "x" * 301, "too long"),
        ("answer", "perhaps", "Choose one of the three"),
    ],
)
def test_mistake_is_explained_at_its_field_and_what_was_typed_stays(link, field, typed, says):
    answer = post(link, action="answer", note="Kept, too", **line(1, **{field: typed}), **line(2))
    page = answer.content.decode()
    assert answer.status_code == 422
    assert says in page
    assert "Kept, too" in page
    for complaint in re.findall(r'aria-invalid="true"(?: aria-describedby="([^"]+)")?', page):
        assert f'id="{complaint}"' in page, "read out with its field"
    if field not in ("answer", "note"):
        assert f'value="{typed}"' in page
    assert not InboundMessage.objects.exists()


@pytest.mark.parametrize(
    "fields", [{}, {"action": "eat"}, {"action": "accept", "form": "x"}, {"action": ["a"]}]
)
def test_form_that_is_not_ours_is_refused_in_words(link, fields):
    answer = post(link, **fields)
    assert answer.status_code == 400
    assert b"not complete" in answer.content


def test_nonsense_in_every_field_crashes_nothing_and_stores_nothing_strange(link, order):
    names = [
        *line(1),
        *line(2),
        "supplier_reference",
        "note",
        "reason",
        "why",
        "despatch",
        "carrier",
        "tracking",
    ]
    for action in ("accept", "answer", "reject", "packed", "shipped"):
        for turn in range(0, len(NONSENSE), 3):
            cache.clear()
            sent = {name: NONSENSE[(at + turn) % len(NONSENSE)] for at, name in enumerate(names)}
            answer = Client().post(link, sent | {"action": action, "form": f"{turn:032x}"})
            assert answer.status_code < 500
    for message in InboundMessage.objects.all():
        assert b"\\u0000" not in bytes(message.body)


@pytest.mark.parametrize("method", ["put", "patch", "delete", "options"])
def test_other_methods_are_answered_in_words(link, method):
    answer = getattr(Client(), method)(link)
    assert (answer.status_code, answer["Allow"]) == (405, "GET, HEAD, POST")


def test_too_many_answers_have_to_wait(link):
    answers = [post(link, action="eat").status_code for _ in range(41)]
    assert answers[:40] == [400] * 40
    assert answers[40] == 429


def test_letter_instead_of_a_form_is_refused_before_it_is_read(link):
    answer = Client().post(link, b"x" * (2 * 1024 * 1024 + 1), content_type="text/plain")
    assert answer.status_code == 413
    assert b"takes no files" in answer.content


def test_page_shows_nothing_internal(order, link):
    order.comment = "They are too dear, find another"
    order.save()
    assert b"too dear" not in Client().get(link).content


def test_returned_mail_is_noted_by_a_person(order, buyer):
    page = buyer.get(f"/orders/{order.number}/").content.decode()
    assert "Mail came back" in page
    answer = buyer.post(f"/orders/{order.number}/came-back/", {"reason": "550 mailbox unknown"})
    assert answer.status_code == 302
    assert OrderException.objects.get(order=order).kind == "undelivered"
    assert "550 mailbox unknown" in order.events.get(kind="came_back").text
    empty = buyer.post(f"/orders/{order.number}/came-back/", {"reason": ""})
    assert empty.status_code == 422


def test_lines_beyond_a_thousand_keep_plain_numbers(order, link):
    order.lines.filter(line_number=2).update(line_number=1234)
    assert re.search(r'name="quantity-1234"', Client().get(link).content.decode())
