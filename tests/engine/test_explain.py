"""The reason as a sentence, and as data that survives JSON."""

import json
from dataclasses import replace
from typing import Any

import numpy as np

from procurement.engine.explain import sentence
from procurement.engine.item_policies import ItemPolicies
from procurement.engine.plan import plan
from procurement.engine.stock import FirmOrders
from tests.engine.factories import PARAMS, STEADY, data, offer


def test_sentence_tells_the_whole_way_of_a_line():
    world = data(STEADY, [offer(pack="6"), offer(1, price="2.20")], on_hand=[5], committed=[2])
    reason = json.loads(json.dumps(plan(world, PARAMS).lines[0].reason))
    assert sentence(reason) == (
        "Expected demand is 2 a day, 20 over 10 days (lead time 3 + review 7)."
        " With a buffer of 0 for a service level of 95.0% the stock should reach 20."
        " There are 5 on hand and 0 on order, 2 promised to customers: 3. Needed: 17."
        " 17 → 18, pack of 6. Alpha at 2.00 GBP (2.00 with delivery) is the cheapest."
        " It is expected to run out on Tue 3 Mar, 2 days before this arrives."
    )
    assert [quote["why"] for quote in reason["quotes"]] == ["cheapest delivered", "10.0% dearer delivered"]


def test_sentence_names_what_another_supplier_gets_and_what_nobody_delivers():
    found = plan(data(STEADY, [offer(stock="6"), offer(1, price="3", stock="4")]), PARAMS)
    assert "Another supplier gets 6 of it." in sentence(found.lines[1].reason)
    assert sentence(found.requirements[0].reason).endswith("Nobody delivers 10 of it.")


def test_only_offer_is_called_the_only_one():
    assert "Alpha is the only one to offer it, at 2.00 GBP." in sentence(
        plan(data(STEADY, [offer()]), PARAMS).lines[0].reason
    )


def ahead(*due: float, overdue: float = 0, later: float = 0) -> dict[str, Any]:
    by_day = FirmOrders(np.array([overdue]), np.array([due]), np.array([later]))
    return {"firm": by_day, "committed": [overdue + sum(due) + later]}


def test_firm_orders_below_the_forecast_are_part_of_it():
    reason = plan(data(STEADY, [offer()], **ahead(0, 8, 0, overdue=3, later=50)), PARAMS).lines[0].reason
    assert (reason["firm"]["due"], reason["firm"]["beyond"], reason["firm"]["later"]) == ("8", "0", "50")
    assert reason["stock"]["position"] == "-3"  # only what should have left already
    assert reason["quantity"] == "23"
    assert "Customer orders of 8 due by then are part of it." in sentence(reason)
    assert "0 on order, 3 wanted by customers now: -3." in sentence(reason)


def test_firm_orders_beyond_the_forecast_add_to_it():
    reason = plan(data(STEADY, [offer()], **ahead(0, 8, 16)), PARAMS).lines[0].reason
    # a usual day sells 2: of the 16, 6 are more than five times that, and the 18 left are within the 20 expected
    assert (reason["firm"]["unusual"], reason["firm"]["beyond"], reason["quantity"]) == ("6", "6", "26")
    assert "Customer orders of 24 due by then, 6 of it unusually large ask 6 beyond it." in sentence(reason)


def test_what_is_put_aside_is_not_counted_on():
    policies = replace(ItemPolicies.none(1, 0.95), reserved=np.array([4.0]))
    reason = plan(data(STEADY, [offer()], on_hand=[10], policies=policies), PARAMS).lines[0].reason
    assert (reason["stock"]["reserved"], reason["stock"]["position"], reason["quantity"]) == ("4", "6", "14")
    assert "0 promised to customers, 4 put aside: 6." in sentence(reason)


def test_shelf_that_should_always_hold_something_is_a_buffer():
    policies = replace(ItemPolicies.none(1, 0.95), presentation=np.array([5.0]))
    reason = plan(data(STEADY, [offer()], policies=policies), PARAMS).lines[0].reason
    assert (reason["buffer"]["quantity"], reason["buffer"]["rule"], reason["quantity"]) == (
        "5",
        "always on the shelf",
        "25",
    )


def test_class_tells_its_service_level_and_figures():
    rng = np.random.default_rng(1)
    demand = rng.poisson(4, (1, 300)).astype(float).tolist()
    known = ItemPolicies.none(1, 0.95)
    policies = replace(
        known, service_level=np.array([0.8]), cell=("AX",), why=("class AX",), value=np.array([750.0])
    )
    found = plan(data(demand, [offer()], policies=policies), PARAMS).requirements[0]
    assert (found.cell, found.reason["class"]["value"], found.reason["class"]["variation"]) == (
        "AX",
        "750",
        None,
    )
    assert (found.reason["buffer"]["service_level"], found.reason["buffer"]["service_from"]) == (
        "0.8",
        "class AX",
    )
    assert found.buffer < plan(data(demand, [offer()]), PARAMS).requirements[0].buffer
