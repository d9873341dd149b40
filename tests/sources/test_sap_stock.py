"""What a reading of SAP makes of stock: whole sums, of the right site, item and unit, and what is not told any more."""

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from procurement.models import SourceAccount, SourceProblem, SourceRun, StockLevel
from procurement.services.syncing import source_sync
from procurement.sources.sandbox.sap import System
from procurement.sources.sandbox.server import SourceSandbox
from suppliers.models import Product
from tests import factories
from tests.sources.accounts import make_products, source_create, source_plain
from tests.sources.sap_stock import put, remove

pytestmark = pytest.mark.django_db


@pytest.fixture
def sandbox() -> Iterator[SourceSandbox]:
    with SourceSandbox("sap", page_size=2) as sandbox:
        yield sandbox


@pytest.fixture
def system(sandbox: SourceSandbox) -> System:
    """Both of its plants have something of A."""
    put(sandbox.system, "A", "1", Plant="1010")
    put(sandbox.system, "A", "2", Plant="1020")
    return sandbox.system


@pytest.fixture
def source(db: None, sandbox: SourceSandbox, system: System) -> SourceAccount:
    factories.site(code="north", name="North")
    make_products("A", "B", "C", "1234")
    return source_create(sandbox, "sap", name="Acme SAP", code="sap")


def reading(source: SourceAccount, status: str = "done") -> SourceRun:
    run = source_sync(source=source, by=None)
    assert run.status == status, run.error
    source.refresh_from_db()
    return run


def stock() -> dict[tuple[str, str], Decimal]:
    found = StockLevel.objects.values_list("product__sku", "site__code", "on_hand")
    return {(sku, site): on_hand for sku, site, on_hand in found}


def problems() -> list[str]:
    return list(SourceProblem.objects.values_list("words", flat=True))


def test_rows_of_an_item_add_up_over_batches_locations_and_pages(source, system):
    for n in range(9):
        put(system, "B", "10.5", Batch=f"B{n}")
    put(system, "B", "3", StorageLocation="0002")
    put(system, "C", "7")
    run = reading(source)
    assert stock() == {
        ("A", "main"): 1,
        ("A", "north"): 2,
        ("B", "main"): Decimal("97.5"),
        ("C", "main"): 7,
    }
    assert any("$skiptoken" in asked for asked in system.asked)
    assert (run.fetched, run.added, run.failed) == (4, 4, 0)
    assert StockLevel.objects.values_list("source", flat=True).distinct().get() == "Acme SAP"


def test_two_rows_of_the_same_keys_add_up(source, system):
    system.add(Material="B", MatlWrhsStkQtyInMatlBaseUnit="30")
    system.add(Material="B", MatlWrhsStkQtyInMatlBaseUnit="5")
    reading(source)
    assert stock()["B", "main"] == 35


def test_item_with_more_rows_than_one_question_brings_is_asked_for_on(source, system):
    source.settings |= {"page_rows": "3"}
    source.save()
    for n in range(10):
        put(system, "B", "1", Batch=f"B{n}")
    reading(source)
    assert stock()["B", "main"] == 10
    assert any("$skip" in asked for asked in system.asked)


@pytest.mark.parametrize(
    "of_others",
    [
        {"InventoryStockType": "02"},
        {"InventoryStockType": "07"},
        {"InventorySpecialStockType": "K", "Supplier": "4711"},
        {"InventorySpecialStockType": "E", "SDDocument": "1"},
        {"Plant": "9000"},
    ],
)
def test_only_what_may_be_used_freely_counts(source, system, of_others):
    put(system, "A", "500", **of_others)
    reading(source)
    assert stock()["A", "main"] == 1
    assert problems() == []


def test_storage_location_counts_before_its_plant(source, system):
    put(system, "B", "4", Plant="1020", StorageLocation="SHOP")
    put(system, "B", "5", Plant="1020", StorageLocation="0009")
    put(system, "B", "6", Plant="1010")
    reading(source)
    assert (stock()["B", "main"], stock()["B", "north"]) == (10, 5)


