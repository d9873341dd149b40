"""Bad rows: named by line and column, refused in plain words, and the good ones load."""

import csv
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from procurement.models import CustomerOrder, CustomerOrderLine, DailyDemand, StockLevel
from procurement.services.codes.resolving import UNKNOWN
from suppliers.models import Product, SupplierProduct
from tests.orders.factories import make_supplier
from tests.procurement.imports import command, counts, load, make_products, make_site, said, write

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("row", "column", "reason"),
    [
        ("A,2026-05-01,", "quantity", "is empty"),
        (",2026-05-01,1", "sku", "is empty"),
        ("A,2026-05-01,-1", "quantity", "is negative"),
        ("A,2026-05-01,abc", "quantity", "is not a number"),
        ("A,2026-05-01,NaN", "quantity", "is not a number"),
        ("A,2026-05-01,Infinity", "quantity", "is not a number"),
        ("A,2026-05-01,1E+05", "quantity", "is in scientific notation; write the number out"),
        ("A,2026-05-01,=1+1", "quantity", "is not a number"),
        ("A,2026-05-01,١٢", "quantity", "is not written in the digits 0 to 9"),
        (
            "A,2026-05-01,12345678901",
            "quantity",
            "is too large; at most 10 digits before the decimal sign are kept",
        ),
        ("A,2026-05-01,0.00001", "quantity", "has more than 4 decimals"),
        ("A,2026-13-01,1", "date", "is a day that does not exist"),
        ("A,2026-02-30,1", "date", "is a day that does not exist"),
        ("A,yesterday,1", "date", "is not a date such as 2026-03-31 or 31/03/2026"),
        ("A,01/05/26,1", "date", "is not a date such as 2026-03-31 or 31/03/2026"),
        ("A,2026-06-11,1", "date", "lies in the future; today is 2026-06-10"),
        ("A,0001-01-01,1", "date", "is not in a year that makes sense here"),
        ("B,2026-05-01,1", "sku", UNKNOWN),
        ("=A,2026-05-01,1", "sku", "begins with '=', which a spreadsheet takes for a formula"),
        ("@SUM(A1),2026-05-01,1", "sku", "begins with '@', which a spreadsheet takes for a formula"),
        ("A\x07,2026-05-01,1", "sku", "contains a control character"),
        (f"{'x' * 61},2026-05-01,1", "sku", "has 61 characters; at most 60 are kept"),
        ("A,2026-05-01,1,9", "", "has 4 values; the header has 3 columns"),
        ('"A,2026-05-01,1', "", "has a quotation mark that is not closed or stands in the wrong place"),
        ("A\0,2026-05-01,1", "", "contains a NUL character"),
        (f"A,2026-05-01,{'1' * 70_000}", "", "is longer than 65,536 characters"),
    ],
)
def test_bad_demand_row_is_named_and_the_others_load(tmp_path, row, column, reason):
    make_products("A")
    text = f"sku,date,quantity\nA,2026-05-02,2\n{row}\nA,2026-05-03,3\n"
    result = load(write(tmp_path, text), "demand")
    assert said(result) == [(3, column, reason)]
    assert counts(result) == (2, 0, 0, 1)
    assert DailyDemand.objects.count() == 2


def test_every_bad_cell_of_a_row_is_named_and_the_row_counts_once(tmp_path):
    result = load(write(tmp_path, "sku,date,quantity\n,tomorrow,-1\n"), "demand")
    assert [(line, column) for line, column, _ in said(result)] == [(2, "sku"), (2, "date"), (2, "quantity")]
    assert (result.rows, result.refused) == (1, 1)


def test_demand_that_adds_up_to_too_much_is_refused(tmp_path):
    make_products("A")
    text = "sku,date,quantity\nA,2026-05-01,9999999999\nA,2026-05-01,9999999999\n"
    result = load(write(tmp_path, text), "demand")
    assert result.refused == 2
    assert "add up to 19999999998, which is too large" in result.errors[0].reason


@pytest.mark.parametrize(
    ("row", "column", "reason"),
    [
        ("SO-1,1,A,1,0,,,yes", "order_line", "order SO-1 has this line in line 2 of the file already"),
        ("SO-1,2,A,1,2,,,yes", "shipped", "is more than the 1 ordered"),
        ("SO-1,2,A,1,0,,,perhaps", "open", "is neither yes nor no"),
        ("SO-1,0,A,1,0,,,yes", "line", "must be between 1 and 1000000"),
        ("SO-1,1.5,A,1,0,,,yes", "line", "is not a whole number"),
        ("SO-1,2,B,1,0,,,yes", "sku", UNKNOWN),
        ("SO-1,2,A,1,0,2026-06-11,,yes", "order date", "lies in the future; today is 2026-06-10"),
        ("SO-1,2,A,1,0,,2026-07-01,yes", "due_date", "differs from line 2, which is of the same order"),
    ],
)
def test_bad_customer_order_row_is_named_and_the_others_load(tmp_path, row, column, reason):
    make_products("A")
    head = "number,line,sku,quantity,shipped,order date,due_date,open"
    result = load(
        write(tmp_path, f"{head}\nSO-1,1,A,5,0,,,yes\n{row}\nSO-2,1,A,7,0,,,yes\n"), "customer_orders"
    )
    found = [(line, name.replace("shipped_quantity", "shipped"), why) for line, name, why in said(result)]
    assert found == [(3, column, reason)]
    assert CustomerOrderLine.objects.count() == 2


