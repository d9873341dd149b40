"""Finding a supplier's price tiers by asking the price of single quantities. Pure.

Prices that do not rise with quantity are assumed, as everybody who sells in tiers has them: where two quantities
cost the same, everything between costs that, too. Then halving every gap whose ends differ finds each tier's exact
start in whole packs, with about log2(packs in the gap) questions a tier.
"""

from collections.abc import Mapping
from decimal import Decimal
from itertools import pairwise

Tiers = tuple[tuple[Decimal, Decimal], ...]  # (from quantity, unit price), ascending


def first_questions(*, least: Decimal, most: Decimal, pack_size: Decimal, known: Tiers) -> list[Decimal]:
    """Both ends; and both sides of every tier known so far, so that an unchanged list is proved in one round."""
    asked = {least, max(least, most)}
    for start, _ in known:
        if start > least:
            asked |= {start, max(least, start - pack_size)}
    return sorted(asked)


def next_questions(prices: Mapping[Decimal, Decimal], pack_size: Decimal) -> list[Decimal]:
    """The middle of every gap whose ends differ in price. Empty: all is known."""
    middles = []
    for low, high in pairwise(sorted(prices)):
        packs = (high - low) // pack_size
        if prices[low] != prices[high] and packs > 1:
            middles.append(low + packs // 2 * pack_size)
    return middles


def tiers_of(prices: Mapping[Decimal, Decimal]) -> Tiers:
    """Equal neighbours are one tier."""
    tiers: list[tuple[Decimal, Decimal]] = []
    for quantity in sorted(prices):
        if not tiers or tiers[-1][1] != prices[quantity]:
            tiers.append((quantity, prices[quantity]))
    return tuple(tiers)
