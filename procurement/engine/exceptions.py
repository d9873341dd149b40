"""What of a plan did not go as it should for an item, by name, and what to do about it.

Shape in a requirement: {"kind": "no_supplier", "words": "Nobody offers it.", "remedy": "Load a catalogue ..."}
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum


class Kind(StrEnum):
    """In the order in which somebody should look at them."""

    BAD_FIGURES = "bad_figures"
    TOO_LARGE = "too_large"
    DUPLICATE = "duplicate"
    NO_SUPPLIER = "no_supplier"
    NO_RATE = "no_rate"
    NO_PRICE = "no_price"
    MINIMUM_TOO_LARGE = "minimum_too_large"
    LIMITED = "limited"
    SHORT_SUPPLY = "short_supply"
    LASTS_LONG = "lasts_long"
    NEGATIVE_DEMAND = "negative_demand"
    FUTURE_DEMAND = "future_demand"
    GAP = "gap"
    FORECASTER_FAILED = "forecaster_failed"
    NO_HISTORY = "no_history"
    SHORT_HISTORY = "short_history"


LABELS = {
    Kind.BAD_FIGURES: "Figures that are no numbers",
    Kind.TOO_LARGE: "Figures beyond belief",
    Kind.DUPLICATE: "Items that are there twice",
    Kind.NO_SUPPLIER: "Nobody offers it",
    Kind.NO_RATE: "No exchange rate",
    Kind.NO_PRICE: "No price known",
    Kind.MINIMUM_TOO_LARGE: "Minimum too large",
    Kind.LIMITED: "Less than needed, by a limit",
    Kind.SHORT_SUPPLY: "Suppliers have too little",
    Kind.LASTS_LONG: "Would last very long",
    Kind.NEGATIVE_DEMAND: "Returns in the demand",
    Kind.FUTURE_DEMAND: "Demand of days to come",
    Kind.GAP: "A gap in the history",
    Kind.FORECASTER_FAILED: "Not forecast as set up",
    Kind.NO_HISTORY: "No history",
    Kind.SHORT_HISTORY: "Very short history",
}


@dataclass(frozen=True, slots=True)
class PlanException:
    kind: Kind
    words: str  # a sentence
    remedy: str  # what to do about it, a sentence

    def as_row(self) -> dict[str, str]:
        return {**asdict(self), "kind": self.kind.value}

    @classmethod
    def read(cls, row: Mapping[str, str]) -> "PlanException":
        return cls(Kind(row["kind"]), row["words"], row["remedy"])


Told = Mapping[str, Sequence[PlanException]]  # by sku


def exceptions_together(*all_of_them: Told) -> dict[str, tuple[PlanException, ...]]:
    found: dict[str, tuple[PlanException, ...]] = {}
    for told in all_of_them:
        for sku, exceptions in told.items():
            found[sku] = (*found.get(sku, ()), *exceptions)
    return found
