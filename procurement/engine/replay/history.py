"""Past demand with the terms it was bought on, and the worlds made of it."""

from dataclasses import dataclass, field
from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

from procurement.engine.data import Bools, Floats
from procurement.engine.forecast.uncensored import uncensored
from procurement.engine.replay.buffer import Buffer
from procurement.engine.replay.lead_times import draw
from procurement.engine.replay.world import Unmet, World

LEAST_WEEKS = 8  # with demand before the replay: an item that hardly sold tells nothing
LEAST_DAYS = 28  # that count
WARM_UP_DAYS = 14
SAMPLE_SEED, DEALT_SEED = 1, 7


class TooLittleHistory(ValueError):
    """Nothing can be replayed; says what is missing."""


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class History:
    """n items, T days."""

    name: str
    skus: tuple[str, ...]
    names: tuple[str, ...]
    first: date
    demand: NDArray[np.floating]  # (n, T)
    price: Floats  # (n,)
    pack: Floats  # (n,)
    shelf_life: NDArray[np.int64]  # (n,) 0: it keeps
    supplier: NDArray[np.int64]  # (n,)
    lead_days: Floats  # (s,) usual ones; NaN: as the shapes have it
    promotion: Bools | None = None  # (n, T)
    sold_out: Bools | None = None  # (n, T)
    order_cost: float = 20.0
    review_days: int = 7
    currency: str = ""
    buffer: Buffer = field(default_factory=Buffer)  # of our plan, over the items
    assumed: tuple[str, ...] = field(default=())  # what nobody told and was therefore taken to be so

    def day(self, number: int) -> date:
        return self.first + timedelta(days=number)


@dataclass(frozen=True, slots=True, eq=False)
class Scene:
    """The items and days that are replayed, in worlds that differ in their draws of lead times only."""

    history: History
    rows: NDArray[np.int64]  # of the history's items
    eligible: int  # items that sold enough; `rows` are all of them, or evenly drawn ones
    worlds: list[World]

    @property
    def buffer(self) -> Buffer:
        return self.history.buffer.take(self.rows)


def scene(
    history: History,
    *,
    start: float,
    end: float = 1.0,
    seeds: int = 5,
    unmet: Unmet = Unmet.LOST,
    most_items: int = 500,
) -> Scene:
    """What counts lies between the shares `start` and `end` of the time. Raises `TooLittleHistory`."""
    total = history.demand.shape[1]
    stop, measured = int(total * end), int(total * start)
    begin = measured - WARM_UP_DAYS
    if stop - measured < LEAST_DAYS or begin < LEAST_WEEKS * 7:
        raise TooLittleHistory(
            f"{history.name} covers {total} days of demand. A replay needs at least {LEAST_WEEKS} weeks to learn from"
            f" and {LEAST_DAYS} days to replay: about {_least_days(start, end)} days."
        )
    weeks = history.demand[:, begin % 7 : begin].reshape(len(history.demand), -1, 7).sum(axis=2)
    eligible = np.flatnonzero((weeks > 0).sum(axis=1) >= LEAST_WEEKS)
    if not len(eligible):
        raise TooLittleHistory(
            f"{history.name} has no item with demand in {LEAST_WEEKS} weeks before {history.day(begin)}."
        )
    rows = eligible
    if len(eligible) > most_items:
        rows = np.sort(np.random.default_rng(SAMPLE_SEED).choice(eligible, most_items, replace=False))
    demand = history.demand[rows, :stop].astype(np.float64)
    censored = None if history.sold_out is None else history.sold_out[rows, :stop]
    suppliers = len(history.lead_days)

    def world(seed: int) -> World:
        return World(
            demand=demand if censored is None else uncensored(demand, censored)[0],
            price=history.price[rows],
            pack=history.pack[rows],
            shelf_life=history.shelf_life[rows],
            supplier=history.supplier[rows],
            lead_time=_lead_times(history.lead_days, draw(suppliers, stop, seed + 1)),
            order_cost=history.order_cost,
            begin=begin,
            measured=measured,
            review_days=history.review_days,
            unmet=unmet,
            censored=censored,
            promotion=None if history.promotion is None else history.promotion[rows, :stop],
        )

    return Scene(history, rows, len(eligible), [world(seed) for seed in range(seeds)])


def dealt(items: int, suppliers: int) -> NDArray[np.int64]:
    """Items dealt to suppliers, where nobody says who delivers what. (n,)"""
    return np.random.default_rng(DEALT_SEED).integers(0, suppliers, items)


def _lead_times(usual: Floats, drawn: NDArray[np.int64]) -> NDArray[np.int64]:
    """Shapes have a median of about three days; a supplier that is usually slower is so in proportion."""
    stretch = np.where(np.isfinite(usual), usual / 3.0, 1.0)
    return np.maximum(np.rint(drawn * stretch[:, None]), 1).astype(np.int64)


def _least_days(start: float, end: float) -> int:
    return int(max((LEAST_WEEKS * 7 + WARM_UP_DAYS) / start, LEAST_DAYS / (end - start))) + 1
