"""A peer for the replay: the mean of AutoETS and a normal safety stock, reviewed as we are.

Its forecasts are kept in the folder for temporary files, under a hash of the weeks they are made from and of the
version that made them: they are the same for every draw of lead times, and another run needs not wait for them again.
"""

import hashlib
import os
import tempfile
import warnings
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from procurement.engine.replay import Seen, World

BACK_TESTED_WEEKS = 26  # before the replay: the first errors that its deviation comes from
WEEKS_AHEAD = 2

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class AutoEtsForecasts:
    """Made once from all demand up to each week: what customers wanted, also where the shelf was empty."""

    offset: int  # days before the first whole week
    weekly: Floats  # (n, J)
    told: dict[int, Floats]  # by the number of weeks known: (n, 2) the two to come

    @classmethod
    def of(cls, world: World) -> "AutoEtsForecasts":
        offset = world.begin % 7
        whole = (world.demand.shape[1] - offset) // 7
        weekly = world.demand[:, offset : offset + whole * 7].reshape(len(world.demand), -1, 7).sum(axis=2)
        first = max((world.begin - offset) // 7 - BACK_TESTED_WEEKS, 8)
        return cls(offset, weekly, {at: _forecast(weekly[:, :at]) for at in range(first, whole + 1)})

    def errors(self, known: int) -> Floats:
        """Of forecasts whose fortnight was over by then. (origins, n)"""
        return np.array(
            [
                self.weekly[:, at : at + WEEKS_AHEAD].sum(axis=1) - told.sum(axis=1)
                for at, told in self.told.items()
                if at + WEEKS_AHEAD <= known
            ]
        )


def _forecast(weekly: Floats) -> Floats:
    made = hashlib.sha256(np.ascontiguousarray(weekly).tobytes())
    made.update(f"{weekly.shape} {version('statsforecast')} {version('numpy')}".encode())
    kept = Path(tempfile.gettempdir()) / "procurement-auto-ets" / f"{made.hexdigest()}.npy"
    if kept.exists():
        return np.asarray(np.load(kept))
    told = _fitted(weekly)
    kept.parent.mkdir(exist_ok=True)
    partial = kept.with_suffix(f".{os.getpid()}.npy")
    np.save(partial, told)
    partial.rename(kept)
    return told


def _fitted(weekly: Floats) -> Floats:
    import pandas as pd
    from statsforecast import StatsForecast
    from statsforecast.models import AutoETS, Naive

    os.environ["NIXTLA_ID_AS_COL"] = "1"
    parts = []
    for row, series in enumerate(weekly):
        begun = series[np.argmax(series > 0) :]
        parts.append(pd.DataFrame({"unique_id": row, "ds": np.arange(len(begun)), "y": begun}))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        panel = StatsForecast(models=[AutoETS(season_length=1)], freq=1, n_jobs=2, fallback_model=Naive())
        told = panel.forecast(df=pd.concat(parts), h=WEEKS_AHEAD).sort_values(["unique_id", "ds"])
    return np.nan_to_num(told["AutoETS"].to_numpy().reshape(len(weekly), WEEKS_AHEAD))


@dataclass(slots=True, eq=False)
class AutoEts:
    """(R, S) with S = mean + z * deviation over lead time and review period (Silver, Pyke & Thomas ch. 6.7 and 6.10):
    the deviation is that of its own past errors, and that of the lead time.
    """

    world: World
    forecasts: AutoEtsForecasts
    z: float

    def levels(self, seen: Seen) -> Floats:
        known = (seen.day - self.forecasts.offset) // 7
        week = self.forecasts.told[known]
        sigma = np.sqrt((self.forecasts.errors(known) ** 2).mean(axis=0))
        lead = np.array([past.mean() for past in seen.lead_times])[self.world.supplier]
        spread = np.array([past.std() for past in seen.lead_times])[self.world.supplier]
        horizon = lead + self.world.review_days
        mean = week[:, 0] + week[:, 1] * (horizon - 7) / 7
        daily = week.mean(axis=1) / 7
        return np.maximum(mean + self.z * np.sqrt(sigma**2 * horizon / 14 + (daily * spread) ** 2), 0.0)

    def missed(self, day: int) -> NDArray[np.bool_]:
        return np.zeros(self.world.lead_time.shape[0], dtype=np.bool_)
