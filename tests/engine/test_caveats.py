"""Figures in doubt are said in words, on the lines that rest on them and on no other."""

import json
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from procurement.engine.caveats import About, Caveat, lasted, moment
from procurement.engine.plan import plan
from tests.engine.factories import PARAMS, STEADY, data, offer

NOW = datetime(2026, 11, 19, 14, 30, tzinfo=ZoneInfo("Europe/London"))  # a Thursday


def caveat(about: About, ago: timedelta | None, source: str = "SAP") -> Caveat:
    at = NOW - ago if ago is not None else None
    return Caveat(about=about, source=source, now=NOW, read_at=at, as_of=at)


@pytest.mark.parametrize(
    ("about", "ago", "words"),
    [
        (About.STOCK, timedelta(days=2), "Stock is of Tuesday 14:30: SAP has not been read for 2 days."),
        (About.STOCK, timedelta(hours=5), "Stock is of today 09:30: SAP has not been read for 5 hours."),
        (About.STOCK, None, "No stock is known: SAP could never be read."),
        (
            About.ORDERS,
            timedelta(days=16),
            "Customer orders since 3 November may be missing: SAP has not been read for 16 days.",
        ),
        (
            About.PRICES,
            timedelta(days=400),
            "The price is of 15 October 2025: SAP has not answered for 400 days.",
        ),
        (
            About.ON_OFFER,
            timedelta(days=3),
            "Their stock on offer is of Monday 14:30: SAP has not answered for 3 days.",
        ),
    ],
)
def test_caveat_is_a_sentence_of_what_is_old_and_why(about, ago, words):
    assert caveat(about, ago).as_reason()["words"] == words


def test_lengths_are_told_in_one_unit():
    told = [lasted(timedelta(minutes=n)) for n in (0, 1, 45, 119, 120, 2879, 2880)]
    assert told == ["a minute", "a minute", "45 minutes", "119 minutes", "2 hours", "47 hours", "2 days"]


def test_a_clock_that_was_ahead_is_no_weekday():
    assert moment(NOW + timedelta(days=1), NOW) == "20 November"


def test_only_lines_that_rest_on_old_figures_say_so_and_no_number_changes():
    demand, offers = STEADY * 3, [offer(item=0), offer(item=1), offer(1, price="3", item=1), offer(item=2)]
    plain = data(demand, offers)
    doubted = data(
        demand,
        offers,
        item_caveats={"item-0": [caveat(About.STOCK, timedelta(days=2))]},
        # the second is of an offer that loses, and nobody rests on it
        offer_caveats={100: [caveat(About.PRICES, timedelta(days=5))], 101: [caveat(About.PRICES, None)]},
    )
    lines = json.loads(json.dumps([line.reason for line in plan(doubted, PARAMS).lines]))
    assert [[one["about"] for one in line.pop("caveats", [])] for line in lines] == [
        ["stock"],
        ["prices"],
        [],
    ]
    assert lines == json.loads(json.dumps([line.reason for line in plan(plain, PARAMS).lines]))


def test_item_that_leads_to_no_line_keeps_its_caveats():
    world = data(STEADY, [offer()], on_hand=[900], item_caveats={"item-0": [caveat(About.STOCK, None)]})
    found = plan(world, PARAMS)
    assert not found.lines
    assert found.requirements[0].reason["caveats"][0]["source"] == "SAP"
