"""The reason as a sentence, and as data that survives JSON."""

import json

from procurement.engine.explain import sentence
from procurement.engine.plan import plan
from tests.engine.factories import PARAMS, STEADY, data, offer


def test_sentence_tells_the_whole_way_of_a_line():
    world = data(STEADY, [offer(pack="6"), offer(1, price="2.20")], on_hand=[5], committed=[2])
    reason = json.loads(json.dumps(plan(world, PARAMS).lines[0].reason))
    assert sentence(reason) == (
        "Expected demand is 2 a day, 20 over 10 days (lead time 3 + review 7)."
        " With a buffer of 0 for a service level of 95.0% the stock should reach 20."
        " There are 5 on hand and 0 on order, 2 promised to customers: 3. Needed: 17."
        " 17 → 18, pack of 6. Alpha at 2 GBP (2 with delivery) is the cheapest."
    )
    assert [quote["why"] for quote in reason["quotes"]] == ["cheapest delivered", "10.0% dearer delivered"]


def test_sentence_names_what_another_supplier_gets_and_what_nobody_delivers():
    found = plan(data(STEADY, [offer(stock="6"), offer(1, price="3", stock="4")]), PARAMS)
    assert "Another supplier gets 6 of it." in sentence(found.lines[1].reason)
    assert sentence(found.requirements[0].reason).endswith("Nobody delivers 10 of it.")


def test_only_offer_is_called_the_only_one():
    assert "Alpha is the only one to offer it, at 2 GBP." in sentence(
        plan(data(STEADY, [offer()]), PARAMS).lines[0].reason
    )
