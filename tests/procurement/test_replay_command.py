"""`manage.py replay --data FOLDER`, and folders that cannot be replayed."""

import gzip
import json
from datetime import date, timedelta
from io import StringIO
from pathlib import Path

import numpy as np
import pytest
from django.core.management import CommandError, call_command

from procurement.data_folders import BadFolder, read
from procurement.folder_history import folder_history
from procurement.replay_words import BUFFERS, fine_print, verdicts


def folder(at: Path, text: str, items: str = "") -> Path:
    (at / "demand.csv").write_text(text, encoding="utf-8")
    if items:
        (at / "items.csv").write_text(items, encoding="utf-8")
    return at


def sold(items: int, days: int, *, at_once: int = 1) -> str:
    """`at_once`: that many days' demand on one of as many days, so that any stock runs out now and then."""
    random = np.random.default_rng(8)
    first = date(2026, 1, 1)
    rows = [
        f"I{item},{first + timedelta(days=day)},{random.poisson(2 + item) * _now(random, at_once)}"
        for item in range(items)
        for day in range(days)
    ]
    return "\n".join(["sku,date,quantity", *rows])


def _now(random: np.random.Generator, at_once: int) -> int:
    return at_once if at_once == 1 or random.random() < 1 / at_once else 0


def run(*arguments: str) -> str:
    out = StringIO()
    call_command("replay", *arguments, stdout=out)
    return out.getvalue()


def test_both_baselines_are_printed_and_the_file_stands_alone(tmp_path: Path) -> None:
    data = folder(
        tmp_path, sold(3, 200, at_once=3), "sku,description,price\nI0,Tea <b>,2\nI1,Salt,3\nI2,Rice,4\n"
    )
    report = tmp_path / "report.html"
    said = run("--data", str(data), "--seeds", "1", "--unmet", "bought", "--html", str(report))
    for words in ("our plan", "disciplined PAR", "neglected PAR", "Stock-out item-days", "Emergency orders"):
        assert words in said
    text = report.read_text(encoding="utf-8")
    assert text.count("<svg") == 2
    assert "Neglected PAR" in text
    assert "<b>" not in text.split("</header>")[1].split("Item</th>")[1][:2000].replace("<b></b>", "")
    for foreign in ("<script", "<link", "http://", "https://", "src="):
        assert foreign not in text


def test_json_is_one_object_that_says_how_it_was_done(tmp_path: Path) -> None:
    data = folder(tmp_path, sold(3, 150))
    found = json.loads(run("--data", str(data), "--seeds", "1", "--unmet", "bought", "--json"))
    assert (found["items"], found["seeds"], found["days"]) == (3, 1, 60)
    assert (found["first"], found["last"]) == ("2026-04-01", "2026-05-30")
    assert found["equal"]["plan"]["value"] > 0
    assert found["allocation"] == "spread"
    assert f"{BUFFERS['spread']} Each item's service level lay between 50% and 99.9%." in fine_print(found)
    assert BUFFERS["equal"] in fine_print(found | {"allocation": "equal"})
    assert fine_print(found | {"items": 1})[0].startswith(
        "1 of 3 items, evenly drawn, 60 days, 1 draw of lead"
    )
    before = {key: value for key, value in found.items() if key not in ("bounds", "by_hand")}
    assert BUFFERS["spread"] in fine_print(before)
    by_hand = fine_print(found | {"by_hand": 3})
    assert any("3 items with a service level set by hand or by class" in said for said in by_hand)
    assert len(found["weekly"]["plan"]) == len(found["weeks"]) == 8
    again = json.loads(run("--data", str(data), "--seeds", "1", "--unmet", "bought", "--json"))
    assert again == found


def test_stock_values_that_do_not_come_together_are_told() -> None:
    equal = {"plan": {"value": 22.0, "short": 1}, "disciplined": {"value": 87.0, "short": 4}}
    told = verdicts({"equal": equal | {"neglected": {"value": 23.0, "short": 1}}})
    assert told[0].startswith(
        "With less stock, worth 22.00 instead of 87.00, our plan would have run out on 1"
    )
    assert told[1].startswith("For about the same stock value, our plan would have run out on 1")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("sku,day,quantity\nA,2026-01-01,1\n", "has no column date"),
        ("when,what\n1,2\n", "has no column sku and no date and no quantity"),
        ("sku,date,quantity\n", "has no rows"),
        ("", "has no column"),
        ("sku,date,quantity\nA,2026-01-01,4\n", "covers 1 days of demand"),
        ("sku,date,quantity\nA,2026-01-01,4\nA,yesterday,4\n", "line 3"),
        ("sku,date,quantity\nA,2026-01-01,many\n", "line 2"),
        ("sku,date,quantity\nA,2026-01-01,nan\n", "'nan' is no number"),
        ("sku,date,quantity\nA,2026-01-01\n", "covers 1 days"),
        ("sku,date,quantity\nA,0026-01-01,1\nA,2026-01-01,1\n", "mistaken year"),
        (sold(1, 60), "covers 60 days of demand"),
        (sold(1, 1) + "\nI0,2026-06-01,1\n", "no item with demand in 8 weeks"),
    ],
)
def test_a_bad_folder_is_named_with_what_is_wrong(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(CommandError, match=said):
        run("--data", str(folder(tmp_path, text)))


def test_a_folder_that_is_not_there_and_one_without_demand_are_named(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="There is no folder"):
        run("--data", str(tmp_path / "none"))
    with pytest.raises(CommandError, match=r"has no demand\.csv"):
        run("--data", str(tmp_path))


def test_returns_duplicates_and_gaps_are_added_up_by_day(tmp_path: Path) -> None:
    rows = ["A,2026-01-01T08:00,3,0,0", "A,2026-01-01,-1,0,0", "A,2026-01-04,-5,1,14"]
    text = "\n".join(["item,ordered_at,value,promotion,stockout_hours", *rows])
    with gzip.open(tmp_path / "demand.csv.gz", "wt", encoding="utf-8") as file:
        file.write(text)
    found = read(tmp_path)
    assert found.demand.tolist() == [[2, 0, 0, 0]]
    assert found.promotion is not None
    assert found.promotion.tolist() == [[False, False, False, True]]
    assert found.sold_out is not None
    assert found.sold_out.tolist() == [[False, False, False, True]]


def test_what_items_csv_says_is_used_and_what_nobody_says_is_told(tmp_path: Path) -> None:
    data = folder(
        tmp_path,
        "sku,date,quantity\nA,2026-01-01,3\nB,2026-01-01,1\n",
        "sku,description,price,pack_size,shelf_life_days,supplier,lead_time_days\nA,Tea,2.5,6,30,North,4\nB,Salt,,,,South,\n",
    )
    history = folder_history(data)
    assert history.names == ("Tea", "Salt")
    assert history.price.tolist() == [2.5, 0]
    assert (history.pack.tolist(), history.shelf_life.tolist()) == ([6, 1], [30, 0])
    assert history.supplier.tolist() == [0, 1]
    assert history.lead_days[0] == 4
    assert history.assumed == ()
    with pytest.raises(BadFolder, match="pack_size of A"):
        folder_history(folder(tmp_path, "sku,date,quantity\nA,2026-01-01,3\n", "sku,pack_size\nA,six\n"))
