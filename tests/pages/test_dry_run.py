"""A dry run shows what would be sent, to administrators, and sends nothing."""

import json

import pytest
from django.test import Client

from orders.models import Status
from suppliers.models import ConnectorCall, Supplier
from suppliers.sandbox.server import SandboxServer
from tests import factories
from tests.fixtures.sandbox import CLIENT_SECRET
from tests.flow.background import work_off
from tests.flow.scenes import approved, draft, effects
from tests.pages.reading import html, text


def test_it_shows_exactly_what_a_transfer_then_sends(
    administrator: Client, sandbox: SandboxServer, sandbox_supplier: Supplier
) -> None:
    job = approved(sandbox_supplier)
    order = job.order
    page = administrator.get(f"/orders/{order.number}/dry-run/")
    assert "Nothing was sent" in text(page)
    assert '"customer_order_id": "' + order.buyer_reference in text(page)
    assert "POST http://" in text(page)
    saved = administrator.get(f"/orders/{order.number}/dry-run/?file=1")
    assert saved["Content-Disposition"].endswith('.json"')
    assert effects(sandbox, order) == 0
    assert not ConnectorCall.objects.exists()
    work_off()
    assert bytes(ConnectorCall.objects.get(operation="submit").request_body) == saved.content
    after = administrator.get(f"/orders/{order.number}/dry-run/")
    assert after.status_code == 409
    assert "has been sent" in text(after)


def test_it_is_one_click_from_a_draft_for_administrators_alone(
    buyer: Client, administrator: Client, sandbox_supplier: Supplier
) -> None:
    order = draft(sandbox_supplier)
    address = f"/orders/{order.number}/dry-run/"
    assert address in html(administrator.get(f"/orders/{order.number}/"))
    assert address not in html(buyer.get(f"/orders/{order.number}/"))
    assert buyer.get(address).status_code == 403
    assert administrator.post(address).status_code == 405
    for number in ("0", "2", "-1", "x", "9" * 30):
        assert administrator.get(f"{address}?file={number}").status_code == 404


def test_a_secret_in_the_message_is_replaced(administrator: Client, sandbox_supplier: Supplier) -> None:
    account = sandbox_supplier.account
    account.settings["shipping_method_id"] = CLIENT_SECRET
    account.save()
    order = draft(sandbox_supplier)
    saved = administrator.get(f"/orders/{order.number}/dry-run/?file=1").content
    assert json.loads(saved)["shipments"] == [{"supplier_shipping_method_id": "•••"}]


@pytest.mark.django_db
def test_what_could_not_be_sent_is_told_in_words(administrator: Client) -> None:
    order = factories.order()
    order.supplier.account.delete()
    page = administrator.get(f"/orders/{order.number}/dry-run/")
    assert page.status_code == 409
    assert "has no account set up" in text(page)
    assert administrator.get(f"/orders/{order.number}/dry-run/?file=1").status_code == 404
    sent = factories.order(status=Status.CONFIRMED)
    assert "dry-run" not in html(administrator.get(f"/orders/{sent.number}/"))
