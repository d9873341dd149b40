"""PAR levels: so many days' cover of what was sold lately, as they are set by hand in a spreadsheet."""

from dataclasses import dataclass, field

import numpy as np

from procurement.engine.data import Bools, Floats
from procurement.engine.replay.world import Seen

LOOKED_AT_DAYS = 56
RESET_AFTER = 8  # reviews
MISSED_SHARE = 0.25


@dataclass(slots=True, eq=False)
class Par:
    """*Disciplined*: set anew every 8 reviews from the last 8 weeks, no review missed. *Neglected*: set once, a quarter
    of the reviews missed. The factor it is swept over is `cover_days`.
    """

    cover_days: float
    suppliers: int
    neglected: bool
    missed_seed: int = 1
    _reviews: int = 0
    _levels: Floats = field(default_factory=lambda: np.zeros(0))

    def levels(self, seen: Seen) -> Floats:
        if self._reviews == 0 or (not self.neglected and self._reviews % RESET_AFTER == 0):
            recent = seen.demand[:, -LOOKED_AT_DAYS:]
            self._levels = self.cover_days * recent.sum(axis=1) / recent.shape[1]
        self._reviews += 1
        return self._levels

    def missed(self, day: int) -> Bools:
        if not self.neglected:
            return np.zeros(self.suppliers, dtype=np.bool_)
        draws = np.random.default_rng([self.missed_seed, day]).random(self.suppliers)
        missed: Bools = draws < MISSED_SHARE
        return missed
