"""Our plan and the two PAR baselines on the same worlds, each swept over its factor, compared at equal stock value."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

import numpy as np

from procurement.engine.data import Floats
from procurement.engine.replay.buffer import LEAST, MOST, Buffer
from procurement.engine.replay.outcome import Outcome
from procurement.engine.replay.par import Par
from procurement.engine.replay.planned import Known, Outlook, Planned
from procurement.engine.replay.run import replay
from procurement.engine.replay.world import Policy, Unmet, World

COVERS = (10.0, 14.0, 21.0, 28.0, 40.0)  # days that PAR is swept over
COMPARED = (14.0, 21.0, 28.0)  # at the stock values that PAR comes to with these
SHOWN = 21.0  # the one whose figures are shown in full
SERVICES = (0.55, 0.7, 0.8, 0.85, 0.9, 0.95, 0.975, 0.99)
STEPS = 7  # service levels that are replayed where each needs forecasts of its own
NEAR = 0.02  # a stock value as good as equal
TRIES = 3
OPEN = Buffer()


class Rule(StrEnum):
    PLAN = "plan"
    DISCIPLINED = "disciplined"
    NEGLECTED = "neglected"


BASELINES = (Rule.DISCIPLINED, Rule.NEGLECTED)


@dataclass(frozen=True, slots=True, eq=False)
class Point:
    rule: Rule
    seed: int  # number of the world
    factor: float  # service level, or days of cover
    outcome: Outcome


@dataclass(frozen=True, slots=True, eq=False)
class Study:
    points: Sequence[Point]
    equal: dict[Rule, Point]  # on the first world, at the stock value of disciplined PAR with `SHOWN`

    def curve(self, rule: Rule, seed: int) -> list[Point]:
        """By stock value."""
        own = [point for point in self.points if point.rule is rule and point.seed == seed]
        return sorted(own, key=lambda point: point.outcome.value)

    @property
    def seeds(self) -> list[int]:
        return sorted({point.seed for point in self.points})


Figure = Callable[[Outcome], float]
Progress = Callable[[float], None]


def study(
    worlds: Sequence[World],
    *,
    buffer: Buffer = OPEN,
    progress: Progress = lambda share: None,
) -> Study:
    """Worlds differ in their draws only. `buffer`: of our plan. `progress` gets the share that is done,
    and may raise to end it.
    """
    seen_alike: dict[int, Outlook] = {}
    points: list[Point] = []
    factors: Sequence[float] = ()
    equal: dict[Rule, Point] = {}
    for seed, world in enumerate(worlds):
        done = _Share(progress, seed / len(worlds), 1 / len(worlds), world)
        alike = Known(seen_alike)

        def played(
            rule: Rule, factor: float, *, on: World, number: int, told: _Share, alike: Known = alike
        ) -> Point:
            shared = alike if on.unmet is Unmet.BOUGHT else Known()
            policy = policy_of(rule, factor, on, number, shared, buffer)
            return Point(rule, number, factor, replay(on, policy, progress=told.day))

        done.runs = 2 * len(COVERS) + STEPS + (TRIES if not seed else 0)
        own = [
            played(rule, cover, on=world, number=seed, told=done) for rule in BASELINES for cover in COVERS
        ]
        if not factors:
            targets = [point.outcome.value for point in own if point.factor in COMPARED]
            factors = _services(world, targets, alike, done, buffer)
        own += [played(Rule.PLAN, factor, on=world, number=seed, told=done) for factor in factors]
        points += own
        if not seed:
            equal = _at_equal(own, lambda rule, factor: played(rule, factor, on=world, number=0, told=done))  # noqa: B023
    progress(1.0)
    return Study(points, equal)


def policy_of(
    rule: Rule,
    factor: float,
    world: World,
    seed: int,
    known: Known,
    buffer: Buffer = OPEN,
) -> Policy:
    if rule is Rule.PLAN:
        return Planned(world, factor, buffer, known)
    return Par(factor, world.lead_time.shape[0], rule is Rule.NEGLECTED, missed_seed=seed + 1)


def value_at(points: Sequence[Point], value: float, figure: Figure) -> float:
    """Read off the curve at a stock value, between two points on logarithmic scales; NaN outside it."""
    values = np.array([max(point.outcome.value, 1e-9) for point in points])
    if not len(values) or not values[0] * (1 - NEAR) <= value <= values[-1] * (1 + NEAR):
        return float("nan")
    # None at all counts as half a one
    figures = np.log([max(figure(point.outcome), 0.5) for point in points])
    return float(np.exp(np.interp(np.log(value), np.log(values), figures)))


def ratios(found: Study, against: Rule, figure: Figure) -> Floats:
    """Ours / theirs at equal stock value, a world each: geometric mean over those PAR comes to with `COMPARED`."""
    out = []
    for seed in found.seeds:
        ours = found.curve(Rule.PLAN, seed)
        logs = [
            np.log(value_at(ours, theirs.outcome.value, figure) / max(figure(theirs.outcome), 0.5))
            for theirs in found.curve(against, seed)
            if theirs.factor in COMPARED
        ]
        known = [one for one in logs if np.isfinite(one)]
        out.append(float(np.exp(np.mean(known))) if known else float("nan"))
    return np.array(out)


def _services(
    world: World,
    targets: Sequence[float],
    known: Known,
    told: "_Share",
    buffer: Buffer,
) -> list[float]:
    """Service levels whose stock is worth as much as the targets, and somewhat less and more.

    Found where all demand is seen, as there every service level has the same forecasts.
    """
    open_world = replace(world, unmet=Unmet.BOUGHT)
    tried = [
        (
            service,
            replay(open_world, Planned(open_world, service, buffer, known), progress=told.day).value,
        )
        for service in SERVICES
    ]
    wanted = np.geomspace(min(targets) * 0.85, max(targets) * 1.2, STEPS)
    odds = [-np.log(1 - service) for service, _ in tried]
    values = np.maximum.accumulate([np.log(max(value, 1e-9)) for _, value in tried])
    found = 1 - np.exp(-np.interp(np.log(wanted), values, odds))
    return sorted({float(round(service, 4)) for service in np.clip(found, LEAST, MOST)})


def _at_equal(own: Sequence[Point], play: Callable[[Rule, float], Point]) -> dict[Rule, Point]:
    shown = next(point for point in own if point.rule is Rule.DISCIPLINED and point.factor == SHOWN)
    found = {Rule.DISCIPLINED: shown}
    for rule in (Rule.PLAN, Rule.NEGLECTED):
        points = [point for point in own if point.rule is rule]
        for _ in range(TRIES):
            points.sort(key=lambda point: point.outcome.value)
            near = min(points, key=lambda point: abs(point.outcome.value - shown.outcome.value))
            if abs(near.outcome.value - shown.outcome.value) <= NEAR * shown.outcome.value:
                break
            factor = _factor_at(points, shown.outcome.value, rule)
            if any(point.factor == factor for point in points):
                break
            points.append(play(rule, factor))
        found[rule] = min(points, key=lambda point: abs(point.outcome.value - shown.outcome.value))
    return found


def _factor_at(points: Sequence[Point], value: float, rule: Rule) -> float:
    values = np.log([max(point.outcome.value, 1e-9) for point in points])
    factors = np.array([point.factor for point in points])
    if rule is not Rule.PLAN:
        return float(np.interp(np.log(value), values, factors))
    odds = np.interp(np.log(value), values, -np.log(1 - factors))
    return float(np.clip(1 - np.exp(-odds), LEAST, MOST))


class _Share:
    """Days of all runs of one world as a share of the whole."""

    def __init__(self, progress: Progress, start: float, width: float, world: World) -> None:
        self.progress, self.start, self.width, self.world = progress, start, width, world
        self.runs, self.days = 1, 0

    def day(self, day: int) -> None:
        self.days += 1
        if self.world.is_review(day):
            share = self.days / (self.runs * (self.world.demand.shape[1] - self.world.begin))
            self.progress(self.start + self.width * min(share, 0.99))
