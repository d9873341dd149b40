"""Who gets how much of what comes, where a line goes to several sites: pure functions.

The supplier says how much of a line it delivers, not which site gets less. So there is one rule, and everything that
asks (the message, the plan, the receiving page) asks here.
"""

from collections.abc import Sequence
from decimal import Decimal

ZERO = Decimal(0)


def allotted(asked: Sequence[Decimal], total: Decimal, *, pack: Decimal) -> list[Decimal]:
    """`total` in proportion to what was asked, in whole packs; the rest goes to the first. Adds up to `total`."""
    whole = sum(asked, ZERO)
    if total == whole:
        return list(asked)
    others = [total * part // (whole * pack) * pack for part in asked[1:]]
    return [total - sum(others, ZERO), *others]


def outstanding(allotted: Sequence[Decimal], received: Sequence[Decimal]) -> list[Decimal]:
    """Still to come to each. What one got too much of is missing at the others, the last one first.

    Adds up to what is missing of the whole, and is never below zero.
    """
    missing = [max(ZERO, part - here) for part, here in zip(allotted, received, strict=True)]
    left = max(ZERO, sum(allotted, ZERO) - sum(received, ZERO))
    too_much = sum(missing, ZERO) - left
    for place in reversed(range(len(missing))):
        taken = min(missing[place], too_much)
        missing[place] -= taken
        too_much -= taken
    return missing
