"""How safe each item should be, so that a given stock value prevents the most stock-outs.

A pound of buffer for a cheap item that sells steadily prevents more stock-outs than one for a dear and lumpy one. The
fewest stock-outs for a budget are reached where the last pound prevents equally many for every item (marginal
analysis; Silver, Pyke & Thomas, Inventory and Production Management in Supply Chains, 4th ed., ch. 6: minimise the
expected number of stock-out occasions subject to a budget).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from procurement.engine.arrays import Floats

LEAST = 0.5
RAREST = 1e-9  # chance of a shortage; nobody knows less
SELLING_DAYS = 112  # looked at
STEPS = 60  # halvings of the range that the price of a stock-out may lie in


@dataclass(frozen=True, slots=True)
class ServicePrice:
    """What one certain stock-out prevented is worth, in stock: 1 / slope. Each item finds its level by it alone.

    Items move in steps, so two slopes close to each other stand on either side of the mean that is wanted; the level is
    the `share` of the way between what they come to.
    """

    low: float  # the slope that makes items safer
    high: float
    share: float  # 0: as by `high`; 1: as by `low`

    def levels(self, probabilities: Floats, cost: Floats) -> Floats:
        """probabilities (P,) ascending; cost (n, P) of the stock that each asks for -> (n,)"""
        above, below = (_chosen(probabilities, cost, slope) for slope in (self.low, self.high))
        return np.asarray(below + self.share * (above - below))


def service_price(
    probabilities: Floats, cost: Floats, mean_service: float, steps: int = STEPS
) -> ServicePrice | None:
    """By which the items' mean level is `mean_service`, as far as `probabilities` go. cost (n, P), from 0 on.

    None where nothing costs anything. `steps` halve a range of e^41: with 24 the two slopes are 2.5e-6 apart.
    """
    dearest = float(cost.max(initial=0.0))
    if not len(cost) or dearest <= 0:
        return None
    low, high = np.log(1e-9 / dearest), np.log(1e9 / dearest)
    for _ in range(steps):
        middle = (low + high) / 2
        if _chosen(probabilities, cost, np.exp(middle)).mean() > mean_service:
            low = middle
        else:
            high = middle
    above, below = (_chosen(probabilities, cost, np.exp(edge)) for edge in (low, high))
    gap = float(above.mean() - below.mean())
    share = np.clip((mean_service - below.mean()) / gap, 0.0, 1.0) if gap > 0 else 0.0
    return ServicePrice(float(np.exp(low)), float(np.exp(high)), float(share))


def selling_weeks(demand: NDArray[np.floating]) -> Floats:
    """Chance that an item sells in a week, by the newest days on which it did; never quite 0. (n, T) -> (n,)

    An item that is rarely asked for is rarely missed: the same chance of running out until the next delivery comes to
    fewer days on which customers go without.
    """
    newest = demand[:, -SELLING_DAYS:]
    share = ((newest > 0).sum(axis=1) + 1) / (newest.shape[1] + 7)
    return np.asarray(1 - (1 - share) ** 7)


def spread_service(
    probabilities: Floats, quantiles: Floats, price: Floats, mean_service: float, worth: Floats
) -> Floats:
    """Service level of each item: their mean is `mean_service`, and their stock worth as little as that allows. (n,)

    probabilities (P,) ascending; quantiles (n, P) of demand over the protection interval, in units; price (n,) of a
    unit; worth (n,) of a stock-out prevented, see `selling_weeks`. Each item takes the p that maximises
    p - slope * price * quantile(p) / worth; the slope is found by halving.
    """
    cost = quantiles * (np.maximum(price, 0.0) / worth)[:, None]
    cost = cost - cost[:, :1]
    price_of_service = service_price(probabilities, cost, mean_service)
    if price_of_service is None:
        return np.full(len(quantiles), mean_service)
    return price_of_service.levels(probabilities, cost)


def filling_service(price: Floats, mean_service: float) -> Floats:
    """Service level of each item: their mean is `mean_service`, and the fewest units are short for what stock is worth.

    One more unit of an item prevents 1 - p units short, and costs its price: where the last pound prevents equally many
    for every item, 1 - p = slope * price. price (n,) -> (n,)
    """
    dearest = float(price.max(initial=0.0))
    if dearest <= 0:
        return np.full(len(price), mean_service)
    low, high = np.log(RAREST / dearest), np.log(1e9 / dearest)
    for _ in range(STEPS):
        middle = (low + high) / 2
        if np.clip(1.0 - np.exp(middle) * price, LEAST, 1.0 - RAREST).mean() > mean_service:
            low = middle
        else:
            high = middle
    return np.asarray(np.clip(1.0 - np.exp(low) * price, LEAST, 1.0 - RAREST))


def _chosen(probabilities: Floats, cost: Floats, slope: float) -> Floats:
    worth = probabilities - slope * cost
    return np.asarray(probabilities[worth.shape[1] - 1 - np.argmax(worth[:, ::-1], axis=1)])
