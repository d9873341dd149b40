"""How far demand over a horizon may lie from its forecast: quantiles of the sum, from what was missed in the past."""

from dataclasses import dataclass
from statistics import NormalDist

import numpy as np

from procurement.engine.data import Bools, Floats, Ints

LEAST = 0.05  # units; a forecast of nothing has a spread all the same
EVIDENCE = 8.0  # past forecasts' worth of belief in how items of this size spread
ENOUGH = 20  # own errors; with fewer only those of like items are looked at
GROUPS = 5
GRID = np.array([0.5, 0.6, 0.7, 0.8, 0.85, 0.9, 0.925, 0.95, 0.965, 0.975, 0.985, 0.99, 0.995, 0.999])
NORMAL = np.array([NormalDist().inv_cdf(probability) for probability in GRID.tolist()])
POISSON, STEADY = 0.0, -30.0  # log dispersion where no forecast was ever judged, and where none ever erred
ALIKE = 1e-6  # log sizes that lie closer together tell no slope


@dataclass(frozen=True, slots=True, eq=False)
class Shape:
    """What the errors of all items look like: how spread grows with size, and quantiles by how lumpy an item is."""

    slope: float  # log dispersion = base + slope * log forecast
    base: float
    edges: Floats  # (GROUPS - 1,) of relative spread
    quantiles: Floats  # (GROUPS, grid) of standardised errors

    def dispersion(self, forecast: Floats) -> Floats:
        return np.asarray(np.exp(self.base + self.slope * np.log(np.maximum(forecast, LEAST))))

    def quantile(self, relative_spread: Floats, probability: Floats) -> Floats:
        """Of each item's standardised error at its own probability. (n,), (n,) -> (n,)"""
        group = np.searchsorted(self.edges, relative_spread)
        out = np.empty(len(group))
        for number, row in enumerate(self.quantiles):
            at = group == number
            out[at] = np.interp(probability[at], GRID, row)
        return out


def own_dispersion(errors: Floats, forecasts: Floats, judged: Bools) -> tuple[Floats, Ints]:
    """Mean of error^2 / forecast, and of how many. (n, J) -> (n,)"""
    count = judged.sum(axis=1)
    size = np.maximum(forecasts, LEAST)
    squares = np.where(judged, errors**2 / size, 0.0).sum(axis=1)
    return squares / np.maximum(count, 1), count


def shape_of(errors: Floats, forecasts: Floats, judged: Bools) -> Shape:
    """(n, J) each. A group with few errors looks like all items, and these like a normal spread if they are few."""
    own, count = own_dispersion(errors, forecasts, judged)
    size = np.where(judged, forecasts, 0.0).sum(axis=1) / np.maximum(count, 1)
    slope, base = _growth(own, count, size)
    shape = Shape(slope, base, np.full(GROUPS - 1, np.inf), np.zeros((GROUPS, len(GRID))))
    spread = shrunk(own, count, size, shape)
    scaled = errors / np.sqrt(np.maximum(spread, 1e-12)[:, None] * np.maximum(forecasts, LEAST))
    relative = np.sqrt(spread / np.maximum(size, LEAST))
    seen = count > 0
    edges = np.quantile(relative[seen], np.linspace(0, 1, GROUPS + 1)[1:-1]) if seen.any() else shape.edges
    group = np.searchsorted(edges, relative)
    pooled = _quantiles(scaled[judged], NORMAL)
    rows = [_quantiles(scaled[(group == number)[:, None] & judged], pooled) for number in range(GROUPS)]
    return Shape(slope, base, edges, np.array(rows))


def _growth(own: Floats, count: Ints, size: Floats) -> tuple[float, float]:
    """Least squares of log dispersion on log size: slope and base."""
    told = (count >= ENOUGH) & (own > 0)
    if told.sum() >= 30:
        across, up = np.log(np.maximum(size[told], LEAST)), np.log(own[told])
        away = across - across.mean()
        slope = float(away @ up / (away @ away)) if np.abs(away).max() > ALIKE else 0.0
        return slope, float(up.mean() - slope * across.mean())
    if (own > 0).any():
        return 0.0, float(np.log(own[own > 0].mean()))
    return 0.0, STEADY if count.any() else POISSON


def _quantiles(errors: Floats, otherwise: Floats) -> Floats:
    """At GRID; of fewer than can tell a spread, what is known otherwise."""
    return np.asarray(np.quantile(errors, GRID)) if len(errors) >= ENOUGH else otherwise


def shrunk(own: Floats, count: Ints, size: Floats, shape: Shape) -> Floats:
    return (count * own + EVIDENCE * shape.dispersion(size)) / (count + EVIDENCE)


def buffers_of(
    errors: Floats,
    forecasts: Floats,
    judged: Bools,
    now: Floats,
    shape: Shape,
    probabilities: Floats,
    alive: Floats | None = None,
) -> Floats:
    """What must be there beyond the forecast `now` (n,) so that it suffices with each probability. -> (n, P)

    `alive` (n,), in (0, 1]: the chance that there is any demand at all, which `now` is multiplied by already. Demand is
    then nothing with chance 1 - alive, else now / alive with its spread, and all of it stays below what suffices with
    chance p where what is alive does with chance 1 - (1 - p) / alive.
    """
    if alive is None:
        alive = np.ones(len(now))
    sold = now / alive
    own, count = own_dispersion(errors, forecasts, judged)
    spread = shrunk(own, count, sold, shape)
    ordered = np.sort(np.where(judged, errors, np.inf), axis=1)
    out = np.empty((len(count), len(probabilities)))
    for column, probability in enumerate(probabilities):
        still = np.maximum(1 - (1 - probability) / alive, 0.0)
        above = _above(ordered, count, sold, spread, shape, still)
        # Below the median the errors tell little: from there on straight to nothing.
        out[:, column] = (sold + above) * np.minimum(2 * still, 1.0) - now
    return np.maximum(out, 0.0)


def _above(
    ordered: Floats, count: Ints, now: Floats, spread: Floats, shape: Shape, probability: Floats
) -> Floats:
    """What demand stays below with each item's probability, less its forecast; at least 0. (n,)

    Half from the item's own errors: the ceil(p * (m + 1))-th smallest of m, which covers the next one with
    probability p or more if they are exchangeable (Vovk, Gammerman & Shafer 2005). Half from the standardised errors of
    items that are as lumpy, which know more about what is rare.
    """
    size = np.maximum(now, LEAST)
    pooled = shape.quantile(np.sqrt(spread / size), probability) * np.sqrt(spread * size)
    rank = np.minimum(np.ceil(probability * (count + 1)).astype(np.int64), count) - 1
    picked = ordered[np.arange(len(count)), np.clip(rank, 0, None)]
    own = np.maximum(np.where(np.isfinite(picked), picked, 0.0), 0.0)
    return np.maximum(np.where(count >= ENOUGH, 0.5 * pooled + 0.5 * own, pooled), 0.0)


def low_error(errors: Floats, judged: Bools, probability: float) -> Floats:
    """What with this probability even more was missed, downwards, of the own errors; at most 0. (n, J) -> (n,)"""
    count = judged.sum(axis=1)
    ordered = np.sort(np.where(judged, errors, np.inf), axis=1)
    rank = np.clip(np.floor(probability * (count + 1)).astype(np.int64) - 1, 0, None)
    picked = ordered[np.arange(len(count)), rank]
    return np.minimum(np.where(np.isfinite(picked), picked, 0.0), 0.0)
