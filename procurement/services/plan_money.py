"""What a plan counts other currencies with, and a sentence for whatever it had to leave out because of that."""

from collections import Counter
from collections.abc import Iterable, Sequence
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


OffersSeen = list[tuple[int, str, int]]  # supplier's id, currency, how many


def offers_seen(offers: Offers, suppliers: Sequence[Supplier]) -> OffersSeen:
    """To be kept with a part of a run."""
    found = Counter(zip(offers.supplier.tolist(), offers.currency, strict=True))
    return [(suppliers[row].pk, currency, count) for (row, currency), count in sorted(found.items())]


def left_out(seen: Iterable[OffersSeen], known: RatesKnown, suppliers: Sequence[Supplier]) -> list[str]:
    """A sentence a supplier and currency whose offers cannot be compared."""
    found: Counter[tuple[int, str]] = Counter()
    for of_part in seen:
        for pk, currency, count in of_part:
            found[pk, currency] += count
    by_pk = {supplier.pk: supplier for supplier in suppliers}
    said = []
    for (pk, currency), count in sorted(found.items()):
        if (supplier := by_pk.get(pk)) is None:
            continue
        if currency != supplier.currency:
            why = f"priced in {currency}, while its orders are in {supplier.currency}"
        elif why := known.problem(currency):
            why = f"sold in {currency}, and {why}"
        else:
            continue
        offers = "1 offer" if count == 1 else f"{count:,} offers"
        said.append(f"{offers} of {supplier.name} {'was' if count == 1 else 'were'} left out: {why}.")
    return said
