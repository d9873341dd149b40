"""Making the sample again from the full extract."""

import csv
import gzip
from datetime import date, timedelta

from procurement.sample.choose import choose

LAST = date(2011, 12, 9)
HEADER = ["invoice", "sku", "quantity", "ordered_at", "unit_price", "customer", "country"]


def line(sku, ago, *, invoice="500000", quantity="3", price="1.25"):
    day = LAST - timedelta(days=ago)
    return [invoice, sku, quantity, f"{day}T09:00", price, "12345", "France"]


def extract(folder):
    rows = [line(sku, ago) for sku in ("20001", "20002A") for ago in range(20)]  # lumpy: 20 days of sale
    rows += [line("20001", 400), line("20003", 3), line("POST", 1), line("M", 1)]  # 20003 is sold too seldom
    rows += [line("20004", ago) for ago in range(70, 100)]  # no longer sold
    rows += [
        line("20001", 1, invoice="C500001"),
        line("20001", 1, quantity="-2"),
        line("20001", 1, price="0"),
    ]
    with gzip.open(folder / "order_lines.csv.gz", "wt", newline="") as file:
        csv.writer(file).writerows([HEADER, *rows])
    (folder / "items.csv").write_text(
        "sku,description,median_price,first,last,units\n"
        + "".join(f"{sku}, THING {sku} ,1.25,,,1\n" for sku in ("20001", "20002A", "20003", "20004"))
    )


def read(path):
    with gzip.open(path, "rt", newline="") as file:
        return list(csv.DictReader(file))


def test_items_that_sell_are_chosen_with_all_their_sales_and_nothing_else(tmp_path):
    extract(tmp_path)
    assert choose(tmp_path, tmp_path / "out") == {"lumpy": 2}
    items = read(tmp_path / "out" / "items.csv.gz")
    assert [(item["sku"], item["description"], item["band"]) for item in items] == [
        ("20001", "THING 20001", "lumpy"),
        ("20002A", "THING 20002A", "lumpy"),
    ]
    lines = read(tmp_path / "out" / "order_lines.csv.gz")
    assert len(lines) == 41
    assert {row["sku"] for row in lines} == {"20001", "20002A"}
    assert not [row for row in lines if row["invoice"].startswith("C") or row["quantity"] == "-2"]


def test_same_extract_gives_the_same_bytes(tmp_path):
    extract(tmp_path)
    for name in ("one", "two"):
        choose(tmp_path, tmp_path / name)
    for file in ("items.csv.gz", "order_lines.csv.gz"):
        assert (tmp_path / "one" / file).read_bytes() == (tmp_path / "two" / file).read_bytes()
