"""Nixtla's statsforecast in place of our forecaster. Needs the extra `statsforecast`.

The history is added up to intervals as long as the one to be covered, so that one step ahead is the sum that is asked
for, and the model's own interval around that step gives its quantiles (temporal aggregation; Nikolopoulos et al. 2011).
"""

from typing import Any

import numpy as np

from procurement.engine.data import Floats

MOST_BUCKETS = 104  # older ones tell little and take long


class AutoETS:
    """Exponential smoothing, its form chosen by corrected AIC an item (Hyndman et al. 2002)."""

    name = "statsforecast AutoETS"

    def quantiles(self, demand: Floats, horizon_days: int, probabilities: Floats) -> Floats:
        import pandas as pd
        from statsforecast import StatsForecast
        from statsforecast.models import AutoETS as Model
        from statsforecast.models import Naive

        sold = demand.sum(axis=1) > 0
        out = np.zeros((len(demand), len(probabilities)))
        if not sold.any():
            return out
        number = min(demand.shape[1] // horizon_days, MOST_BUCKETS)
        if number < 2:
            return np.full_like(out, np.nan)  # too short a history for this: ours knows better
        last = demand[sold, demand.shape[1] - number * horizon_days :]
        sums = last.reshape(len(last), number, horizon_days).sum(axis=2)
        frame = pd.concat(
            pd.DataFrame({"unique_id": row, "ds": np.arange(len(begun)), "y": begun})
            for row, begun in enumerate(_begun(series) for series in sums)
        )
        model = StatsForecast(models=[Model(season_length=1)], freq=1, fallback_model=Naive())
        widths = np.round(np.abs(2 * probabilities - 1) * 100, 6)
        levels: Any = sorted({float(width) for width in widths if width > 0})
        told = model.forecast(df=frame, h=1, level=levels).reset_index().sort_values("unique_id")
        for column, (probability, width) in enumerate(zip(probabilities, widths, strict=True)):
            side = "hi" if probability > 0.5 else "lo"
            name = f"AutoETS-{side}-{float(width)}" if width > 0 else "AutoETS"
            out[sold, column] = told[name].to_numpy()
        return np.maximum.accumulate(np.maximum(out, 0.0), axis=1)


def _begun(series: Floats) -> Floats:
    """From the first interval with demand on, but of two at least."""
    begun: Floats = series[min(int(np.argmax(series > 0)), len(series) - 2) :]
    return begun
