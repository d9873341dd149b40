"""Contracts and incremental price lists from a file, and taken back."""

from datetime import date
from decimal import Decimal

import pytest

from procurement.models import FileImport
from procurement.services.files.undoing import undo_all
from suppliers.models import ContractItem, PriceQuote
from tests import factories
from tests.procurement.imports import command, counts, load, make_products, make_site, said, write

pytestmark = pytest.mark.django_db
D = Decimal
HEADER = "supplier,supplier_sku,contract,valid_from,valid_until,unit_price,share_percent\n"
ROW = "acme,A-1,C-7,2026-01-01,2026-12-31,1.90,40\n"


@pytest.fixture
def offer():
    (product,) = make_products("A")
    return factories.offer(factories.supplier(code="acme", name="Acme"), product, supplier_sku="A-1")


def test_contract_is_loaded_changed_and_found_again(offer, tmp_path):
    assert counts(load(write(tmp_path, HEADER + ROW), "contracts")) == (1, 0, 0, 0)
    item = ContractItem.objects.get()
    assert (item.supplier_product, item.number, item.valid_until) == (offer, "C-7", date(2026, 12, 31))
    assert (item.unit_price, item.share_percent, item.currency) == (D("1.9"), 40, "")
    assert counts(load(write(tmp_path, HEADER + ROW), "contracts")) == (0, 0, 1, 0)
    assert counts(load(write(tmp_path, HEADER + ROW.replace("1.90", "1.80")), "contracts")) == (0, 1, 0, 0)
    assert ContractItem.objects.get().unit_price == D("1.8")


@pytest.mark.parametrize(
    ("row", "column", "reason"),
    [
        (ROW.replace("acme", "bolt"), "supplier", "is not the code of a supplier"),
        (ROW.replace("A-1", "A-2"), "supplier_sku", "is no code of Acme; load its catalogue first"),
        (ROW.replace("2026-12-31", "2025-12-31"), "valid_until", "is before it begins"),
        (ROW.replace(",40", ",140"), "share_percent", "is more than everything"),
        (ROW.replace("1.90,40", ","), "unit_price", "is empty, and so is the share: nothing is agreed"),
    ],
)
def test_bad_row_is_refused_and_the_others_kept(offer, tmp_path, row, column, reason):
    result = load(write(tmp_path, HEADER + row + ROW), "contracts")
    assert counts(result) == (1, 0, 0, 1)
    assert said(result) == [(2, column, reason)]


def test_same_contract_twice_is_refused(offer, tmp_path):
    result = load(write(tmp_path, HEADER + ROW + ROW), "contracts")
    assert said(result) == [(3, "supplier_sku", "stands in line 2 already, with this contract and day")]


def test_contracts_are_undone_as_a_whole(offer, tmp_path):
    make_site()
    command("contracts", write(tmp_path, HEADER + ROW))
    command("contracts", write(tmp_path, HEADER + ROW.replace("1.90", "1.80") + ROW.replace("C-7", "C-8")))
    assert ContractItem.objects.count() == 2
    file_import = FileImport.objects.latest("pk")
    undo_all(file_import=file_import, by=None)
    assert ContractItem.objects.get().unit_price == D("1.9")


def test_catalogue_says_that_its_tiers_are_incremental(offer, tmp_path):
    header = "sku,description,supplier,supplier_sku,from_quantity,unit_price,incremental\n"
    rows = "A,Product A,acme,A-1,1,2.00,{0}\nA,Product A,acme,A-1,10,1.00,{0}\n"
    load(write(tmp_path, header + rows.format("yes")), "catalogue")
    quote = PriceQuote.objects.get(superseded_at=None)
    assert (quote.incremental, quote.tiers.count()) == (True, 2)
    # Said again, or not said: as it was. Said otherwise: another list.
    assert counts(load(write(tmp_path, header + rows.format("")), "catalogue"))[:2] == (0, 0)
    assert counts(load(write(tmp_path, header + rows.format("no")), "catalogue"))[:2] == (0, 1)
    assert not PriceQuote.objects.get(superseded_at=None).incremental
