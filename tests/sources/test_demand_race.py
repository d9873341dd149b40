"""Two systems of one site that are read at the same time."""

import threading
from datetime import date
from decimal import Decimal

import pytest
from django.db import connection, transaction

from procurement.models import DailyDemand, SourceAccount
from procurement.services.source_entries import entries_write
from procurement.sources.base import CustomerOrderRecord
from tests import factories
from tests.sources.accounts import make_products

DAY = date(2026, 4, 20)
LONG_ENOUGH = 1.0  # seconds; only a failure needs them all


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_both_count_when_one_is_written_before_the_other_is_committed():
    make_products("A")
    site = factories.site()
    first, second = (
        SourceAccount.objects.create(code=code, name=code, kind="salesforce", site=site, gives_demand=True)
        for code in ("first", "second")
    )

    def write(source: SourceAccount, quantity: Decimal) -> None:
        record = CustomerOrderRecord(
            line=0,
            number=source.code,
            external_id=source.code,
            order_line=1,
            sku="A",
            quantity=quantity,
            ordered_on=DAY,
        )
        entries_write(source=source, entries=[record])

    def meanwhile() -> None:
        try:
            with transaction.atomic():
                write(second, Decimal(3))
        finally:
            connection.close()

    other = threading.Thread(target=meanwhile)
    with transaction.atomic():
        write(first, Decimal(5))
        other.start()
        other.join(LONG_ENOUGH)
    other.join()
    assert DailyDemand.objects.get().quantity == 8
