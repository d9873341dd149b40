"""A file of many order lines, made from one of fewer: again and again, under new order numbers and earlier days."""

import csv
import gzip
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from itertools import count, islice
from pathlib import Path
from typing import IO

from procurement.sources.file_kinds import KINDS, plain_name

APART = timedelta(weeks=104)  # of one repetition and the next, so that their days do not fall together
DATES, NUMBERS = {"ordered_on", "date"}, {"number"}


@contextmanager
def opened(path: Path) -> Iterator[IO[str]]:
    unpack = gzip.open if path.suffix == ".gz" else open
    with unpack(path, "rt", encoding="utf-8", newline="") as file:
        yield file


def found(data: Path) -> Path:
    """The file itself, or the order lines in a folder."""
    if data.is_file():
        return data
    names = [f"{name}.csv{packed}" for name in ("order_lines", "demand") for packed in (".gz", "")]
    return next(data / name for name in names if (data / name).exists())


def columns(header: list[str], kind: str) -> dict[str, int]:
    """Where a file of this kind has each of our columns."""
    meant = {name: column.name for column in KINDS[kind].columns for name in column.names()}
    return {meant[plain_name(name)]: at for at, name in enumerate(header) if plain_name(name) in meant}


def write(data: Path, target: Path, lines: int) -> None:
    with target.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        with opened(data) as read:
            writer.writerow(next(csv.reader(read)))
        writer.writerows(islice(_rows(data), lines))


def _rows(data: Path) -> Iterator[list[str]]:
    for turn in count():
        with opened(data) as file:
            reader = csv.reader(file)
            header = next(reader)
            orders = columns(header, "customer_orders")
            dates = [at for name, at in orders.items() if name in DATES]
            numbers = [at for name, at in orders.items() if name in NUMBERS]
            for row in reader:
                for at in dates if turn else ():
                    day = date.fromisoformat(row[at][:10]) - turn * APART
                    row[at] = day.isoformat() + row[at][10:]
                for at in numbers if turn else ():
                    row[at] = f"{row[at]}-{turn}"
                yield row
