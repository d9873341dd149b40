"""Adding what is needed anyway soon: the batches that are cheapest to hold."""

from collections.abc import Iterable, Mapping, Sequence
from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_UP, Decimal

from procurement.engine.top_up.facts import FARTHEST, Added, SoonDue, Threshold, Way
from procurement.engine.top_up.words import days_words
from suppliers.packing import pack_up, plain, plain_money
from suppliers.prices import cost

CENT = Decimal("0.01")
YEAR = 365
TRIED = 1_000  # pack counts, before the answer that certainly holds is taken


def holding_cost(item: SoonDue, quantity: Decimal, rate: Decimal) -> Decimal:
    """Of having so much now. rate: a year, as a share of the price."""
    value = cost(item.tiers, quantity, incremental=item.incremental)
    batches = (quantity / item.batch).to_integral_value(ROUND_FLOOR)
    # Whole batches 0 .. batches - 1, and what is left of the last one: days earlier, weighed by units.
    whole = item.batch * (batches * item.earlier + item.cycle_days * batches * (batches - 1) / 2)
    rest = (quantity - batches * item.batch) * (item.earlier + item.cycle_days * batches)
    return (value / quantity * rate * (whole + rest) / YEAR).quantize(CENT, ROUND_HALF_UP)


def add(
    threshold: Threshold, short: Decimal, soon: Sequence[SoonDue], rate: Decimal, currency: str
) -> Way | None:
    """The cheapest to hold: batch after batch in the order in which they will be due, whichever items they are of.

    With any number of batches taken, any one item may be what brings the rest; the best of all these is taken.
    """
    items = {item.key: item for item in soon if item.most > 0}
    taken: dict[int, Decimal] = {}
    found: list[dict[int, Decimal]] = []
    for key, quantity in _batches(items.values()):
        found += _endings(items, taken, short)
        taken[key] = quantity
    found += _endings(items, taken, short)
    plans = [
        [_added(items[key], quantity, rate) for key, quantity in plan.items() if quantity] for plan in found
    ]
    if not plans:
        return None
    lines = sorted(min(plans, key=lambda plan: _burden(plan)), key=lambda line: (line.days, line.name))
    return Way(
        kind="add",
        net=threshold.saves - _burden(lines)[0],
        lines=tuple(lines),
        words=_add_words(lines, currency),
    )


def _batches(items: Iterable[SoonDue]) -> list[tuple[int, Decimal]]:
    """(item, how much of it with this batch), in the order in which the batches are due."""
    due: list[tuple[int, str, int, Decimal]] = []
    for item in items:
        for batch in range(1 + max(0, FARTHEST - item.days) // item.cycle_days):
            wanted = pack_up(
                item.batch * (batch + 1), pack_size=item.pack_size, minimum=item.minimum
            ).quantity
            due.append((item.days + batch * item.cycle_days, item.name, item.key, min(wanted, item.most)))
    return [(key, quantity) for _, _, key, quantity in sorted(due)]


def _endings(
    items: Mapping[int, SoonDue], taken: Mapping[int, Decimal], short: Decimal
) -> list[dict[int, Decimal]]:
    """What is taken with one item changed to what is still missing."""
    worth = {
        key: cost(items[key].tiers, quantity, incremental=items[key].incremental)
        for key, quantity in taken.items()
    }
    in_all = sum(worth.values(), Decimal(0))
    found = []
    for key, item in items.items():
        missing = short - in_all + worth.get(key, Decimal(0))
        quantity = Decimal(0) if missing <= 0 else least_worth(item, missing)
        if quantity is not None:
            found.append({**taken, key: quantity})
    return found


def _burden(lines: Iterable[Added]) -> tuple[Decimal, Decimal]:
    """Holding cost, then value: the less of it the better."""
    added = list(lines)
    return sum((line.holding for line in added), Decimal(0)), sum((line.value for line in added), Decimal(0))


def least_worth(item: SoonDue, value: Decimal) -> Decimal | None:
    """The least that can be bought for at least so much money; None where `most` does not come to it."""

    def worth(quantity: Decimal) -> bool:
        return cost(item.tiers, quantity, incremental=item.incremental) >= value

    least = pack_up(item.minimum, pack_size=item.pack_size, minimum=item.minimum).quantity
    dearest = max(price for _, price in item.tiers)
    if dearest <= 0 or least > item.most:
        return None
    start = max(least, (value / dearest / item.pack_size).to_integral_value(ROUND_CEILING) * item.pack_size)
    for packs in range(TRIED):
        quantity = start + packs * item.pack_size
        if quantity > item.most:
            return None
        if worth(quantity):
            return quantity
    return item.most if worth(item.most) else None


def _added(item: SoonDue, quantity: Decimal, rate: Decimal) -> Added:
    return Added(
        key=item.key,
        name=item.name,
        days=item.days,
        quantity=quantity,
        value=cost(item.tiers, quantity, incremental=item.incremental).quantize(CENT, ROUND_HALF_UP),
        holding=holding_cost(item, quantity, rate),
    )


def _add_words(lines: Sequence[Added], currency: str) -> str:
    days = sorted({line.days for line in lines})
    due = f"in {days[0]} to {days[-1]} days" if len(days) > 1 else f"in {days_words(days[0])}"
    if days[0] == 0:
        due = f"within {days_words(days[-1])}" if len(days) > 1 else "today"
    listed = ", ".join(f"{plain(line.quantity)} x {line.name}" for line in lines)
    value, holding = (
        plain_money(sum((getattr(line, name) for line in lines), Decimal(0)), currency)
        for name in ("value", "holding")
    )
    items = f"These {len(lines)} items you need" if len(lines) > 1 else "This item you need"
    return f"{items} {due} anyway: add {listed} for {value}; holding cost {holding}."