def test_customer_order_of_another_site_is_refused(tmp_path):
    make_products("A")
    CustomerOrder.objects.create(number="SO-1", site=make_site("north"), ordered_on="2026-06-01", source="x")
    result = load(write(tmp_path, "number,sku,quantity\nSO-1,A,5\n"), "customer_orders")
    assert said(result) == [(2, "number", "belongs to site north; an order has one site")]


def test_second_stock_row_of_an_item_is_refused(tmp_path):
    make_products("A")
    result = load(write(tmp_path, "sku,on_hand\nA,5\nA,6\n"), "stock")
    assert said(result) == [(3, "sku", "stands in line 2 already")]
    assert StockLevel.objects.get().on_hand == 5


def test_older_stock_figure_is_refused_when_a_newer_one_is_known(tmp_path):
    make_products("A")
    load(write(tmp_path, "sku,on_hand,as_of\nA,5,2026-06-09 18:00\n"), "stock")
    result = load(write(tmp_path, "sku,on_hand,as_of\nA,9,2026-06-08\n"), "stock")
    assert said(result) == [
        (2, "on_hand", "is of 2026-06-08 00:00; the stock known is newer, of 2026-06-09 18:00")
    ]
    assert StockLevel.objects.get().on_hand == 5


@pytest.mark.parametrize(
    ("row", "column", "reason"),
    [
        ("A,Bowl,acme,S1,1,2,GBP", "description", "differs from line 2, which is of the same item"),
        ("A,Tray,nobody,S1,1,2,GBP", "supplier", "is not the code of a supplier; add the supplier first"),
        (
            "A,Tray,,S1,1,2,GBP",
            "unit_price",
            "is a price without a supplier; fill the supplier column or say --supplier",
        ),
        ("A,Tray,acme,S0,1,1.90,GBP", "from_quantity", "this offer has a price from 1 already"),
        ("A,Tray,acme,S0,10,1.90,EUR", "currency", "differs from line 2, which is of the same offer"),
        ("A,Tray,acme,S1,1,2,pounds", "currency", "is not a currency code such as GBP"),
        ("A,Tray,acme,S1,0,2,GBP", "from_quantity", "must be above 0"),
        ("A,Tray,acme,S1,1,-2,GBP", "unit_price", "is negative"),
        ("B,Bowl,acme,S0,1,2,GBP", "supplier_sku", "is Acme's code of A"),
    ],
)
def test_bad_catalogue_row_is_named_and_the_others_load(tmp_path, row, column, reason):
    make_supplier(code="acme", name="Acme")
    head = "sku,description,supplier,supplier_sku,from_quantity,unit_price,currency"
    text = f"{head}\nA,Tray,acme,S0,1,2.00,GBP\n{row}\nC,Cup,acme,S9,1,3,GBP\n"
    result = load(write(tmp_path, text), "catalogue")
    assert said(result) == [(3, column, reason)]
    assert SupplierProduct.objects.count() == 2
    assert Product.objects.filter(sku__in=["A", "C"]).count() == 2


def test_command_ends_with_2_and_writes_all_refused_rows_when_some_are_refused(tmp_path):
    make_site()
    make_products("A")
    path = write(tmp_path, "sku,date,quantity\nA,2026-05-01,1\n=HYPERLINK(1),2026-05-01,1\n")
    code, told = command("demand", path, errors=tmp_path / "errors.csv")
    assert (code, told["added"], told["refused"]) == (2, 1, 1)
    with (tmp_path / "errors.csv").open(newline="") as file:
        rows = list(csv.reader(file))
    assert rows[0] == ["line", "column", "value", "reason"]
    # Harmless when the report is opened in a spreadsheet
    assert rows[1][:3] == [
        "3",
        "sku",
        "'=HYPERLINK(1)",
    ]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"site": "nowhere"}, "There is no site 'nowhere'"),
        ({"supplier": "nobody"}, "There is no supplier with the code 'nobody'"),
        ({"errors": Path("/nonexistent/errors.csv")}, "cannot be written"),
    ],
)
def test_command_says_what_it_does_not_know(tmp_path, options, message):
    make_site()
    path = write(tmp_path, "sku,date,quantity\n")
    with pytest.raises(CommandError, match=message):
        call_command("import_data", "demand", str(path), **options)


def test_command_does_not_overwrite_the_file_it_loads(tmp_path):
    make_site()
    path = write(tmp_path, "sku,date,quantity\n")
    with pytest.raises(CommandError, match="would be overwritten"):
        call_command("import_data", "demand", str(path), errors=path)
    assert path.read_text() == "sku,date,quantity\n"


def test_command_says_when_there_is_no_file(tmp_path):
    make_site()
    with pytest.raises(CommandError, match="There is no file"):
        call_command("import_data", "demand", str(tmp_path / "nothing.csv"))
    with pytest.raises(CommandError, match="is a folder"):
        call_command("import_data", "demand", str(tmp_path))


def test_command_asks_for_the_site_when_there_are_two(tmp_path):
    make_site("north")
    make_site("south")
    with pytest.raises(CommandError, match="more than one site"):
        call_command("import_data", "demand", str(write(tmp_path, "sku,date,quantity\n")))
