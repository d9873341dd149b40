"""Totals by key are exact, in order, and independent of how much fits in memory."""

from collections import Counter

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from procurement.sources.sums import MOST, Sums

BLOCKS = st.lists(
    st.lists(st.tuples(st.integers(0, 40), st.integers(0, 10**14 - 1)), min_size=1, max_size=20), max_size=20
)


def totals(blocks: list[list[tuple[int, int]]], held: int, size: int) -> list[tuple[int, int]]:
    with Sums(held) as sums:
        for block in blocks:
            sums.add(*np.array(block, np.int64).T)
        assert len(sums) >= len({key for block in blocks for key, _ in block})
        batches = list(sums.batches(size))
    assert all(0 < len(keys) <= size for keys, _ in batches)
    return [pair for keys, sums_ in batches for pair in zip(keys.tolist(), sums_.tolist(), strict=True)]


@settings(max_examples=100, deadline=None)
@given(blocks=BLOCKS, held=st.sampled_from([4, 30, 1_000_000]), size=st.sampled_from([1, 3, 1000]))
def test_totals_are_those_of_a_dictionary(blocks: list[list[tuple[int, int]]], held: int, size: int) -> None:
    expected: Counter[int] = Counter()
    for block in blocks:
        for key, amount in block:
            expected[key] += amount
    assert totals(blocks, held, size) == sorted(expected.items())


def test_total_that_does_not_fit_stays_at_the_most() -> None:
    blocks = [[(1, 10**14)] * 50_000, [(1, 10**14)] * 50_000, [(2, 5)]]
    assert totals(blocks, 1_000_000, 10) == [(1, MOST), (2, 5)]
