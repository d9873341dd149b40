"""What a plan reads: of a part of the items for their needs, and of the due items for who delivers."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from decimal import Decimal

import numpy as np
from django.conf import settings

from orders.selectors import open_on_offer, scheduled_receipts
from procurement.engine.allocation import ServicePrice
from procurement.engine.caveats import Caveat
from procurement.engine.data import OfferRow, PlanningData, SupplierTerms, offers_from_rows
from procurement.engine.exceptions import exceptions_together
from procurement.engine.forecast import Experience, experience_of
from procurement.engine.needs import OffersNow
from procurement.engine.params import PlanningParams
from procurement.engine.screening import screen
from procurement.engine.service_spread import price_of_service
from procurement.engine.terms import NOTHING, OfferTerms
from procurement.known_days import known_days, site_days
from procurement.models import PlanningPolicy, PlanRun
from procurement.selectors import (
    ItemRow,
    OfferInForce,
    demand_matrix,
    inventory_position,
    offers_in_force,
    within_products,
)
from procurement.services.firm_orders import firm_orders, future_demand
from procurement.services.freshness import Doubts, doubts_of, item_caveats, offer_caveats, stock_known
from procurement.services.item_rules import item_policies
from procurement.services.line_suppliers import offers_too_many
from procurement.services.plan_calendars import leads_counted, with_windows
from procurement.services.plan_terms import offers_terms, suppliers_terms
from procurement.services.price_refresh import caveats_together, price_caveats
from procurement.services.requirement_rows import due
from procurement.stock_words import disputes
from suppliers.lead_times import LearnedLead
from suppliers.models import Supplier
from suppliers.selectors import RatesKnown, rates_in_force

OFFERS_OF_ITEMS_AT_ONCE = 10_000
LEARNED_FROM = 1_000  # items: buffers change by some 2 to 4 % with twice as many, as with other 2,000 items
AHEAD_OF_LEAD = 90  # days of customers' orders beyond the longest lead time: more than any review period


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What is the same for all items of a run."""

    run: PlanRun
    suppliers: Sequence[Supplier]
    rates: RatesKnown
    doubts: Doubts
    asked: Mapping[int, Decimal]  # by offer, of what the supplier has
    terms: tuple[SupplierTerms, ...]  # one a supplier

    @property
    def rate_problems(self) -> dict[str, str]:
        return {s.currency: self.rates.problem(s.currency) for s in self.suppliers}


def suppliers_asked() -> list[Supplier]:
    return list(Supplier.objects.filter(active=True).order_by("pk"))


def surroundings_of(run: PlanRun) -> Surroundings:
    suppliers = suppliers_asked()
    return Surroundings(
        run=run,
        suppliers=suppliers,
        rates=rates_in_force(day=run.as_of),
        doubts=doubts_of(site=run.site, suppliers=suppliers),
        asked=open_on_offer(),
        terms=with_windows(
            suppliers_terms(suppliers, day=run.as_of, parameters=run.parameters), run, suppliers
        ),
    )


def planning_params(run: PlanRun) -> PlanningParams:
    line_cost = run.parameters.get("order_line_cost")
    return PlanningParams(
        currency=run.parameters["currency"],
        service_level=Decimal(run.parameters["service_level"]),
        service_price=_service_price(run),
        review_period_days=run.parameters["review_period_days"],
        shelf_life_certainty=Decimal(run.parameters.get("shelf_life_certainty", "0.75")),
        most_suppliers_a_line=run.parameters.get("most_suppliers_a_line"),
        late_cost_a_day=Decimal(run.parameters.get("late_day_costs_percent", "2")) / 100,
        order_line_cost=None if line_cost is None else Decimal(line_cost),
        holding_cost=Decimal(run.parameters.get("holding_cost_percent", "20")) / 100,
        forecaster_seconds=settings.FORECASTER_SECONDS,
        sourcing_seconds=settings.SOURCING_SECONDS,
    )


def _service_price(run: PlanRun) -> ServicePrice | None:
    kept = run.parameters.get("service_price")
    return ServicePrice(*map(float, kept)) if kept else None


def site_experience(run: PlanRun, items: Sequence[ItemRow]) -> Experience:
    """What holds for all items, from a part of them: the same for each part of the plan."""
    some = [item.pk for item in _sample(items)]
    days = run.parameters["history_days"]
    known = site_days(site=run.site, first=run.as_of - timedelta(days=days), as_of=run.as_of)
    return experience_of(demand_matrix(site=run.site, products=some, as_of=run.as_of, days=days), known)


def site_service_price(run: PlanRun, items: Sequence[ItemRow], experience: Experience) -> list[str] | None:
    """What the site pays for service, from the same part of its items; None: all have the same level.

    The run must know its classes by now, as items whose class has a level of its own play no part.
    """
    if run.parameters.get("buffer_spread") != PlanningPolicy.Buffer.WORTH:
        return None
    data = planning_data(surroundings_of(run), _sample(items))
    found = price_of_service(data, planning_params(run), experience)
    return [repr(found.low), repr(found.high), repr(found.share)] if found else None


