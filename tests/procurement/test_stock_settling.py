"""Stock follows when a teller goes away, a part at a time; and its history stays bounded."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone
from django_q.models import OrmQ

from procurement import chores, tasks
from procurement.models import SourceAccount, StockChange, StockLevel
from procurement.services import stock_choices
from procurement.services.stock_ledger import Stated, stock_state
from procurement.services.stock_pruning import KEEP, stock_history_prune
from procurement.services.stock_settling import settle_soon
from procurement.tellers import SILENT_AFTER
from suppliers.models import Product
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def wms() -> SourceAccount:
    return SourceAccount.objects.create(code="wms", name="WMS", kind="sap", site=factories.site())


@pytest.fixture
def erp() -> SourceAccount:
    return SourceAccount.objects.create(code="erp", name="ERP", kind="sap", site=factories.site())


def tell(by: SourceAccount, *items: Product, figure: int, **ago: float) -> None:
    at = timezone.now() - timedelta(**ago)
    said = [Stated(item.pk, Decimal(figure), at) for item in items]
    stock_state(site=by.site, teller=by, source=by.name, stated=said)


def levels() -> set[tuple[Decimal, str]]:
    return set(StockLevel.objects.values_list("on_hand", "teller__code"))


def test_another_teller_counts_where_one_was_switched_off(wms: SourceAccount, erp: SourceAccount) -> None:
    item = factories.product()
    tell(wms, item, figure=5, hours=2)
    tell(erp, item, figure=8, hours=1)
    assert not any(chores.settle_stock(wms.site_id).counts.values())
    SourceAccount.objects.filter(pk=wms.pk).update(active=False)
    assert [part.subject for part in chores.sites_with_stock()] == [wms.site_id]
    assert chores.settle_stock(wms.site_id).counts == {"figures of another teller": 1}
    assert levels() == {(8, "erp")}
    newest = StockChange.objects.first()
    assert newest is not None
    assert (newest.kind, newest.source, newest.by) == ("chosen", "ERP", None)


def test_another_teller_counts_where_one_has_been_silent_for_long(
    wms: SourceAccount, erp: SourceAccount
) -> None:
    item = factories.product()
    tell(wms, item, figure=5, days=SILENT_AFTER.days + 1)
    StockLevel.objects.update(teller=wms, on_hand=5)
    tell(erp, item, figure=8, hours=1)
    chores.settle_stock(wms.site_id)
    assert levels() == {(8, "erp")}


def test_long_work_goes_on_in_the_next_task(
    wms: SourceAccount, erp: SourceAccount, monkeypatch: pytest.MonkeyPatch
) -> None:
    items = [factories.product() for _ in range(3)]
    tell(wms, *items, figure=5, hours=2)
    tell(erp, *items, figure=8, hours=1)
    SourceAccount.objects.filter(pk=wms.pk).update(active=False)
    monkeypatch.setattr(stock_choices, "AT_ONCE", 1)
    settle_soon(site=wms.site, by=None)
    assert StockLevel.objects.filter(teller=erp).count() == 1
    (waiting,) = OrmQ.objects.all()
    assert waiting.func() == "procurement.tasks.settle_stock_on"
    tasks.settle_stock_on(*waiting.task["args"])
    assert levels() == {(8, "erp")}


def test_history_keeps_what_is_recent_and_of_each_teller_what_was_so_before(
    wms: SourceAccount, erp: SourceAccount
) -> None:
    item, now = factories.product(), timezone.now()

    def change(by: SourceAccount, figure: int, days: int) -> StockChange:
        at = now - timedelta(days=days)
        return StockChange.objects.create(
            product=item, site=by.site, at=at, kind="stated", on_hand=figure, as_of=at, teller=by, source=by.name,
            counts=by == wms,
        )  # fmt: skip

    old = KEEP.days
    change(wms, 1, old + 9)
    stays = [change(wms, 2, old + 5), change(erp, 3, old + 4), change(wms, 4, 9), change(wms, 5, 1)]
    assert stock_history_prune() == 1
    assert set(StockChange.objects.all()) == set(stays)
    assert stock_history_prune() == 0
