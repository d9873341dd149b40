"""Customer orders of many lines are written as a set; it comes to what single records come to."""

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from orders.models import Site
from procurement.models import AddedRows, CustomerOrder, CustomerOrderLine, FileImport
from procurement.services import records
from procurement.services.codes.file_codes import FileCodes
from procurement.services.files.undoing import undo_all
from procurement.services.record_writers import order_load, order_rows
from procurement.services.record_writers.base import Target
from procurement.services.record_writers.customer_orders import CustomerOrderWriter
from procurement.services.record_writers.sorted_load import SortedLoad
from procurement.services.records import RecordCounts
from procurement.sources.file_kinds import KINDS
from suppliers.models import Product
from tests.procurement.imports import command, counts, load, make_products, make_site, said, write

pytestmark = pytest.mark.django_db
HEADER = "number,order_line,sku,quantity,shipped,unit,customer,ordered_on,due_date,open\n"
ROWS = st.lists(
    st.tuples(
        st.sampled_from(["SO-1", "SO-2", "SO-3", "so 4"]),
        st.sampled_from(["", "", "", "1", "2"]),
        st.sampled_from(["A", "A", "B", "C", "nobody"]),
        st.sampled_from(["0", "1", "1.5", "9999999999.9999"]),
        st.sampled_from(["", "", "", "1", "2"]),
        st.sampled_from(["", "", "", "C62", "KGM"]),
        st.sampled_from(["", "Café \\ Bar", "Inn"]),
        st.sampled_from(["", "2026-05-01"]),
        st.sampled_from(["", "", "2026-07-01"]),
        st.sampled_from(["", "", "no"]),
    ),
    max_size=8,
)


def stored() -> list[tuple[object, ...]]:
    head = [
        f"order__{name}" for name in ("number", "site__code", "customer", "ordered_on", "due_date", "open")
    ]
    return list(
        CustomerOrderLine.objects.order_by("order__number", "line_number").values_list(
            *head, "order__source", "line_number", "product__sku", "quantity", "shipped_quantity", "code"
        )
    )


def one_by_one(target: Target, codes: FileCodes) -> SortedLoad:
    return SortedLoad(KINDS["customer_orders"], CustomerOrderWriter(target), codes)


def outcome(result: RecordCounts) -> tuple[object, ...]:
    return (result.rows, *counts(result)), {(error.line, str(error)) for error in result.errors}


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(first=ROWS, second=ROWS, third=ROWS, batch=st.sampled_from([1, 2, 50_000]))
def test_file_comes_to_what_its_records_come_to(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, first: object, second: object, third: object, batch: int
) -> None:
    monkeypatch.setattr(order_load, "BATCH", batch)
    for sku in "ABC":
        Product.objects.get_or_create(sku=sku, defaults={"name": sku})
    CustomerOrder.objects.all().delete()
    elsewhere = Site.objects.get_or_create(code="other", defaults={"name": "Other"})[0]
    results = []
    for way in (order_load.CustomerOrderLoad, one_by_one):
        monkeypatch.setitem(records.LOADS, "customer_orders", way)
        CustomerOrder.objects.all().delete()
        CustomerOrder.objects.create(number="so 4", site=elsewhere, ordered_on=date(2026, 5, 1), source="x")
        told = []
        for name, rows in (("1.csv", first), ("2.csv", second), ("3.csv", second), ("4.csv", third)):
            text = "".join(",".join(row) + "\n" for row in rows)  # type: ignore[attr-defined]
            told.append(outcome(load(write(tmp_path, HEADER + text, name), "customer_orders")))
        results.append((told, stored()))
    assert results[0] == results[1]


def file_of(tmp_path: Path, orders: int, name: str = "file.csv") -> Path:
    lines = (
        f"SO-{order},{sku},{order},Inn,2026-05-{order:02}\n" for order in range(1, orders + 1) for sku in "AB"
    )
    return write(tmp_path, "number,sku,quantity,customer,ordered_on\n" + "".join(lines), name)


def test_orders_that_are_new_or_just_so_are_not_looked_at_one_by_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_products("A", "B")
    looked_at = list[str]()
    write_one = CustomerOrderWriter.write

    def watched(self: CustomerOrderWriter, groups: list[list[object]]) -> object:
        looked_at.extend(group[0].number for group in groups)  # type: ignore[attr-defined]
        return write_one(self, groups)  # type: ignore[arg-type]

    monkeypatch.setattr(CustomerOrderWriter, "write", watched)
    assert counts(load(file_of(tmp_path, 9), "customer_orders")) == (18, 0, 0, 0)
    CustomerOrderLine.objects.filter(order__number="SO-5", line_number=2).update(quantity=1)
    assert counts(load(file_of(tmp_path, 11), "customer_orders")) == (4, 1, 17, 0)
    assert looked_at == ["SO-5"]


def test_import_of_many_orders_is_undone_but_for_what_changed_since(tmp_path: Path) -> None:
    make_products("A", "B")
    make_site()
    command("customer_orders", file_of(tmp_path, 2))
    before = stored()
    _, told = command("customer_orders", file_of(tmp_path, 6, "second.csv"))
    assert (told["added"], told["unchanged"]) == (8, 4)
    file_import = FileImport.objects.get(pk=told["import"])
    assert AddedRows.objects.filter(file_import=file_import).count() == 2  # the orders, and their lines
    CustomerOrderLine.objects.filter(order__number="SO-4", line_number=1).update(shipped_quantity=Decimal(1))
    done = undo_all(file_import=file_import, by=None)
    assert [row[0] for row in stored()] == ["SO-1", "SO-1", "SO-2", "SO-2", "SO-4"]
    assert stored()[:4] == before
    assert done.left == 2  # the line, and its order


def test_order_that_somebody_adds_meanwhile_is_compared_with_theirs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_products("A", "B")
    unchanged = order_rows._unchanged

    def meanwhile(*of: object) -> object:
        site = Site.objects.get_or_create(code="other", defaults={"name": "Other"})[0]
        CustomerOrder.objects.create(number="SO-2", site=site, ordered_on=date(2026, 5, 1), source="x")
        return unchanged(*of)  # type: ignore[arg-type]

    monkeypatch.setattr(order_rows, "_unchanged", meanwhile)
    result = load(file_of(tmp_path, 3), "customer_orders")
    assert counts(result) == (4, 0, 0, 2)
    assert {why for _, _, why in said(result)} == {"belongs to site other; an order has one site"}
