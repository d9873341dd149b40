"""Tiers are found exactly, and cheaply, from the prices of single quantities."""

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from suppliers.tiers import first_questions, next_questions, tiers_of

PACKS = st.sampled_from([Decimal(1), Decimal(6), Decimal("0.25")])
BREAKS = st.lists(st.tuples(st.integers(2, 3000), st.integers(1, 500)), max_size=4)


def price_list(breaks, pack):
    """Falling prices at rising multiples of the pack."""
    starts = [pack, *(pack * n for n, _ in sorted(breaks))]
    prices = sorted([Decimal(600), *(Decimal(p) for _, p in breaks)], reverse=True)
    return dict(zip(starts, prices, strict=True))


def price_at(listed, quantity):
    return [price for start, price in sorted(listed.items()) if start <= quantity][-1]


def search(listed, pack, most, known=()):
    questions, prices, count = first_questions(least=pack, most=most, pack_size=pack, known=known), {}, 0
    while questions:
        count += len(questions)
        prices |= {quantity: price_at(listed, quantity) for quantity in questions}
        questions = next_questions(prices, pack)
    return tiers_of(prices), count


@given(BREAKS, PACKS)
def test_every_tier_is_found_to_the_pack(breaks, pack):
    listed = price_list(breaks, pack)
    found, count = search(listed, pack, pack * 3000)
    for packs in {1, 3000, *(n + d for n, _ in breaks for d in (-1, 0, 1) if n + d <= 3000)}:
        quantity = pack * packs
        assert price_at(dict(found), quantity) == price_at(listed, quantity)
    assert count <= 2 + len(breaks) * 13


@given(BREAKS, PACKS)
def test_unchanged_list_is_proved_by_asking_its_edges(breaks, pack):
    listed = price_list(breaks, pack)
    found, _ = search(listed, pack, pack * 3000)
    again, count = search(listed, pack, pack * 3000, known=found)
    assert again == found
    assert count <= 2 + 2 * len(breaks)


def test_one_price_takes_two_questions():
    assert search({Decimal(1): Decimal(5)}, Decimal(1), Decimal(1000)) == (((Decimal(1), Decimal(5)),), 2)


def test_sold_out_product_is_asked_at_its_least():
    assert first_questions(least=Decimal(6), most=Decimal(0), pack_size=Decimal(6), known=()) == [Decimal(6)]