def test_plants_nobody_mapped_are_counted_and_named(source, system):
    put(system, "A", "70", Plant="7000")
    put(system, "B", "70", Plant="7000")
    put(system, "B", "80", Plant="8000")
    reading(source)
    assert stock() == {("A", "main"): 1, ("A", "north"): 2}
    assert [words.partition(" belongs")[0] for words in problems()] == [
        "Plant 7000: stock of 2 materials there",
        "Plant 8000: stock of 1 material there",
    ]
    source.settings |= {"plants": "1010=main\n1020=north\n7000=north\n8000=-"}
    source.save()
    reading(source)
    assert problems() == []
    assert (stock()["A", "north"], stock()["B", "north"]) == (72, 70)


def test_site_that_is_none_of_ours_is_listed(source, system):
    source.settings |= {"plants": "1010 = main\n1020 = atlantis"}
    source.save()
    assert reading(source).failed == 1
    assert problems() == ["Stock of A at atlantis: site 'atlantis' is none of our sites; mend the settings."]
    assert stock() == {("A", "main"): 1}


@pytest.mark.parametrize("told_short", [True, False])
@pytest.mark.parametrize("page_rows", ["5000", "1"])
def test_leading_zeros_are_removed_or_kept(source, system, told_short, page_rows):
    system.told_short = told_short
    source.settings |= {"page_rows": page_rows}
    source.save()
    for number in ("9", "1234", "100000"):
        put(system, number, "5")
    make_products("9", "100000", "000000000000001234")
    reading(source)
    assert {sku for sku, _ in stock()} == {"A", "9", "1234", "100000"}
    source.settings |= {"leading_zeros": "keep"}
    source.save()
    reading(source)
    ours, other = ("1234", "000000000000001234") if told_short else ("000000000000001234", "1234")
    assert stock()[ours, "main"] == 5
    assert not stock().get((other, "main"))


def test_numbers_that_are_kept_as_told_are_read_when_told_so(source, system):
    system.digits, system.told_short = 0, False
    for number in ("9", "1234", "100000"):
        put(system, number, "5")
    make_products("9", "100000")
    source.settings |= {"page_rows": "1"}
    source.save()
    assert "Correct “Digits of a material number”" in reading(source, "failed").error
    source.settings |= {"number_digits": "0"}
    source.save()
    SourceAccount.objects.update(cursor={})
    reading(source)
    assert {sku for sku, _ in stock()} == {"A", "9", "1234", "100000"}


def test_order_in_which_sums_could_be_parts_is_refused(source, system):
    reading(source)
    system.in_order = False
    put(system, "B", "1")
    put(system, "A", "1", Batch="late")
    assert "in another order than that of materials (at A)" in reading(source, "failed").error
    assert stock() == {("A", "main"): 1, ("A", "north"): 2}


def test_unit_is_compared_with_the_items(source, system):
    Product.objects.filter(sku="B").update(unit="KGM")
    put(system, "B", "2.5", MaterialBaseUnit="KG")
    put(system, "C", "2.5", MaterialBaseUnit="KG")
    reading(source)
    assert stock()["B", "main"] == Decimal("2.5")
    words = "is not C62, which our item is counted in, and nobody has said how many C62 one KGM of it is"
    assert problems() == [f"Stock of C at main: unit 'KGM' {words}."]
    Product.objects.filter(sku="C").update(unit="KGM")
    reading(source)
    assert problems() == []


def test_item_that_nobody_knows_is_listed_until_it_is_known(source, system):
    put(system, "NEW", "3")
    run = reading(source)
    assert (run.failed, len(problems())) == (1, 1)
    assert "Stock of NEW at main: sku 'NEW' is not in the catalogue" in problems()[0]
    make_products("NEW")
    reading(source)
    assert problems() == []
    assert stock()["NEW", "main"] == 3


def test_problem_of_an_item_that_is_no_more_goes_with_it(source, system):
    put(system, "NEW", "3")
    reading(source)
    remove(system, "NEW")
    reading(source)
    assert problems() == []


def test_second_reading_shows_only_changes(source, system):
    put(system, "B", "3")
    reading(source)
    put(system, "B", "4")
    run = reading(source)
    assert run.counts() == {
        "fetched": 3, "added": 0, "changed": 1, "unchanged": 2, "removed": 0, "failed": 0,
    }  # fmt: skip
    began = SourceRun.objects.order_by("-pk")[0].started_at
    assert min(StockLevel.objects.values_list("as_of", flat=True)) >= began


