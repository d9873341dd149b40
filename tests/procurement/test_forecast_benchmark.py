"""The forecast's benchmark takes any data folder, or says why it cannot."""

from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pytest

from benchmarks.folders import read
from benchmarks.forecast import TEST, TUNING, Task, ours, pinball, ratio, rmsse


def folder(
    tmp_path: Path, days: int, *items: str, file: str = "demand.csv", head: str = "sku,date,quantity"
) -> Path:
    """Items named `zero` sell nothing, `flat` the same every day, others from 0 to 4."""
    path = tmp_path / "made_up"
    path.mkdir()
    rng, rows = np.random.default_rng(1), [head]
    for item in items:
        for day in range(days):
            sold = 0 if item == "zero" else 3 if item == "flat" else rng.integers(0, 5)
            rows.append(f"{item},{date(2024, 1, 1) + timedelta(days=day)},{sold}")
    (path / file).write_text("\n".join(rows), encoding="utf-8")
    return path


def test_one_item_under_other_names_beside_one_that_never_sold_is_measured(tmp_path: Path):
    path = folder(tmp_path, 150, "a", "zero", file="sales_2024.csv", head="item,ordered_at,value")
    task = Task.of(read(path))
    assert task.rows.tolist() == [0]
    window = task.origins(TUNING, TEST)
    told = ours(task, window)
    assert told.weeks.shape == (len(window), 1, 2)
    assert 0 < rmsse(task, window, told.weeks) < 2
    assert 0 < pinball(task, window, told.quantiles, 0) < 2


@pytest.mark.parametrize(
    ("days", "items", "why"),
    [
        (60, ["a", "b"], "covers 60 days"),
        (200, ["zero"], "no item with demand"),
        (210, ["flat"], "not always the same"),
    ],
)
def test_what_cannot_be_measured_is_said(tmp_path: Path, days: int, items: list[str], why: str):
    with pytest.raises(SystemExit, match=why):
        Task.of(read(folder(tmp_path, days, *items)))


def test_errors_of_nothing_have_a_ratio():
    assert (ratio(2.0, 4.0), ratio(0.0, 0.0), ratio(1.0, 0.0)) == (0.5, 1.0, float("inf"))
