"""One way chosen for every line, and what changing some of them would save."""

from dataclasses import dataclass

import numpy as np

from procurement.engine.data import Bools, Floats, Ints
from procurement.engine.sourcing.prices import OrderTerms
from procurement.engine.sourcing.ways import Ways

GAIN = 1e-6  # a saving below this is rounding
ROUNDING = 6  # decimals to which costs are compared, so that equal ones are equal


@dataclass(slots=True, eq=False)
class Assignment:
    """`chosen` is a row of the ways for each line. Kept in step with it: each order's goods and number of parts."""

    ways: Ways
    terms: OrderTerms
    chosen: Ints  # (L,)
    goods: Floats  # (S + 1,)
    parts: Ints  # (S + 1,)

    @classmethod
    def of(cls, ways: Ways, terms: OrderTerms, chosen: Ints) -> "Assignment":
        suppliers = ways.supplier[chosen].ravel()
        size = len(terms.minimum)
        goods = np.bincount(suppliers, ways.goods[chosen].ravel(), size).astype(np.float64)
        return cls(ways, terms, chosen.copy(), goods, np.bincount(suppliers, minlength=size).astype(np.int64))

    def copy(self) -> "Assignment":
        return Assignment(self.ways, self.terms, self.chosen.copy(), self.goods.copy(), self.parts.copy())

    def paid(self) -> float:
        every = np.arange(len(self.goods))
        return float(self.terms.cost(every, self.goods, self.parts).sum())

    def total(self) -> float:
        """With what is counted and not paid."""
        return self.paid() + float(self.ways.extra[self.chosen].sum())

    def used(self) -> Bools:
        """(S,) which suppliers have an order."""
        return self.parts[:-1] > 0

    def changes(self) -> Floats:
        """What the total would change by if a line were covered in this way instead. -> (W,)"""
        ways, terms, line = self.ways, self.terms, self.ways.line
        now = self.chosen
        value = ways.extra - ways.extra[now][line]
        before = terms.cost(np.arange(len(self.goods)), self.goods, self.parts)
        old_supplier, old_goods = ways.supplier[now], ways.goods[now]  # (L, p)
        left = self.goods[old_supplier] - old_goods
        # (L, p)
        leaving = terms.cost(old_supplier, left, self.parts[old_supplier] - 1) - before[old_supplier]
        value += leaving.sum(axis=1)[line]
        for column in range(ways.supplier.shape[1]):
            supplier = ways.supplier[:, column]
            base, count = self.goods[supplier], self.parts[supplier]
            undo = np.zeros(len(ways))
            for other in range(ways.supplier.shape[1]):
                same = supplier == old_supplier[:, other][line]
                base = base - np.where(same, old_goods[:, other][line], 0.0)
                count = count - same
                undo = undo + np.where(same, leaving[:, other][line], 0.0)
            # What leaving saved is not saved where the new way stays with the supplier.
            stays = terms.cost(supplier, base + ways.goods[:, column], count + 1) - before[supplier]
            value += stays - undo
        return value

    def change(self, line: int, way: int) -> float:
        """The same for one line, in plain numbers: quicker than an array of one."""
        goods: dict[int, float] = {}
        parts: dict[int, int] = {}
        for row, sign in ((self.chosen[line], -1), (way, 1)):
            for supplier, value in zip(
                self.ways.supplier[row].tolist(), self.ways.goods[row].tolist(), strict=True
            ):
                goods[supplier] = goods.get(supplier, 0.0) + sign * value
                parts[supplier] = parts.get(supplier, 0) + sign
        difference = float(self.ways.extra[way] - self.ways.extra[self.chosen[line]])
        for supplier, more in goods.items():
            difference += self._cost(supplier, more, parts[supplier]) - self._cost(supplier, 0.0, 0)
        return difference

    def _cost(self, supplier: int, more: float, parts: int) -> float:
        if self.parts[supplier] + parts <= 0:
            return 0.0
        goods = float(self.goods[supplier]) + more
        value = max(goods, float(self.terms.minimum[supplier]))
        dear = min(value, goods + float(self.terms.below[supplier])) + float(self.terms.fee[supplier])
        return min(dear, max(value, float(self.terms.free_from[supplier])))

    def choose(self, line: int, way: int) -> None:
        for row, sign in ((self.chosen[line], -1), (way, 1)):
            of_way = zip(self.ways.supplier[row].tolist(), self.ways.goods[row].tolist(), strict=True)
            for supplier, goods in of_way:
                self.goods[supplier] += sign * goods
                self.parts[supplier] += sign
        self.chosen[line] = way


def best_of_lines(ways: Ways, value: Floats) -> tuple[Ints, Floats]:
    """Of each line the way with the least value, the first of equals, and that value. -> (L,), (L,)"""
    value = np.round(value, ROUNDING)
    least = np.minimum.reduceat(value, ways.begins[:-1])
    at = np.flatnonzero(value == least[ways.line])
    first = np.searchsorted(ways.line[at], np.arange(len(least)))
    return at[first], least
