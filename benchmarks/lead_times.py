"""Do learned lead times hold? Each delivery is foretold from those that had come before it was ordered.

A data folder holds `po_lines.csv[.gz]` with the columns vendor, item, po_sent, scheduled_delivery and delivered; days
are written 2-Jun-06 or 11/13/06. Lines without a day of sending count as sent 90 days before they were scheduled, as
only how much they differ from the schedule is learned. The first 60 % by schedule are for tuning.
No bar: of the deliveries 90 % should take no longer than "up to".
"""

import argparse
import csv
import gzip
import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

from suppliers.calendars import WorkingDays
from suppliers.lead_times import ENOUGH, learned

WEEK = WorkingDays("1111100")
TUNING = 0.60
USUAL = timedelta(days=90)
FORMS = ("%d-%b-%y", "%m/%d/%y")


class Delivery(NamedTuple):
    scheduled: date
    sent: date
    came: date
    vendor: str
    item: str


def read(folder: Path) -> list[Delivery]:
    plain = folder / "po_lines.csv"
    content = plain.read_bytes() if plain.exists() else gzip.decompress(Path(f"{plain}.gz").read_bytes())
    return sorted(_deliveries(csv.DictReader(content.decode("utf-8-sig").splitlines())))


def _deliveries(rows: Iterable[dict[str, str]]) -> Iterator[Delivery]:
    for row in rows:
        scheduled, came, sent = (_day(row[name]) for name in ("scheduled_delivery", "delivered", "po_sent"))
        if scheduled and came:
            yield Delivery(scheduled, sent or scheduled - USUAL, came, row["vendor"], row["item"])


def _day(text: str) -> date | None:
    for form in FORMS:
        try:
            return datetime.strptime(text, form).date()  # noqa: DTZ007 a day
        except ValueError:
            continue
    return None


def working_days(first: date, last: date) -> int:
    return int(WEEK.between(first, last)) if last >= first else -int(WEEK.between(last, first))


def shares(deliveries: list[Delivery]) -> dict[str, dict[str, float]]:
    """Of the deliveries of both windows, the share that took no longer than each said."""
    of_vendor, of_item = defaultdict(list), defaultdict(list)
    within: dict[str, Counter[str]] = {"tuning": Counter(), "test": Counter()}
    for number, one in enumerate(deliveries):
        stated, took = working_days(one.sent, one.scheduled), working_days(one.sent, one.came)
        others = Counter(days for came, days in of_vendor[one.vendor] if came < one.sent)
        if others.total() >= ENOUGH:
            own = Counter(stated + days for came, days in of_item[one.vendor, one.item] if came < one.sent)
            seen = within["tuning" if number < TUNING * len(deliveries) else "test"]
            seen.update(
                deliveries=1,
                up_to=took <= learned(stated=stated, own=own, others=others).late,
                up_to_by_supplier_only=took <= learned(stated=stated, own={}, others=others).late,
                stated=took <= stated,
            )
        of_vendor[one.vendor].append((one.came, took - stated))
        of_item[one.vendor, one.item].append((one.came, took - stated))
    return {window: _shares(seen) for window, seen in within.items()}


def _shares(seen: Counter[str]) -> dict[str, float]:
    number = seen.pop("deliveries")
    return {"deliveries": number, **{name: round(count / max(number, 1), 3) for name, count in seen.items()}}


def main() -> None:
    wanted = argparse.ArgumentParser(description=__doc__)
    wanted.add_argument("--data", type=Path, required=True, help="folder with po_lines.csv[.gz]")
    wanted.add_argument("--json", action="store_true", help="one JSON object as the last line")
    given = wanted.parse_args()
    found = shares(read(given.data))
    if given.json:
        print(json.dumps({"bench": "lead_times", "data": given.data.name, "bars": [], "shares": found}))
        return
    for window, told in found.items():
        print(f"{window}: {told['deliveries']} deliveries; took no longer than")
        for name in ("up_to", "up_to_by_supplier_only", "stated"):
            print(f"  {name.replace('_', ' '):25} {told[name]:.1%}")


if __name__ == "__main__":
    main()
