"""Markets small enough to be looked through by hand, and the rules of `problem` written down a second time."""

from collections.abc import Iterator, Sequence
from decimal import Decimal
from itertools import product
from typing import Any

import numpy as np

from procurement.engine.data import exact
from procurement.engine.sourcing.cost import Purchase, total
from procurement.engine.sourcing.problem import Seller, SourcingProblem

INF = float("inf")


def seller(minimum: str = "0", fee: str = "0", free: str | None = None, **more: Any) -> Seller:
    return Seller(
        minimum_order_value=Decimal(minimum),
        delivery_fee=Decimal(fee),
        free_delivery_from=None if free is None else Decimal(free),
        **more,
    )


def sold(line: int, supplier: int, price: str | Sequence[tuple[str, str]], **more: Any) -> dict[str, Any]:
    tiers = [("1", price)] if isinstance(price, str) else price
    return {"line": line, "supplier": supplier, "tiers": tiers, **more}


def problem(
    need: Sequence[float], offers: Sequence[dict[str, Any]], sellers: Sequence[Seller], **more: Any
) -> SourcingProblem:
    """Offers as `sold` makes them; what they do not say has no limit."""
    offers = sorted(offers, key=lambda row: (row["line"], row["supplier"]))
    width = max((len(row["tiers"]) for row in offers), default=0)
    starts, prices = np.full((len(offers), width), INF), np.full((len(offers), width), np.nan)
    for at, row in enumerate(offers):
        for column, (start, price) in enumerate(row["tiers"]):
            starts[at, column], prices[at, column] = float(start), float(price)

    def column(name: str, default: Any, kind: type = float) -> np.ndarray:
        return np.array([row.get(name, default) for row in offers], dtype=kind)

    line = column("line", 0, np.int64)
    needs = np.array(need, dtype=np.float64)
    fields: dict[str, Any] = {
        "need": needs,
        "shortage_cost": np.full(len(needs), 1000.0),
        "spare_value": np.zeros(len(needs)),
        "need_by_days": np.full(len(needs), INF),
        "line": line,
        "supplier": column("supplier", 0, np.int64),
        "fills": np.maximum(column("fills", 0), needs[line] if len(line) else 0),
        "pack": column("pack", 1),
        "minimum": column("minimum", 0),
        "stock": column("stock", INF),
        "most": column("most", INF),
        "lead_time_days": column("days", 1),
        "tier_from": starts,
        "tier_price": prices,
        "incremental": column("incremental", False, np.bool_),
        "contract": column("contract", False, np.bool_),
        "dearer_by": column("dearer_by", 0),
        "sellers": tuple(sellers),
    }
    return SourcingProblem(**{**fields, **more})


def any_problem(seed: int, *, lines: int = 2, suppliers: int = 3, odd: bool = True) -> SourcingProblem:
    """`odd`: with stock that runs out, contracts, preferences and blocked suppliers."""
    rng = np.random.default_rng(seed)

    def maybe(chance: float, value: Any, other: Any) -> Any:
        return value if rng.random() < chance else other

    sellers = [
        seller(
            str(maybe(0.7, rng.integers(5, 40), 0)), str(maybe(0.7, rng.integers(1, 9), 0)),
            maybe(0.5, str(rng.integers(5, 60)), None), rate=Decimal(maybe(0.2, "0.8412", "1")),
            unreliability=Decimal(maybe(0.3, "0.02", "0")), blocked=odd and bool(maybe(0.1, True, False)),
            below_minimum_costs=maybe(0.3, Decimal(4), None),
        )
        for _ in range(suppliers)
    ]  # fmt: skip
    need = rng.integers(1, 9, lines)
    offers = []
    for line in range(lines):
        for supplier in range(suppliers):
            if rng.random() < 0.75:
                first = Decimal(int(rng.integers(50, 500))) / 100
                tiers = [("1", str(first))]
                if rng.random() < 0.5:
                    tiers.append((str(max(2, need[line] + rng.integers(-2, 4))), str(first * Decimal("0.8"))))
                offers.append(
                    sold(
                        line, supplier, sorted(tiers, key=lambda tier: int(tier[0])),
                        pack=rng.choice([1, 1, 2, 3]), minimum=rng.choice([0, 0, 2, 4]),
                        fills=need[line] + maybe(0.3, rng.integers(0, 4), 0),
                        stock=maybe(0.35 if odd else 0, rng.integers(0, 8), INF), most=maybe(0.2, need[line] + 1, INF),
                        days=rng.integers(1, 6), incremental=maybe(0.3, True, False),
                        contract=odd and maybe(0.1, True, False), dearer_by=maybe(0.1 if odd else 0, 0.05, 0),
                    )
                )  # fmt: skip
    worth = np.round(rng.random(lines) * maybe(0.5, 1.0, 0.0), 2)
    return problem(need, offers, sellers, need_by_days=np.full(lines, 4.0), spare_value=worth)


