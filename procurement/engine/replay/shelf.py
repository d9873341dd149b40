"""Stock by age. What spoils first is sold first."""

import numpy as np
from numpy.typing import NDArray

from procurement.engine.data import Floats


class Shelf:
    """On hand of n items; those with a shelf life in batches by the days they have left. Units."""

    def __init__(self, shelf_life: NDArray[np.int64]) -> None:
        self.on_hand: Floats = np.zeros(len(shelf_life))
        self._spoils = np.flatnonzero(shelf_life > 0)
        self._life = shelf_life[self._spoils]
        # Column: days left after today
        self._batches = np.zeros((len(self._spoils), int(self._life.max(initial=0))))

    def put(self, quantity: Floats) -> None:
        """Arrived fresh this morning, or bought today."""
        self.on_hand += quantity
        self._batches[np.arange(len(self._spoils)), self._life - 1] += quantity[self._spoils]

    def take(self, wanted: Floats) -> Floats:
        """As much of it as is there."""
        taken = np.minimum(wanted, self.on_hand)
        self.on_hand -= taken
        running = np.cumsum(self._batches, axis=1)
        gone = np.minimum(running, taken[self._spoils][:, None])
        self._batches = np.diff(running - gone, axis=1, prepend=0.0)
        return taken

    def end_day(self) -> Floats:
        """Throw away what cannot be sold tomorrow; how much that is."""
        wasted = np.zeros(len(self.on_hand))
        if len(self._spoils):
            wasted[self._spoils] = self._batches[:, 0]
            self._batches = np.concatenate([self._batches[:, 1:], np.zeros((len(self._spoils), 1))], axis=1)
            self.on_hand = self.on_hand - wasted
            self.on_hand[self._spoils] = self._batches.sum(axis=1)  # no rounding is left behind
        return wasted
