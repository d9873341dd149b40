"""Codes in a file that people load: understood while it is read, kept with the file's name where they are not."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from django.db import transaction
from django.db.models import Count, Max

from procurement.services.codes.resolving import Found, Item, Unmatched, items_by_code, mapped_codes
from procurement.services.codes.translating import Told, Translator
from procurement.services.codes.waiting import Waits, waiting_replace
from procurement.sources.base import CustomerOrderRecord, DemandRecord, Record, RowError, StockRecord

CODED = (DemandRecord, CustomerOrderRecord, StockRecord)
MOST_KEPT = 10_000  # codes of one file; who does not know so many has another problem


@dataclass(slots=True)
class FileCodes:
    """Of one file. `keep` writes what was not understood, once it has been read."""

    _translator: Translator = field(default_factory=lambda: Translator(None))
    _waits: dict[str, Waits] = field(default_factory=dict)

    def items(self, codes: Iterable[str]) -> dict[str, Found]:
        return items_by_code(None, codes, units=True)

    def records(self, told: Sequence[Told]) -> tuple[list[Told], list[RowError]]:
        """In our codes and units; what is refused. Lines of customer orders carry their refusals themselves."""
        ours, errors = self._translator.records(told), list[RowError]()
        for trouble in self._translator.troubles:
            self.note(trouble.found, trouble.description)
            if not trouble.found.ignored and not isinstance(told[0], CustomerOrderRecord):
                errors.append(trouble.error())
        self._translator.troubles.clear()
        return ours, errors

    def keyed(self, key: Callable[[Any], str]) -> Callable[[Any], str]:
        """The writer's key of a record, in our code: what several codes tell of an item comes together."""

        def by_our_code(record: Any) -> str:
            found = self._translator.meaning(record.sku)
            return key(replace(record, sku=found.sku) if isinstance(found, Item) and found.code else record)

        return by_our_code

    def groups(self, told: Sequence[Sequence[Told]]) -> tuple[list[list[Told]], list[RowError]]:
        """`records` of every group; without those of which nothing is left."""
        self._translator.look_up(record.sku for group in told for record in group)
        found = [self.records(group) for group in told]
        return [ours for ours, _ in found if ours], [error for _, errors in found for error in errors]

    def look_up(self, told: Iterable[Record | RowError]) -> None:
        self._translator.look_up(one.sku for one in told if isinstance(one, CODED))

    def note(self, found: Unmatched, description: str = "") -> None:
        """A row named this."""
        if known := self._waits.get(found.code):
            told = found if found.unit else known.found  # a unit can be explained, a quantity cannot
            self._waits[found.code] = replace(known, found=told, rows=known.rows + 1)
        elif len(self._waits) < MOST_KEPT:
            self._waits[found.code] = Waits("", found, description=description)

    def written(self, waits: Sequence[Waits]) -> None:
        """What turned out only when it was written."""
        for one in waits:
            self.note(one.found, one.description)

    @transaction.atomic
    def keep(self, file_name: str) -> None:
        """In place of what a file of this name left before."""
        waits = [replace(one, external_id=file_name) for one in self._waits.values()]
        waiting_replace(entries=[file_name], waits=waits)


def file_codes_stamp() -> str:
    """Another one after people have said something else about codes in files."""
    said = mapped_codes(None).aggregate(last=Max("mapped_at"), count=Count("pk"))
    return f"{said['count']} {said['last'].isoformat() if said['last'] else ''}"


@transaction.atomic
def file_codes_refused(*, file_name: str, refused: Mapping[str, int]) -> None:
    """What a file was refused for: codes with their numbers of rows, in place of what it left before."""
    found = items_by_code(None, refused)
    waits = [
        Waits(file_name, one, rows=refused[code])
        for code, one in found.items()
        if isinstance(one, Unmatched) and not one.ignored
    ]
    waiting_replace(entries=[file_name], waits=waits)
