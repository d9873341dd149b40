"""What trouble with a supplier costs, as a share of the goods' value. Pure.

    cost = sum over the three kinds of trouble: share of it * what one costs

Few cases say little, so each share is drawn towards that of all suppliers, as if 20 more cases had gone as usual:
(bad + 20 * usual) / (cases + 20), the mean of a beta distribution with that prior (Gelman et al., Bayesian Data
Analysis, ch. 2.4).
"""

from collections.abc import Iterable
from dataclasses import astuple, dataclass
from decimal import Decimal

PRIOR = 20  # cases
FEW = 20  # fewer are said to be few


@dataclass(frozen=True, slots=True)
class TrackRecord:
    orders: int = 0
    rejected: int = 0
    lines: int = 0
    cut: int = 0
    deliveries: int = 0
    late: int = 0

    @property
    def kinds(self) -> tuple[tuple[int, int], tuple[int, int], tuple[int, int]]:
        """(bad, of how many): orders rejected, lines cut, deliveries late."""
        return (self.rejected, self.orders), (self.cut, self.lines), (self.late, self.deliveries)

    @property
    def words(self) -> str:
        said = [
            f"{bad} of {cases} {what}"
            for (bad, cases), what in zip(
                self.kinds, ("orders rejected", "lines cut", "deliveries late"), strict=True
            )
            if cases
        ]
        return ", ".join(said) or "no order yet"

    @property
    def is_small(self) -> bool:
        return self.orders < FEW


@dataclass(frozen=True, slots=True)
class TroubleCosts:
    """What one case costs, as a share of the value of the goods it concerns."""

    rejected_order: Decimal
    cut_line: Decimal
    late_delivery: Decimal


def usual_of(records: Iterable[TrackRecord]) -> TrackRecord:
    """All suppliers' together."""
    return TrackRecord(*(sum(column) for column in zip(*map(astuple, records), strict=True)))


def shrunk(bad: int, cases: int, usual: Decimal) -> Decimal:
    return (bad + PRIOR * usual) / (cases + PRIOR)


def shares(record: TrackRecord, usual: TrackRecord) -> tuple[Decimal, ...]:
    """Of orders rejected, lines cut, deliveries late; drawn towards the usual."""
    return tuple(
        shrunk(bad, cases, Decimal(all_bad) / all_cases if all_cases else Decimal(0))
        for (bad, cases), (all_bad, all_cases) in zip(record.kinds, usual.kinds, strict=True)
    )


def unreliability(record: TrackRecord, usual: TrackRecord, costs: TroubleCosts) -> Decimal:
    """As a share of the goods' value, to a hundredth of a percent."""
    prices = costs.rejected_order, costs.cut_line, costs.late_delivery
    told = zip(shares(record, usual), prices, strict=True)
    return sum((share * price for share, price in told), Decimal(0)).quantize(Decimal("0.0001"))
