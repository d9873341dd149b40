"""What tellers state of stock: whose figure counts, and the history of it."""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from procurement.models import SourceAccount, StockChange, StockChoice, StockLevel, StockStatement
from procurement.services.record_writers.base import Target
from procurement.services.record_writers.stock import StockWriter
from procurement.services.stock_ledger import Stated, Verdict, stock_state
from procurement.sources.base import StockRecord
from procurement.stock_words import disputes
from suppliers.models import Product
from tests import factories

pytestmark = pytest.mark.django_db


def teller(code: str, **values: Any) -> SourceAccount:
    return SourceAccount.objects.create(
        code=code, name=code.upper(), kind="sap", site=factories.site(), **values
    )


def ago(**span: float) -> datetime:
    return timezone.now() - timedelta(**span)


def state(by: SourceAccount | None, at: datetime, **figures: Any) -> list[Verdict]:
    """Figures by the sku of the item."""
    products = {sku: Product.objects.get_or_create(sku=sku, defaults={"name": sku})[0].pk for sku in figures}
    stated = [Stated(products[sku], Decimal(str(figure)), at) for sku, figure in figures.items()]
    with transaction.atomic():
        return stock_state(
            site=factories.site(), teller=by, source=by.name if by else "count.csv", stated=stated
        )


def level(sku: str = "A") -> tuple[Decimal, str | None]:
    found = StockLevel.objects.select_related("teller").get(product__sku=sku)
    return found.on_hand, found.teller.code if found.teller else None


def history(sku: str = "A") -> list[tuple[str, Decimal, bool]]:
    rows = StockChange.objects.filter(product__sku=sku).order_by("pk")
    return list(rows.values_list("source", "on_hand", "counts"))


def test_history_has_a_line_a_figure_and_not_one_a_reading():
    wms = teller("wms")
    for hours, figure in ((5, 7), (4, 7), (3, 6), (2, 6), (1, 7)):
        state(wms, ago(hours=hours), A=figure)
    assert history() == [("WMS", 7, True), ("WMS", 6, True), ("WMS", 7, True)]
    said = StockStatement.objects.get()
    assert said.as_of == StockLevel.objects.get().as_of
    assert timezone.now() - said.as_of < timedelta(hours=1, minutes=1)


def test_same_figure_later_moves_only_the_moment():
    wms = teller("wms")
    state(wms, ago(hours=5), A=7)
    since = StockStatement.objects.get().since
    assert state(wms, ago(hours=1), A=7) == [Verdict(known=True, differs=False)]
    said = StockStatement.objects.get()
    assert (said.since, said.as_of > since) == (since, True)


def test_second_teller_is_kept_and_shown_and_does_not_flip_the_figure():
    wms, erp = teller("wms"), teller("erp")
    state(wms, ago(hours=3), A=7, B=1)
    assert state(erp, ago(hours=2), A=9, B=1) == [Verdict(known=False, differs=True)] * 2
    state(wms, ago(hours=1), A=7, B=1)
    assert level() == (7, "wms")
    assert history() == [("WMS", 7, True), ("ERP", 9, False)]
    a = Product.objects.get(sku="A")
    found = disputes(site=factories.site())
    assert [(product, [said.on_hand for said in words]) for product, words in found.items()] == [
        (a.pk, [7, 9])
    ]


def test_two_accounts_of_one_name_do_not_speak_for_each_other():
    first, second = teller("one"), teller("two")
    SourceAccount.objects.update(name="SAP")
    for account in (first, second):
        account.refresh_from_db()
    state(first, ago(hours=2), A=7)
    state(second, ago(hours=1), B=5)
    assert StockLevel.objects.filter(teller=first).get().product.sku == "A"
    assert StockLevel.objects.filter(teller=second).get().product.sku == "B"


def test_person_decides_whose_figure_counts_from_the_next_reading_on():
    wms, erp = teller("wms"), teller("erp")
    state(wms, ago(hours=3), A=7)
    StockChoice.objects.create(site=factories.site(), teller=erp, at=timezone.now())
    state(erp, ago(hours=2), A=9)
    assert level() == (9, "erp")
    state(wms, ago(hours=1), A=6)
    assert level() == (9, "erp")
    assert disputes(site=factories.site()) == {}


def test_another_teller_takes_over_from_one_that_is_switched_off():
    wms, erp = teller("wms"), teller("erp")
    state(wms, ago(hours=3), A=7)
    state(erp, ago(hours=2), A=9)
    SourceAccount.objects.filter(pk=wms.pk).update(active=False)
    assert disputes(site=factories.site()) == {}
    state(erp, ago(hours=1), A=9)
    assert level() == (9, "erp")
    assert history()[-1] == ("ERP", 9, True)


def test_source_overtakes_an_older_file_and_refuses_one_of_before_its_news():
    wms = teller("wms")
    state(None, ago(hours=5), A=7)
    state(wms, ago(hours=3), A=5)
    assert level() == (5, "wms")
    assert state(None, ago(hours=4), A=8)[0].newer is not None
    assert level() == (5, "wms")
    assert disputes(site=factories.site()) == {}


def test_figure_older_than_the_tellers_own_is_refused_whoever_counts():
    wms, erp = teller("wms"), teller("erp")
    state(wms, ago(hours=3), A=7)
    state(erp, ago(hours=1), A=9)
    assert state(erp, ago(hours=2), A=8)[0].newer is not None
    assert StockStatement.objects.get(teller=erp).on_hand == 9


def test_number_of_queries_does_not_grow_with_the_items():
    wms = teller("wms")
    counted = []
    for number in (3, 60):
        figures = {f"{number}-{n}": n for n in range(number)}
        state(wms, ago(hours=3), **figures)
        state(wms, ago(hours=2), **{sku: figure + figure % 3 for sku, figure in figures.items()})
        with CaptureQueriesContext(connection) as queries:
            stock_state(
                site=factories.site(),
                teller=wms,
                source="WMS",
                stated=[
                    Stated(product, Decimal(n % 2), ago(hours=1))
                    for n, product in enumerate(
                        Product.objects.filter(sku__in=figures).values_list("pk", flat=True)
                    )
                ],
            )
        counted.append(len(queries))
    assert counted[1] <= counted[0] + 1  # one to move what stays the same


def test_file_that_a_source_found_by_itself_is_the_word_of_that_source():
    folder = teller("folder")
    Product.objects.create(sku="A", name="A")
    target = Target(
        site=folder.site,
        supplier=None,
        source="stock.csv",
        as_of=ago(hours=1),
        dry_run=False,
        found_by=folder,
    )
    with transaction.atomic():
        StockWriter(target).write([[StockRecord(line=2, sku="A", on_hand=Decimal(7))]])
    assert level() == (7, "folder")
    assert StockStatement.objects.get().source == "stock.csv"


def test_figure_of_a_moment_that_has_not_come_is_refused():
    Product.objects.create(sku="A", name="A")
    target = Target(
        site=factories.site(), supplier=None, source="stock.csv", as_of=ago(hours=-2), dry_run=False
    )
    with transaction.atomic():
        written = StockWriter(target).write([[StockRecord(line=2, sku="A", on_hand=Decimal(7))]])
    assert ["has not come yet" in error.reason for error in written.errors] == [True]
    assert not StockLevel.objects.exists()