def _sample(items: Sequence[ItemRow]) -> Sequence[ItemRow]:
    """Evenly drawn."""
    return items[:: -(-len(items) // LEARNED_FROM)]


def planning_data(around: Surroundings, items: Sequence[ItemRow]) -> PlanningData:
    """Of some of the site's items, which must be ordered by id."""
    run, ids = around.run, [item.pk for item in items]
    few = len(ids) * 4 < ids[-1] - ids[0]
    within: range | Collection[int] = ids if few else range(ids[0], ids[-1] + 1)
    receipts = scheduled_receipts(site=run.site)
    position = inventory_position(site=run.site, products=within, on_order=receipts)
    disputed = disputes(site=run.site, products=within, now=around.doubts.now)
    row_of = {pk: row for row, pk in enumerate(ids)}
    on_hand, on_order = np.zeros((2, len(ids)))
    for pk, at in position.items():
        if (row := row_of.get(pk)) is not None:
            on_hand[row], on_order[row] = at.on_hand, at.on_order
    offers = offers_in_force(products=within)
    leads = leads_counted(run, offers)
    known = offers_from_rows(list(_offer_rows(around, offers, row_of, leads)))
    rows, days = within_products(within), int(max(known.lead_time_days, default=0)) + AHEAD_OF_LEAD
    firm = firm_orders(site=run.site, items=items, within=rows, as_of=run.as_of, days=days)
    demand = demand_matrix(site=run.site, products=ids, as_of=run.as_of, days=run.parameters["history_days"])
    skus = tuple(item.sku for item in items)
    good = screen(skus=skus, demand=demand, on_hand=on_hand, on_order=on_order, committed=firm.total)
    future = future_demand(site=run.site, items=items, within=rows, as_of=run.as_of)
    demand = good.demand
    return PlanningData(
        as_of=run.as_of,
        skus=skus,
        units=tuple(item.unit for item in items),
        demand=demand,
        days=known_days(site=run.site, products=ids, as_of=run.as_of, demand=demand),
        on_hand=good.on_hand,
        on_order=good.on_order,
        committed=good.committed,
        firm=firm.of(good.planned),
        policies=item_policies(run, items, rows, demand, known, around.rates),
        planned=good.planned,
        exceptions=exceptions_together(good.exceptions, future),
        suppliers=around.terms,
        offers=known,
        offer_terms=offers_terms(offers, day=run.as_of),
        lead_times=leads,
        rates=around.rates.usable,
        rate_problems=around.rate_problems,
        item_caveats=item_caveats(around.doubts, items, position, disputed),
        stock_known=stock_known(around.doubts, items, position, disputed),
    )


def offers_now(
    around: Surroundings,
    products: Sequence[int],
    decided: Collection[int],
    not_asked: Mapping[int, str],
) -> OffersNow:
    """Of the due items, whose ids are given in ascending order; only of `decided` offers, whose levels are known.

    `not_asked`: by supplier, why it was not asked for prices and stock that are old.
    """
    row_of = {pk: row for row, pk in enumerate(products)}
    rows: list[OfferRow] = []
    caveats: list[Mapping[int, list[Caveat]]] = []
    terms: dict[int, OfferTerms] = {}
    for start in range(0, len(products), OFFERS_OF_ITEMS_AT_ONCE):
        some = products[start : start + OFFERS_OF_ITEMS_AT_ONCE]
        # Asked for by what makes them due: thousands of ids in a question take longer than its answer.
        of_these = due(around.run).filter(product__gte=some[0], product__lte=some[-1]).order_by()
        offers = [
            offer for offer in offers_in_force(products=of_these.values("product")) if offer.pk in decided
        ]
        rows += _offer_rows(around, offers, row_of, leads_counted(around.run, offers))
        terms |= offers_terms(offers, day=around.run.as_of)
        for pk, why in offers_too_many(around.run, offers).items():
            terms[pk] = replace(terms.get(pk, NOTHING), full=why)
        caveats.append(price_caveats(offers, around.suppliers, not_asked))
        caveats.append(offer_caveats(around.doubts, offers, not_asked))
    return OffersNow(
        offers=offers_from_rows(rows),
        suppliers=around.terms,
        rates=around.rates.usable,
        rate_problems=around.rate_problems,
        offer_caveats=caveats_together(*caveats),
        offer_terms=terms,
    )


def _offer_rows(
    around: Surroundings,
    offers: Sequence[OfferInForce],
    row_of: Mapping[int, int],
    leads: Mapping[int, LearnedLead],
) -> Iterator[OfferRow]:
    supplier_of = {supplier.pk: row for row, supplier in enumerate(around.suppliers)}
    for offer in offers:
        if offer.product in row_of and offer.supplier in supplier_of:
            yield OfferRow(
                item=row_of[offer.product],
                key=offer.pk,
                supplier=supplier_of[offer.supplier],
                supplier_sku=offer.supplier_sku,
                lead_time_days=leads[offer.pk].time.days if offer.pk in leads else offer.lead_time_days,
                pack_size=offer.pack_size,
                minimum_quantity=offer.minimum_quantity,
                currency=offer.currency,
                tiers=offer.tiers,
                stock=offer.stock,
                asked=around.asked.get(offer.pk, Decimal(0)),
            )
