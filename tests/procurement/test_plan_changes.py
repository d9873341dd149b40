"""Why an item's need changed between two plans: effects that add up, in words."""

from dataclasses import replace
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from procurement.plan_changes import Bought, Cause, ItemThen, changes

D = Decimal
THEN = ItemThen(
    on_hand=D(10), on_order=D(0), committed=D(0), position=D(10), daily=D(2), days=10, buffer=D(4), level=D(24),
    need=D(14), service_level=D("0.95"),
)  # fmt: skip
amounts = st.integers(0, 500).map(lambda n: D(n) / 4)


def bought(supplier: str = "Acme", quantity: int = 12, price: str = "2", currency: str = "GBP") -> Bought:
    return Bought(supplier, D(quantity), D(price), currency, D(quantity) * D(price))


def words(old: ItemThen | None, new: ItemThen | None, arrived: int = 0) -> list[str]:
    return [change.words for change in changes(old, new, D(arrived))]


@st.composite
def items(draw: st.DrawFn) -> ItemThen:
    daily, days, buffer = draw(amounts), draw(st.integers(1, 40)), draw(amounts)
    limit = draw(st.sampled_from([D(0), D(3)]))
    level = max(D(0), daily * days + buffer - limit)
    on_hand, on_order, committed = draw(amounts), draw(amounts), draw(amounts)
    aside = draw(st.sampled_from([D(0), D(2)]))
    position = on_hand + on_order - committed - aside
    need = max(D(0), level - position)
    service = draw(st.sampled_from([D("0.9"), D("0.95")]))
    return ItemThen(on_hand, on_order, committed, position, daily, days, buffer, level, need, service)


@given(old=items(), new=items(), arrived=amounts)
def test_effects_add_up_to_the_difference(old, new, arrived):
    def missing(item: ItemThen) -> Decimal:
        return item.level - item.position

    found = changes(old, new, arrived)
    assert sum(change.effect for change in found) == missing(new) - missing(old)
    assert all(change.words.endswith(".") for change in found)


def test_demand_that_rose_is_told_in_percent():
    new = replace(THEN, daily=D("2.24"), level=D("26.4"), need=D("16.4"))
    assert words(THEN, new) == ["Expected demand rose 12%, from 2 to 2.24 a day."]
    assert changes(THEN, new)[0].effect == D("2.4")


def test_what_weighs_most_comes_first():
    new = replace(THEN, on_hand=D(1), committed=D(3), position=D(-2), need=D(26))
    assert words(THEN, new) == ["Stock fell by 9, from 10 to 1.", "Customers' open orders rose from 0 to 3."]


def test_what_arrived_is_no_change_of_the_need():
    old = replace(THEN, on_order=D(12), position=D(22), need=D(2))
    new = replace(THEN, on_hand=D(19), position=D(19), need=D(5))
    assert words(old, new, 12) == ["Stock fell by 3 besides.", "12 arrived."]


def test_what_was_ordered_since_is_said():
    assert words(THEN, replace(THEN, on_order=D(24), position=D(34), need=D(0))) == ["24 more are on order."]


def test_buffer_of_another_service_level_is_policy():
    new = replace(THEN, buffer=D(6), level=D(26), need=D(16), service_level=D("0.98"))
    (change,) = changes(THEN, new)
    assert change.cause == Cause.POLICY
    assert change.words == "The buffer rose from 4 to 6, as the service level is 98.0% instead of 95.0%."


def test_price_and_supplier_lead_where_the_need_is_the_same():
    old = replace(THEN, bought=(bought(),))
    assert words(old, replace(THEN, bought=(bought(price="2.2"),))) == [
        "Acme takes 2.20 GBP instead of 2.00 (+10.0%)."
    ]
    assert words(old, replace(THEN, bought=(bought("Bolt"),))) == ["Bought from Bolt instead of Acme."]
    assert words(old, replace(THEN, bought=(bought(currency="EUR"),))) == [
        "Acme takes 2.00 EUR instead of 2.00 GBP."
    ]


def test_other_quantity_of_the_same_need_is_packs_and_limits():
    old, new = replace(THEN, bought=(bought(),)), replace(THEN, bought=(bought(quantity=18),))
    assert words(old, new) == ["Packs, minimums or stock on offer made another quantity of it."]


def test_item_of_one_plan_only_says_so():
    assert changes(None, THEN)[0].cause == changes(THEN, None)[0].cause == Cause.NEW
