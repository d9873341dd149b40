"""The strict content policy holds on every page: no style, script or handler inside the markup."""

import re

import pytest
from django.test import Client

from orders.models import Status, TransferJob
from tests import factories
from tests.pages.reading import html


@pytest.mark.django_db
def test_no_page_holds_what_the_policy_refuses(administrator: Client, approver: Client) -> None:
    draft, sent = factories.order(), factories.order(status=Status.CONFIRMED)
    factories.exception(sent)
    unknown = factories.order()
    factories.transfer(unknown, TransferJob.Status.UNKNOWN)
    factories.call(unknown)
    message = factories.inbound()
    paths = ["/", "/orders/", "/plan/", "/stock/", "/suppliers/", "/inbox/", f"/inbox/{message.pk}/"]
    paths += [f"/orders/{order.number}/" for order in (draft, sent, unknown)]
    paths += [
        f"/orders/{draft.number}/lines/1/",
        f"/suppliers/{draft.supplier.code}/",
        "/nothing/",
        "/login/",
    ]
    for client in (administrator, approver):
        for path in paths:
            answer = client.get(path)
            source = html(answer)
            assert "style=" not in source, path
            assert "<style" not in source, path
            assert not re.search(r"\son[a-z]+=", source), path
            assert not re.search(r"<script(?![^>]*\ssrc=)", source), path
            policy = answer.headers["Content-Security-Policy"]
            assert "default-src 'none'" in policy, path
            assert "unsafe" not in policy, path
