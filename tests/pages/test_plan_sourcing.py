"""What the choice of suppliers saves stands on the plan's page, in words and as bars."""

from decimal import Decimal

import pytest

from orders.models import PurchaseOrder, Status
from procurement.engine.sourcing import Sourcing
from procurement.engine.sourcing.solve import Figures
from procurement.services.planning import plan_run
from procurement.sourcing_words import sourcing_kept, sourcing_told
from tests import factories
from tests.pages.reading import text
from tests.procurement.planning import make_item, make_quote

D = Decimal
FOUND = Sourcing(
    (),
    Figures(
        paid=D("1000.00"), total=D("990.00"), bound=D("985.05"), quick=D("995"), each_line_cheapest=D("1090.00"),
        one_main_supplier=D("1240.00"), main_supplier=1,
    ),
    ("Alpha's order comes to 80.00 GBP, below its minimum.",),
)  # fmt: skip


def test_saving_and_gap_are_told_in_sentences_whose_numbers_are_those_of_the_bars():
    told = sourcing_told(sourcing_kept(FOUND, {1: "Birchmere"}, "GBP"))
    assert told is not None
    assert told.sentences == (
        "These orders cost 1,000.00 GBP with delivery; bought line by line where each is cheapest it would be"
        " 100.00 GBP (9.1%) more, and from one main supplier (Birchmere) it would be 250.00 GBP (20.0%) more.",
        "It is proved that no other choice of suppliers could be more than 0.5% cheaper.",
    )
    assert [bar.amount for bar in told.bars] == [D("1000.00"), D("1100.00"), D("1250.00")]
    assert told.exceptions == FOUND.exceptions


def test_nothing_is_told_where_nothing_was_bought():
    assert sourcing_told(sourcing_kept(Sourcing(()), {}, "GBP")) is None


@pytest.mark.django_db
def test_plan_keeps_its_cost_bound_and_baselines_and_its_page_names_an_order_below_its_minimum(buyer):
    site = factories.site()
    acme = factories.supplier(code="acme", name="Acme", minimum_order_value=5000)
    make_quote(acme, make_item(site, "A"), "2.00")
    run = plan_run(site=site, by=None)
    kept = run.sourcing
    assert D(kept["paid"]) == D("5000.00")
    assert D(kept["bound"]) <= D(kept["total"]) <= D(kept["each_line_cheapest"])
    assert kept["main_supplier"] == "Acme"
    assert D(kept["gap"]) < D("0.0001")
    page = text(buyer.get(f"/plan/{run.pk}/"))
    assert "It is proved that no other choice of suppliers is cheaper." in page
    assert "below its minimum of 5,000.00 GBP" in page
    missing = D("5000.00") - run.value
    assert D(kept["to_add"]) == missing > 0
    assert (
        f"These orders cost 5,000.00 GBP with delivery, {missing:,} GBP of it for goods still to be added for minimums"
        " or free delivery; " in page
    )
    acme.below_minimum_surcharge = 9
    acme.save()
    PurchaseOrder.objects.update(status=Status.CANCELLED)
    kept = plan_run(site=site, by=None).sourcing
    assert (D(kept["paid"]), D(kept["to_add"])) == (run.value + 9, 0)
