"""What a plan counts other currencies with, and a sentence for whatever it had to leave out because of that."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

from procurement.engine.data import Offers
from suppliers.models import Supplier
from suppliers.packing import plain
from suppliers.selectors import RatesKnown


def rates_used(known: RatesKnown, suppliers: Sequence[Supplier]) -> dict[str, Any]:
    """To be kept with the run: by currency, of those that suppliers sell in."""
    return {
        rate.currency: {"value": plain(rate.value), "date": rate.date.isoformat(), "source": rate.source}
        for rate in known.usable.values()
        if rate.currency in {supplier.currency for supplier in suppliers}
    }


class LeftOut:
    """Offers that cannot be compared, counted by supplier and currency."""

    def __init__(self, known: RatesKnown, suppliers: Sequence[Supplier]) -> None:
        self._known, self._suppliers = known, suppliers
        self._found: Counter[tuple[int, str]] = Counter()

    def look(self, offers: Offers) -> None:
        self._found.update(zip(offers.supplier.tolist(), offers.currency, strict=True))

    def notes(self) -> list[str]:
        said = []
        for (row, currency), count in sorted(self._found.items()):
            supplier = self._suppliers[row]
            if currency != supplier.currency:
                why = f"priced in {currency}, while its orders are in {supplier.currency}"
            elif why := self._known.problem(currency):
                why = f"sold in {currency}, and {why}"
            else:
                continue
            offers = "1 offer" if count == 1 else f"{count:,} offers"
            said.append(f"{offers} of {supplier.name} {'was' if count == 1 else 'were'} left out: {why}.")
        return said