def test_item_that_is_not_told_any_more_has_none_left(source, system):
    put(system, "B", "3")
    reading(source)
    remove(system, "B")
    assert reading(source).removed == 1
    assert stock()["B", "main"] == 0
    assert reading(source).removed == 0
    put(system, "B", "5")
    reading(source)
    assert stock()["B", "main"] == 5


def test_item_that_left_one_of_two_sites_has_none_there(source, system):
    put(system, "B", "3", Plant="1010")
    put(system, "B", "4", Plant="1020")
    reading(source)
    remove(system, "B", Plant="1020")
    reading(source)
    assert (stock()["B", "main"], stock()["B", "north"]) == (3, 0)


def test_problem_of_an_item_that_is_no_more_goes_also_where_no_site_was_told_whole(source, system):
    put(system, "UNREADABLE", "some")
    reading(source)
    assert problems()
    remove(system, "UNREADABLE")
    source.settings |= {"plants": source.settings["plants"] + "\n8000 = main\n8001 = north"}
    source.save()
    reading(source)
    assert all("none of its stock was told" in words for words in problems())


def test_plant_that_is_not_told_at_all_leaves_its_site_as_it_was(source, system):
    source.settings |= {"plants": "1010 = main\n1020 = north"}
    source.save()
    put(system, "B", "4", Plant="1010")
    put(system, "B", "4", Plant="1020")
    reading(source)
    remove(system, "A", Plant="1020")
    remove(system, "B", Plant="1020")
    remove(system, "B", Plant="1010")
    reading(source)
    assert stock() == {("A", "main"): 1, ("A", "north"): 2, ("B", "main"): 0, ("B", "north"): 4}
    assert [words.partition(",")[0] for words in problems()] == ["Plant 1020: none of its stock was told"]


def test_what_cannot_be_read_leaves_its_item_as_it_was(source, system):
    put(system, "B", "3")
    reading(source)
    put(system, "B", "lots")
    assert reading(source).failed == 1
    assert stock()["B", "main"] == 3
    assert "Material B: plant 1010" in problems()[0]


def test_what_others_said_of_other_items_stays(source, system):
    level = factories_level("C", "5", source="may.csv")
    reading(source)
    level.refresh_from_db()
    assert level.on_hand == 5


def factories_level(sku: str, on_hand: str, source: str) -> StockLevel:
    return StockLevel.objects.create(
        site=factories.site(),
        product=Product.objects.get(sku=sku),
        on_hand=Decimal(on_hand),
        as_of=timezone.now() - timedelta(days=1),
        source=source,
    )


def test_goods_booked_in_while_we_read_are_not_undone(source, system):
    level = factories_level("A", "9", source="receipt")
    StockLevel.objects.filter(pk=level.pk).update(as_of=timezone.now() + timedelta(hours=1))
    reading(source)
    assert stock()["A", "main"] == 9
    assert "the stock known is newer" in problems()[0]


def test_empty_system_empties_nothing(source, system):
    reading(source)
    system.rows.clear()
    reading(source)
    assert stock() == {("A", "main"): 1, ("A", "north"): 2}
    assert len(problems()) == 2


def test_change_during_a_reading_counts_no_row_twice(sandbox, system):
    """A new batch of an item that was read moves all later rows: the place in the list would be another one."""
    for n in range(4):
        put(system, "B", "1", Batch=f"B{n}")
        put(system, "C", "1", Batch=f"B{n}")
    told = {}
    with source_plain(sandbox, "sap") as source:
        for at, page in enumerate(source.fetch({})):
            if at == 0:
                put(system, "A", "1", Batch="NEW")
            told |= {entry.external_id: entry for entry in page.entries}
    assert (told["B"].on_hand, told["C"].on_hand) == (4, 4)


def test_plant_that_is_another_site_s_now_is_not_counted_at_both(source, system):
    reading(source)
    assert stock() == {("A", "main"): 1, ("A", "north"): 2}
    source.settings |= {"plants": "1010 = north\n1020 = north"}
    source.save()
    reading(source)
    assert stock() == {("A", "north"): 3}


def test_slip_of_the_pen_in_the_plants_leaves_stock_as_it_was(source, system):
    reading(source)
    source.settings |= {"plants": "1010 = mian\n1020 = north"}
    source.save()
    reading(source)
    assert stock() == {("A", "main"): 1, ("A", "north"): 2}