def covers(at: SourcingProblem, line: int) -> list[tuple[Purchase, ...]]:
    """Everything that may be bought for a line, quantity by quantity, as the problem's rules say it."""
    own = np.flatnonzero(at.line == line).tolist()
    allowed = [_quantities(at, k) for k in own]
    complete, short = [], []
    for quantities in product(*allowed):
        bought = [Purchase(k, q) for k, q in zip(own, quantities, strict=True) if q]
        if len(bought) > at.suppliers_a_line:
            continue
        (complete if _completes(at, line, bought) else short).append(tuple(bought))
    if not complete:
        most = max(_quantity(bought) for bought in short)
        complete = [bought for bought in short if _quantity(bought) == most]
    best = max(_contract_share(at, bought) for bought in complete)
    return [bought for bought in complete if _contract_share(at, bought) == best]


def _quantity(bought: Sequence[Purchase]) -> Decimal:
    return sum((p.quantity for p in bought), Decimal(0))


def _contract_share(at: SourcingProblem, bought: Sequence[Purchase]) -> Decimal:
    whole = _quantity(bought)
    return _quantity([p for p in bought if at.contract[p.offer]]) / whole if whole else Decimal(0)


def _all_it_has(at: SourcingProblem, k: int) -> Decimal | None:
    if np.isinf(at.stock[k]):
        return None
    pack = exact(at.pack[k])
    most = exact(at.stock[k]) // pack * pack
    return most if most >= exact(at.minimum[k]) else Decimal(0)


def _quantities(at: SourcingProblem, k: int) -> list[Decimal]:
    if at.sellers[at.supplier[k]].blocked:
        return [Decimal(0)]
    pack, limit = exact(at.pack[k]), _all_it_has(at, k)
    found = [Decimal(0)]
    quantity = pack
    while quantity <= 20 and (limit is None or quantity <= limit):
        if quantity >= exact(at.minimum[k]):
            found.append(quantity)
        quantity += pack
    return found


def _completes(at: SourcingProblem, line: int, bought: Sequence[Purchase]) -> bool:
    whole = _quantity(bought)
    if whole < exact(at.need[line]):
        return False
    for last in [None, *bought]:
        rest = [p for p in bought if p is not last]
        if all(p.quantity == _all_it_has(at, p.offer) for p in rest) and (
            last is None or _fits(at, last, _quantity(rest))
        ):
            return True
    return False


def _fits(at: SourcingProblem, last: Purchase, before: Decimal) -> bool:
    """The last one fills its need, and goes beyond it only for minimum, pack or up to `most`."""
    k = last.offer
    wanted = max(exact(at.fills[k]) - before, exact(at.minimum[k]))
    if last.quantity < wanted:
        return False
    return last.quantity - exact(at.pack[k]) < wanted or bool(float(last.quantity) <= at.most[k])


def cheapest(at: SourcingProblem) -> Decimal:
    """The least total of all combinations."""
    return min(total(at, [p for cover in chosen for p in cover]).total for chosen in combinations_of(at))


def combinations_of(at: SourcingProblem) -> Iterator[tuple[tuple[Purchase, ...], ...]]:
    return product(*(covers(at, line) for line in range(len(at))))
