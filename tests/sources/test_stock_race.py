"""Several write the stock of one item at the same time: what counts, and that no receipt is lost."""

import threading
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connection, transaction
from django.utils import timezone

from orders.models import Site, Status
from procurement.models import SourceAccount, StockChange, StockLevel, StockStatement
from procurement.services.receiving import goods_receive
from procurement.services.source_entries import entries_write
from procurement.sources.base import StockRecord
from suppliers.models import Product
from tests import factories
from tests.sources.accounts import make_products

pytestmark = [pytest.mark.postgresql, pytest.mark.django_db(transaction=True)]
LONG_ENOUGH = 1.0  # seconds; only a failure needs them all


def source(code: str, site: Site) -> SourceAccount:
    return SourceAccount.objects.create(code=code, name=code, kind="sap", site=site)


def read(by: SourceAccount, figure: int) -> None:
    record = StockRecord(line=0, sku="A", on_hand=Decimal(figure))
    entries_write(source=by, entries=[record], as_of=timezone.now() - timedelta(minutes=1))


def meanwhile(first: Callable[[], None], second: Callable[[], None]) -> None:
    """`second` begins when `first` has written and not yet committed."""

    def other() -> None:
        try:
            with transaction.atomic():
                second()
        finally:
            connection.close()

    thread = threading.Thread(target=other)
    with transaction.atomic():
        first()
        thread.start()
        thread.join(LONG_ENOUGH)
    thread.join()


def test_two_sources_that_tell_an_item_for_the_first_time_at_once():
    make_products("A")
    site = factories.site()
    wms, erp = source("wms", site), source("erp", site)
    meanwhile(lambda: read(wms, 5), lambda: read(erp, 8))
    level = StockLevel.objects.get()
    assert (level.on_hand, level.teller) == (5, wms)
    assert set(StockStatement.objects.values_list("teller__code", "on_hand")) == {("wms", 5), ("erp", 8)}
    assert list(StockChange.objects.order_by("pk").values_list("source", "counts")) == [
        ("wms", True),
        ("erp", False),
    ]


def test_goods_that_come_in_while_a_source_is_written_are_on_top_of_its_figure():
    make_products("A")
    site = factories.site()
    wms = source("wms", site)
    meanwhile(lambda: read(wms, 5), lambda: None)
    order = factories.order(lines=0, site=site, status=Status.CONFIRMED)
    offer = factories.offer(order.supplier, Product.objects.get(sku="A"))
    line = factories.line(order, offer, confirmed_quantity=Decimal(12))
    by = factories.user()

    def receive() -> None:
        goods_receive(order=order, by=by, quantities={line.pk: Decimal(10)}, form_token="t")

    meanwhile(lambda: read(wms, 7), receive)
    assert StockLevel.objects.get().on_hand == 17
    meanwhile(lambda: read(wms, 20), lambda: None)  # said of a moment before the goods came
    assert StockLevel.objects.get().on_hand == 17
