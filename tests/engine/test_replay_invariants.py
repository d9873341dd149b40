"""What holds for every replay: nothing appears or is lost, nobody looks ahead, everybody meets the same draws."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from procurement.engine.replay import Allocation, Buffer, Par, Planned, Policy, Seen, Unmet, World, replay
from procurement.engine.replay.lead_times import draw
from procurement.engine.replay.planned import Known

ITEMS, DAYS, SUPPLIERS, BEGIN = 10, 161, 3, 98


def world(seed: int, unmet: Unmet = Unmet.LOST, *, promotion: bool = False) -> World:
    random = np.random.default_rng(seed)
    mean = random.gamma(1.0, 4.0, (ITEMS, 1)) * (1 + 0.5 * np.sin(np.arange(DAYS) / 7))
    return World(
        demand=random.poisson(mean).astype(float),
        price=random.choice([0.5, 2.0, 9.0], ITEMS),
        pack=random.choice([1.0, 6.0], ITEMS),
        shelf_life=random.choice([0, 9, 20], ITEMS),
        supplier=random.integers(0, SUPPLIERS, ITEMS),
        lead_time=draw(SUPPLIERS, DAYS, seed),
        order_cost=20.0,
        begin=BEGIN,
        measured=BEGIN + 14,
        unmet=unmet,
        promotion=random.random((ITEMS, DAYS)) < 0.05 if promotion else None,
    )


def policies(on: World) -> list[Policy]:
    return [
        Par(20, SUPPLIERS, neglected=True),
        Par(20, SUPPLIERS, neglected=False),
        Planned(on, 0.95, Buffer(allocation=Allocation.SPREAD)),
        Planned(on, 0.95, Buffer(allocation=Allocation.EQUAL)),
        Planned(on, 0.95, Buffer(allocation=Allocation.FILL)),
    ]


@settings(max_examples=6)
@given(seed=st.integers(0, 10_000), unmet=st.sampled_from(Unmet))
def test_nothing_appears_and_nothing_is_lost(seed: int, unmet: Unmet):
    on = world(seed, unmet)
    for policy in (policies(on)[0], policies(on)[2]):
        found = replay(on, policy)
        missing = found.demanded - found.filled if unmet is Unmet.BOUGHT else 0.0
        came = found.opening + found.received + found.bought
        went = found.filled + missing + found.wasted + found.closing
        assert came == pytest.approx(went, abs=1e-6)
        assert (found.closing >= 0).all()
        assert (found.filled <= found.demanded + 1e-9).all()
        assert (found.wasted[on.shelf_life == 0] == 0).all()
        packs = (found.ordered + found.bought) / on.pack
        assert packs == pytest.approx(np.round(packs), abs=1e-6)


class Watched:
    """What a policy decided, review by review."""

    def __init__(self, policy: Policy) -> None:
        self.policy, self.decided = policy, list[np.ndarray]()

    def levels(self, seen: Seen) -> np.ndarray:
        self.decided.append(self.policy.levels(seen))
        return self.decided[-1]

    def missed(self, day: int) -> np.ndarray:
        return self.policy.missed(day)


@pytest.mark.parametrize(
    ("number", "unmet"), [(0, "lost"), (1, "lost"), (2, "lost"), (2, "bought"), (4, "lost")]
)
def test_another_future_changes_no_past_decision(number: int, unmet: str):
    on = world(3, Unmet(unmet), promotion=True)
    turn = BEGIN + 35  # a review day: what happens from that day on is not known in its morning
    random = np.random.default_rng(9)
    demand, lead_time, promotion = on.demand.copy(), on.lead_time.copy(), on.promotion.copy()
    demand[:, turn:] = random.poisson(50, demand[:, turn:].shape)
    lead_time[:, turn:] = random.integers(1, 8, lead_time[:, turn:].shape)
    promotion[:, turn + on.known_ahead :] = True
    other = replace(on, demand=demand, lead_time=lead_time, promotion=promotion)
    decided = []
    for one in (on, other):
        watched = Watched(policies(one)[number])
        replay(one, watched)
        decided.append(watched.decided)
    until = (turn - BEGIN) // 7 + 1
    for first, second in zip(decided[0][:until], decided[1][:until], strict=True):
        assert first == pytest.approx(second, rel=1e-12)
    if number != 0:  # neglected PAR is set once
        assert any((a != b).any() for a, b in zip(decided[0][until:], decided[1][until:], strict=True))


@pytest.mark.parametrize("number", [0, 2])
def test_the_same_seed_gives_the_same_figures(number: int):
    once, again = (replay(world(4), policies(world(4))[number]) for _ in range(2))
    assert (once.value, once.short, once.spend) == (again.value, again.short, again.spend)
    assert (once.daily_value == again.daily_value).all()


def test_each_policy_meets_the_same_lead_times_and_customers():
    on = world(5, Unmet.BOUGHT)
    before = on.lead_time.copy(), on.demand.copy()
    met = []
    for policy in policies(on)[:3]:
        met.append(replay(on, policy).demanded)
    assert (on.lead_time == before[0]).all()
    assert (on.demand == before[1]).all()
    assert all((one == met[0]).all() for one in met)


def test_outlooks_may_be_shared_where_all_demand_is_seen():
    on = world(6, Unmet.BOUGHT)
    shared = Known()
    first, second = (replay(on, Planned(on, p, known=shared)) for p in (0.9, 0.98))
    alone = replay(on, Planned(on, 0.98))
    assert (second.value, second.short) == (alone.value, alone.short)
    assert first.value < second.value
