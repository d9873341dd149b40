"""What was sent and received, shown to administrators as it was."""

import pytest
from django.test import Client

from orders.models import InboundMessage, Status
from suppliers.models import ConnectorCall
from tests import factories
from tests.flow.background import work_off
from tests.flow.scenes import approved
from tests.pages.reading import html, text

RAW = b'{"price": 20.00, "note": "<script>alert(1)</script>"}'


@pytest.mark.django_db
def test_each_message_is_listed_with_attempt_time_id_direction_and_size(
    buyer: Client, administrator: Client
) -> None:
    order = factories.order(status=Status.TRANSFERRED)
    factories.call(order, attempt=3, message_id="<mail-1@us>", request_body=b"x" * 2048, status=502)
    order.inbound.add(factories.inbound(order.supplier, message_id="msg-from-them"))
    page = text(administrator.get(f"/orders/{order.number}/"))
    for words in ("→ sent , submit", " 3 ", "<mail-1@us>", "2.0 KB", "← received", "502", "msg-from-them"):
        assert words in page, words
    assert "msg-from-them" not in text(buyer.get(f"/orders/{order.number}/"))


@pytest.mark.django_db
def test_a_message_is_laid_out_and_stands_below_as_it_was(administrator: Client) -> None:
    order = factories.order(status=Status.TRANSFERRED)
    call = factories.call(order, response_body=RAW, attempt=1)
    answer = administrator.get(f"/suppliers/{order.supplier.code}/calls/{call.pk}/")
    page = text(answer)
    assert '"price": 20.00, "note"' in page  # digits as they were
    assert '{"price": 20.00, "note": "<script>alert(1)</script>"}' in page
    assert "<script>alert" not in html(answer)


@pytest.mark.django_db
@pytest.mark.parametrize(("direction", "body"), [("sent", b"\x00\xff\r\nout"), ("received", RAW)])
def test_the_bytes_are_saved_and_never_shown_as_a_page(
    buyer: Client, administrator: Client, direction: str, body: bytes
) -> None:
    order = factories.order(status=Status.TRANSFERRED)
    call = factories.call(order, request_body=b"\x00\xff\r\nout", response_body=RAW)
    address = f"/suppliers/{order.supplier.code}/calls/{call.pk}/{direction}/"
    answer = administrator.get(address)
    assert answer.content == body
    assert answer["Content-Type"] == "application/octet-stream"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Content-Disposition"].startswith("attachment;")
    assert buyer.get(address).status_code == 403
    other = factories.supplier()
    assert administrator.get(address.replace(order.supplier.code, other.code)).status_code == 404


@pytest.mark.django_db
def test_an_inbound_message_is_saved_byte_for_byte(buyer: Client) -> None:
    message = factories.inbound(body=b"<a>\xff</a>")
    answer = buyer.get(f"/inbox/{message.pk}/file/")
    assert answer.content == b"<a>\xff</a>"
    assert answer["Content-Disposition"].endswith('.xml"')


@pytest.mark.django_db
def test_what_is_no_text_or_cut_says_so(administrator: Client) -> None:
    order = factories.order(status=Status.TRANSFERRED)
    call = factories.call(order, request_body=b"\x00\x01", response_body=b"y" * 300_000)
    ConnectorCall.objects.filter(pk=call.pk).update(request_size=5000)
    page = text(administrator.get(f"/suppliers/{order.supplier.code}/calls/{call.pk}/"))
    assert "It is no text" in page
    assert "4.9 KB, of which 2 bytes are kept" in page
    assert "293.0 KB, of which" in page
    assert "shown" in page


def test_a_real_transfer_shows_the_whole_conversation(administrator: Client, sandbox_supplier) -> None:
    job = approved(sandbox_supplier)
    work_off()
    order = job.order
    answer = administrator.get(f"/orders/{order.number}/")
    wire = answer.context["wire"]
    assert [(m.sent, m.what, m.attempt) for m in wire] == [
        (True, "token", 1),
        (False, "answer to token", 1),
        (True, "submit", 1),
        (False, "reply", None),
    ]
    assert wire[-1].message_id == f"reply:{order.buyer_reference}"
    sent = administrator.get(wire[2].file).content
    assert sent == bytes(ConnectorCall.objects.get(operation="submit").request_body)
    assert administrator.get(wire[3].file).content == bytes(InboundMessage.objects.get().body)
    for message in wire:
        assert administrator.get(message.page).status_code == 200
