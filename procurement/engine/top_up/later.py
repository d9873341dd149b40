"""Waiting until enough is due by itself, or having another supplier deliver: both may come too late for the stock."""

from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal

from procurement.engine.top_up.facts import FARTHEST, Elsewhere, OpenLine, SoonDue, Threshold, Way
from procurement.engine.top_up.words import days_words
from suppliers.packing import pack_up, plain_money
from suppliers.prices import cost

CENT = Decimal("0.01")
NAMED = 3  # of what runs out


def wait(
    threshold: Threshold, short: Decimal, soon: Sequence[SoonDue], lines: Sequence[OpenLine], currency: str
) -> Way | None:
    """The first day on which enough is due: more of what is in the order, and what becomes due until then."""
    a_day = sum((line.daily * line.unit_price for line in lines), Decimal(0))
    for days in range(1, FARTHEST + 1):
        due = sum((_usual_value(item) for item in soon if item.days <= days), Decimal(0))
        if days * a_day + due >= short:
            return _waited(threshold, days, lines, currency)
    return None


def _usual_value(item: SoonDue) -> Decimal:
    usual = pack_up(item.batch, pack_size=item.pack_size, minimum=item.minimum).quantity
    return cost(item.tiers, min(usual, item.most), incremental=item.incremental) if item.most else Decimal(0)


def _waited(threshold: Threshold, days: int, lines: Sequence[OpenLine], currency: str) -> Way:
    missed, out = _run_out(lines, [line.arrives[days] for line in lines])
    words = f"Wait {days_words(days)}: then enough is due by itself"
    words += "." if out else ", and at the demand expected nothing runs out."
    if out:
        words += (
            f" Without stock meanwhile: {out}; goods for {plain_money(missed, currency)} would be missed."
        )
    return Way(kind="wait", net=threshold.saves - missed, days=days, words=words)


def _run_out(lines: Sequence[OpenLine], arrives: Sequence[int]) -> tuple[Decimal, str]:
    """What is missed where the lines arrive that late, in money and in words."""
    out = [
        (line, days)
        for line, at in zip(lines, arrives, strict=True)
        if (days := line.without(at)) and line.daily
    ]
    missed = sum((line.missed(days) for line, days in out), Decimal(0)).quantize(CENT, ROUND_HALF_UP)
    listed = ", ".join(f"{line.name} for {days_words(days)}" for line, days in out[:NAMED])
    return missed, listed + (f" and {len(out) - NAMED} more" if len(out) > NAMED else "")


def move(
    here: Decimal, lines: Sequence[OpenLine], elsewhere: Sequence[Elsewhere], currency: str
) -> Way | None:
    """To the cheapest, with what is missed where its goods arrive later than stock lasts."""
    if not elsewhere:
        return None
    out = {other.code: _run_out(lines, _arrivals(other, lines)) for other in elsewhere}
    best = min(elsewhere, key=lambda other: (other.total + out[other.code][0], other.code))
    missed, named = out[best.code]
    than = "as much as here"
    if best.total != here:
        difference = plain_money(abs(best.total - here), currency)
        than = f"{difference} {'more' if best.total > here else 'less'} than here"
    delivery = "nothing more for delivery"
    if best.saved:
        delivery = f"and saves {plain_money(best.saved, currency)} of delivery there"
    elif best.charges:
        delivery = f"with {plain_money(best.charges, currency)} for delivery"
    words = f"Move all lines to {best.supplier}: {plain_money(best.total, currency)}, {delivery}, {than}."
    if named:
        words += f" It arrives later: without stock {named}; goods for {plain_money(missed, currency)} would be missed."
    return Way(kind="move", net=here - best.total - missed, elsewhere=best, words=words)


def _arrivals(other: Elsewhere, lines: Sequence[OpenLine]) -> list[int]:
    if not other.lines:
        return [line.arrives[0] for line in lines]
    return [moved.arrives for moved in other.lines]
