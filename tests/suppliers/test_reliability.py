"""What trouble with a supplier costs, by numbers worked out by hand."""

from decimal import Decimal

from suppliers.reliability import TrackRecord, TroubleCosts, shares, unreliability, usual_of

D = Decimal
COSTS = TroubleCosts(D("0.10"), D("0.05"), D("0.03"))
GOOD = TrackRecord(orders=60, rejected=0, lines=300, cut=0, deliveries=300, late=0)
BAD = TrackRecord(orders=40, rejected=10, lines=100, cut=20, deliveries=100, late=40)


def test_share_is_drawn_towards_the_usual_of_all() -> None:
    # All together: 10 of 100 rejected, 20 of 400 cut, 40 of 400 late.
    usual = usual_of([GOOD, BAD])
    assert (usual.rejected, usual.orders, usual.cut, usual.lines) == (10, 100, 20, 400)
    assert shares(BAD, usual) == (
        (10 + 20 * D("0.1")) / 60,  # 12 / 60 = 0.2
        (20 + 20 * D("0.05")) / 120,  # 21 / 120 = 0.175
        (40 + 20 * D("0.1")) / 120,  # 42 / 120 = 0.35
    )


def test_cost_is_what_each_trouble_costs_times_its_share() -> None:
    usual = usual_of([GOOD, BAD])
    # 0.2 * 0.10 + 0.175 * 0.05 + 0.35 * 0.03 = 0.02 + 0.00875 + 0.0105
    assert unreliability(BAD, usual, COSTS) == D("0.0392")
    # 2/80 * 0.10 + 1/320 * 0.05 + 2/320 * 0.03 = 0.0025 + 0.00015625 + 0.0001875
    assert unreliability(GOOD, usual, COSTS) == D("0.0028")


def test_one_rejected_order_alone_says_little() -> None:
    usual = usual_of([GOOD, BAD])
    one = TrackRecord(orders=1, rejected=1)
    assert shares(one, usual)[0] == D(3) / 21  # (1 + 20 * 0.1) / 21, not 1
    assert one.is_small and not BAD.is_small


def test_without_any_history_nothing_is_charged() -> None:
    assert unreliability(TrackRecord(), TrackRecord(), COSTS) == 0
    assert TrackRecord().words == "no order yet"
    assert BAD.words == "10 of 40 orders rejected, 20 of 100 lines cut, 40 of 100 deliveries late"
