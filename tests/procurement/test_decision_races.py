"""Several people decide about the same thing at the same moment: one word holds, and the history has no gap."""

from decimal import Decimal
from functools import partial

import pytest

from procurement.models import ItemPolicy, ItemPolicyChange
from procurement.services.policies import item_policy_set
from suppliers.models import SourcingDecision
from suppliers.services.decisions import Decided, decision_make, decision_undo
from tests import factories
from tests.flow.race import race

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.postgresql]


@pytest.mark.parametrize("attempt", range(3))
def test_of_several_decisions_at_once_one_holds(attempt):
    buyer, acme = factories.user(), factories.supplier()
    words = [Decided("blocked", f"Reason {n}", None, None) for n in range(3)]
    made = [partial(decision_make, supplier=acme, offer=None, decided=one, by=buyer) for one in words]
    assert all(isinstance(one, SourcingDecision) for one in race(*made))
    assert SourcingDecision.objects.filter(ended_at=None).count() == 1
    assert SourcingDecision.objects.count() == 3


@pytest.mark.parametrize("attempt", range(3))
def test_of_several_who_undo_it_at_once_one_did(attempt):
    buyer, acme = factories.user(), factories.supplier()
    row = decision_make(supplier=acme, offer=None, decided=Decided("blocked", "Strike", None, None), by=buyer)
    results = race(*[partial(decision_undo, decision=row, by=buyer)] * 3)
    assert sorted(results) == [False, False, True]


@pytest.mark.parametrize("attempt", range(3))
def test_each_change_of_an_item_begins_where_the_one_before_ended(attempt):
    buyer, site, item = factories.user(), factories.site(), factories.product()
    saves = [
        partial(
            item_policy_set, site=site, product=item, why="", by=buyer,
            values={"value_class": "", "variation_class": "", "maximum_stock": Decimal(most)},
        )
        for most in (10, 20, 30)
    ]  # fmt: skip
    assert all(isinstance(one, ItemPolicy) for one in race(*saves))
    told = [row.changed["maximum_stock"] for row in ItemPolicyChange.objects.order_by("pk")]
    assert len(told) == 3
    assert told[0][0] == ""
    assert [after for _, after in told[:-1]] == [before for before, _ in told[1:]]
