"""Sourcing instances, made from a seed: lines to buy, and suppliers with tier prices, packs, minimums and fees.

They are shaped after what is known of real price lists and invoices: a price falls with the quantity by an exponent
of -0.017 (at the tenfold quantity by 4 %); a delivery fee is about a tenth of an order of 250; suppliers' prices of
one item differ by some percent. Every supplier has an order minimum, and they are the same whether few suppliers
share the lines or many do. docs/sourcing.md describes them in words. How much is bought (`SIZES`) was set on seeds 1
to 15 so that the best plan costs about 3 % less than the cheapest per line with few suppliers and 16 % less with
twenty.
"""

from collections.abc import Sequence
from decimal import Decimal

import numpy as np

from procurement.engine.sourcing.problem import Seller, SourcingProblem

# Lines, suppliers, value of a line
SIZES = {
    "50x5": (50, 5, 30.0),
    "200x8": (200, 8, 14.0),
    "200x20": (200, 20, 25.0),
}
SLOPE = -0.017  # d log price / d log quantity
BREAKS = np.array([1.0, 10.0, 50.0, 200.0])
OFFERED = 0.6  # share of the lines that a supplier sells
SPREAD = 0.05  # of suppliers' prices of one item, lognormal
LEVEL = 0.02  # of how dear a supplier is on the whole, lognormal
PACKS = np.array([1.0, 1.0, 1.0, 5.0, 6.0, 10.0, 12.0])
MINIMUM = (100, 400)
FEE = (15, 35)
FREE_FROM = (2.0, 5.0)  # times the minimum, for half of the suppliers
EURO = Decimal("0.8412")


def instance(
    lines: int, suppliers: int, line_value: float, seed: int, *, prices: Sequence[float] = ()
) -> SourcingProblem:
    """`prices`: list prices to draw the items' from; else lognormal about 4. One supplier a line has all it needs."""
    rng = np.random.default_rng([lines, suppliers, seed])
    base = rng.choice(np.asarray(prices), lines) if len(prices) else np.exp(rng.normal(np.log(4), 1.0, lines))
    need = np.maximum(1, np.round(np.exp(rng.normal(np.log(line_value), 0.7, lines)) / base))
    sells = rng.random((lines, suppliers)) < OFFERED
    sells[np.arange(lines), rng.integers(0, suppliers, lines)] = True  # somebody sells every item
    line, supplier = np.nonzero(sells)
    sellers = tuple(_seller(rng, f"Supplier {at + 1}") for at in range(suppliers))
    rate = np.array([float(seller.rate) for seller in sellers])
    level = np.exp(rng.normal(0, LEVEL, suppliers))
    price = base[line] * level[supplier] * np.exp(rng.normal(0, SPREAD, len(line))) / rate[supplier]
    pack = rng.choice(PACKS, len(line))
    pack = np.where(pack > need[line], 1.0, pack)
    return SourcingProblem(
        need=need,
        shortage_cost=10 * base,
        spare_value=np.zeros(lines),
        need_by_days=rng.integers(3, 15, lines).astype(float),
        line=line,
        supplier=supplier,
        fills=need[line],
        pack=pack,
        minimum=np.where(rng.random(len(line)) < 0.2, 2 * pack, pack),
        stock=np.full(len(line), np.inf),
        most=np.full(len(line), np.inf),
        lead_time_days=rng.integers(1, 8, suppliers)[supplier].astype(float),
        tier_from=np.tile(BREAKS, (len(line), 1)),
        tier_price=np.maximum(np.round(price[:, None] * BREAKS**SLOPE, 4), 0.0001),
        incremental=rng.random(len(line)) < 0.1,
        contract=np.zeros(len(line), dtype=np.bool_),
        dearer_by=np.zeros(len(line)),
        sellers=sellers,
    )


def _seller(rng: np.random.Generator, name: str) -> Seller:
    minimum = int(rng.integers(*MINIMUM))
    free = Decimal(round(minimum * rng.uniform(*FREE_FROM)))
    return Seller(
        name=name,
        minimum_order_value=Decimal(minimum),
        delivery_fee=Decimal(int(rng.integers(*FEE))),
        free_delivery_from=free if rng.random() < 0.5 else None,
        rate=EURO if rng.random() < 0.25 else Decimal(1),
        unreliability=Decimal(int(rng.integers(0, 11))) / 1000,
    )
