"""What a plan's choice of suppliers saves, and how sure that is, in words and as bars for its page."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from procurement.engine.sourcing import Sourcing
from suppliers.packing import plain_money

CENT = Decimal("0.01")
SMALL_GAP = Decimal("0.0001")
KEPT = ("paid", "total", "bound", "quick", "each_line_cheapest", "one_main_supplier")


@dataclass(frozen=True, slots=True)
class Bar:
    label: str
    amount: Decimal
    more: Decimal  # than the plan


@dataclass(frozen=True, slots=True)
class SourcingTold:
    sentences: tuple[str, ...]
    bars: tuple[Bar, ...]
    most: Decimal  # the longest bar
    exceptions: tuple[str, ...]


def sourcing_kept(sourcing: Sourcing, suppliers: Mapping[int, str], currency: str) -> dict[str, Any]:
    """As a run keeps it; empty where nothing was bought. `suppliers`: names, by their row."""
    figures = sourcing.figures
    if not figures.paid:
        return {}
    return {
        "currency": currency,
        **{name: str(getattr(figures, name)) for name in KEPT},
        "to_add": str(figures.to_add),
        "gap": f"{figures.gap:.6f}",
        "main_supplier": suppliers.get(figures.main_supplier, ""),
        "note": figures.note,
        "exceptions": list(sourcing.exceptions),
    }


def sourcing_told(kept: Mapping[str, Any]) -> SourcingTold | None:
    """Of what a run kept. The totals compared also count what is not paid, so the bars show what is paid for the plan,
    and on top of it how much more each other way to buy comes to.
    """
    if not kept:
        return None
    amounts = {name: Decimal(kept[name]) for name in KEPT}
    paid, total, currency = amounts["paid"], amounts["total"], kept["currency"]
    main = f"from one main supplier ({kept['main_supplier']})" if kept["main_supplier"] else ""
    others = [
        (
            "Each line where it is cheapest",
            "bought line by line where each is cheapest",
            "each_line_cheapest",
        ),
        (f"One main supplier, {kept['main_supplier']}", main, "one_main_supplier"),
    ]
    bars = [Bar("This plan", paid, Decimal(0))]
    said = []
    for label, words, name in others:
        if words:
            more = amounts[name] - total
            bars.append(Bar(label, paid + more, more))
            said.append(f"{words} {_more(more, paid, currency)}")
    first = f"These orders cost {plain_money(paid, currency)} with delivery"
    if to_add := Decimal(kept.get("to_add", 0)):
        first += f", {plain_money(to_add, currency)} of it for goods still to be added for minimums or free delivery"
    sentences = [f"{first}; {', and '.join(said)}." if said else f"{first}.", _gap(Decimal(kept["gap"]))]
    if kept["note"]:
        sentences.append(kept["note"])
    return SourcingTold(tuple(sentences), tuple(bars), max(b.amount for b in bars), tuple(kept["exceptions"]))


def _more(more: Decimal, paid: Decimal, currency: str) -> str:
    if more < CENT:
        return "it would be the same"
    return f"it would be {plain_money(more, currency)} ({more / (paid + more):.1%}) more"


def _gap(gap: Decimal) -> str:
    if gap <= SMALL_GAP:
        return "It is proved that no other choice of suppliers is cheaper."
    return f"It is proved that no other choice of suppliers could be more than {gap:.1%} cheaper."
