import pytest
from django.test import Client
from django_q.models import OrmQ

from orders.models import InboundMessage
from tests import factories
from tests.pages.reading import html, text


@pytest.mark.django_db
def test_an_unreadable_message_is_kept_shown_and_counted(buyer: Client) -> None:
    message = factories.inbound(body=b"<order>\xff & broken</order>", error="It is no JSON.")
    assert 'class="count">1<' in html(buyer.get("/"))
    assert "It is no JSON." in text(buyer.get("/inbox/"))
    page = buyer.get(f"/inbox/{message.pk}/")
    assert "<order>� & broken</order>" in text(page).replace(" ", " ")
    assert "<order>" not in html(page)


@pytest.mark.django_db
def test_the_order_it_most_likely_speaks_of_is_one_click_away(buyer: Client) -> None:
    order = factories.order()
    message = factories.inbound(order.supplier, body=f'{{"ref": "{order.buyer_reference}"}}'.encode())
    assert f'href="/orders/{order.number}/"' in html(buyer.get(f"/inbox/{message.pk}/"))


@pytest.mark.django_db
def test_reading_again_queues_it_once(buyer: Client) -> None:
    message = factories.inbound()
    assert "read again" in text(buyer.post(f"/inbox/{message.pk}/replay/", follow=True))
    assert "being read already" in text(buyer.post(f"/inbox/{message.pk}/replay/", follow=True))
    assert OrmQ.objects.count() == 1


@pytest.mark.django_db
def test_processed_messages_are_there_when_asked_for(buyer: Client) -> None:
    message = factories.inbound(status=InboundMessage.Status.PROCESSED, error="")
    assert "Nothing unreadable" in text(buyer.get("/inbox/"))
    assert message.supplier.name in text(buyer.get("/inbox/?show=all&page=zzz"))
    assert buyer.get("/inbox/999999/").status_code == 404
