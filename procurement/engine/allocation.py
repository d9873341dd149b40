"""How safe each item should be, so that a given stock value prevents the most stock-outs.

A pound of buffer for a cheap item that sells steadily prevents more stock-outs than one for a dear and lumpy one. The
fewest stock-outs for a budget are reached where the last pound prevents equally many for every item (marginal
analysis; Silver, Pyke & Thomas, Inventory and Production Management in Supply Chains, 4th ed., ch. 6: minimise the
expected number of stock-out occasions subject to a budget).
"""

import numpy as np

from procurement.engine.data import Floats

LEAST = 0.5
RAREST = 1e-9  # chance of a shortage; nobody knows less
STEPS = 60  # halvings of the range that the price of a stock-out may lie in


def spread_service(probabilities: Floats, quantiles: Floats, price: Floats, mean_service: float) -> Floats:
    """Service level of each item: their mean is `mean_service`, and their stock worth as little as that allows. (n,)

    probabilities (P,) ascending; quantiles (n, P) of demand over the protection interval, in units; price (n,) of a
    unit. Each item takes the p that maximises p - slope * price * quantile(p); the slope is found by halving.
    """
    cost = quantiles * np.maximum(price, 0.0)[:, None]
    cost = cost - cost[:, :1]
    dearest = float(cost.max(initial=0.0))
    if not len(quantiles) or dearest <= 0:
        return np.full(len(quantiles), mean_service)
    low, high = np.log(1e-9 / dearest), np.log(1e9 / dearest)
    for _ in range(STEPS):
        middle = (low + high) / 2
        if _chosen(probabilities, cost, np.exp(middle)).mean() > mean_service:
            low = middle
        else:
            high = middle
    # Between the two sides of the last step, so that the mean is met although each item moves in steps.
    above, below = (_chosen(probabilities, cost, np.exp(edge)) for edge in (low, high))
    gap = float(above.mean() - below.mean())
    share = np.clip((mean_service - below.mean()) / gap, 0.0, 1.0) if gap > 0 else 0.0
    return np.asarray(below + share * (above - below))


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
