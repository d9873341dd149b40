"""Records as they came, with the codes and units of their system, to records of our items in our units."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

from procurement.models import SourceAccount
from procurement.services.codes.resolving import Found, Item, Unmatched, items_by_code
from procurement.sources.base import CustomerOrderRecord, DemandRecord, RowError, StockRecord

Told = TypeVar("Told", DemandRecord, CustomerOrderRecord, StockRecord)
MOST_KEPT = 200_000  # codes; a file may name any number


@dataclass(frozen=True, slots=True)
class Trouble:
    """A record that cannot be taken over, or is taken over without, as its code or unit is not understood."""

    line: int
    found: Unmatched
    description: str = ""

    def error(self) -> RowError:
        found = self.found
        return RowError(self.line, found.column, found.value or found.code, found.words)


@dataclass(slots=True)
class Translator:
    """For the records of one file or page. What a code means is asked once, so it is no longer kept than that."""

    account: SourceAccount | None
    troubles: list[Trouble] = field(default_factory=list)  # of codes that are ignored, too
    _known: dict[str, Found] = field(default_factory=dict)

    def records(self, told: Sequence[Told]) -> list[Told]:
        """Those of our items. Lines of customer orders stay all in their place, marked where they are none of ours."""
        self.look_up(record.sku for record in told)
        return [ours for record in told if (ours := self._record(record)) is not None]

    def look_up(self, codes: Iterable[str]) -> None:
        if missing := set(codes) - self._known.keys():
            if len(self._known) > MOST_KEPT:
                self._known.clear()
            self._known |= items_by_code(self.account, missing, units=True)

    def meaning(self, code: str) -> Found:
        if code not in self._known:
            self.look_up([code])
        return self._known[code]

    def _record(self, told: Told) -> Told | None:
        found = self.meaning(told.sku)
        if isinstance(found, Item) and not (found.code or found.factor or told.unit):
            return told  # as nearly all are
        named = _named(told, found) if isinstance(found, Item) else found
        if not isinstance(named, Unmatched):
            return named
        trouble = Trouble(told.line, named, getattr(told, "description", ""))
        self.troubles.append(trouble)
        if not isinstance(told, CustomerOrderRecord):
            return None
        return replace(told, refused=None if named.ignored else trouble.error(), ignored=named.ignored)


def _named(told: Told, item: Item) -> Told | Unmatched:
    """The record under our code, in our unit."""
    amounts: dict[str, Any] = {}
    for name in ("quantity", "shipped_quantity", "on_hand"):
        value = getattr(told, name, None)
        if value is not None:
            ours = item.quantity(value, told.unit)
            if isinstance(ours, Unmatched):
                return ours
            amounts[name] = ours
    if not isinstance(told, DemandRecord):
        return replace(told, **amounts, sku=item.sku, unit=item.unit if told.unit else "", code=item.code)
    return replace(told, **amounts, sku=item.sku, unit=item.unit if told.unit else "")
