"""A page that is being taken over while somebody says that one of its codes means something else."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date
from decimal import Decimal
from threading import Event

import pytest
from django.db import connection, transaction

from procurement.models import CustomerOrderLine, SourceProblem
from procurement.services.codes.mapping import Meaning, code_change
from procurement.services.source_entries import entries_write
from procurement.sources.base import CustomerOrderRecord
from suppliers.models import Product
from tests import factories
from tests.sources.codes import mapped

pytestmark = pytest.mark.django_db(transaction=True)
LONG_ENOUGH = 0.5  # for the other one to come as far as it can; nothing depends on it where all is well


def test_nothing_is_written_behind_the_back_of_a_change(source):
    mapping = mapped(source, "X", "A")
    person, other = factories.user(), Meaning(product=Product.objects.get(sku="B"))
    record = CustomerOrderRecord(
        line=0,
        number="1",
        external_id="801",
        order_line=1,
        sku="X",
        quantity=Decimal(1),
        ordered_on=date(2026, 5, 1),
    )
    written = Event()

    def page() -> None:
        with transaction.atomic():
            entries_write(source=source, entries=[record])
            written.set()
            Event().wait(LONG_ENOUGH)
        connection.close()

    def change() -> list[str]:
        written.wait()
        told = code_change(mapping=mapping, meaning=other, by=person)
        connection.close()
        return told

    with ThreadPoolExecutor(2) as pool:
        taking, changing = pool.submit(page), pool.submit(change)
        taking.result()
        assert changing.result() == ["1 line of customer orders"]
    assert not CustomerOrderLine.objects.exists()
    assert SourceProblem.objects.get().external_id == "801"  # and is read again
