"""What did not go as it should when due items were to be bought: by name, and what to do about it."""

from decimal import Decimal

import numpy as np

from procurement.engine.data import exact
from procurement.engine.exceptions import Kind, PlanException
from procurement.engine.items import ItemRequirement
from procurement.engine.landed import worth_of
from procurement.engine.limits import Limit
from procurement.engine.needs import Needs
from procurement.engine.params import PlanningParams
from procurement.engine.sourcing import TOO_LARGE, Quote, Sourced
from procurement.engine.terms import terms_of
from suppliers.packing import pack_up, plain

LONG_DAYS = 365  # of demand: what is ordered should not last longer
UNDO_BLOCK = (
    "Undo the block on the supplier's page if it may be bought there again, or find another supplier of it."
)


def line_exceptions(
    needs: Needs, params: PlanningParams, row: int, found: ItemRequirement, sourced: Sourced
) -> tuple[PlanException, ...]:
    """Of one due item (`row` of the needs), once it is known who delivers."""
    told = []
    if sourced.shortfall:
        if limit := sourced.limit:
            told.append(_limited(limit, found, sourced))
        elif sourced.too_many:
            told.append(_too_many(found, sourced))
        else:
            told.append(_missing(needs, params, found, sourced))
    if lasts := lasts_long(needs, row, sourced, found.daily_demand):
        told.append(
            PlanException(
                Kind.LASTS_LONG,
                f"The smallest quantity that is sold makes it last {lasts:,.0f} days.",
                "Ask for a smaller pack or minimum, or take the line out and wait.",
            )
        )
    return tuple(told)


def _missing(needs: Needs, params: PlanningParams, found: ItemRequirement, sourced: Sourced) -> PlanException:
    much = plain(sourced.shortfall)
    if not sourced.quotes:
        return PlanException(
            Kind.NO_SUPPLIER,
            f"Nobody offers it; {much} are needed.",
            "Load the list of a supplier that sells it, or add it to a supplier's products.",
        )
    if not sourced.choices and all(_without_rate(needs, params, quote) for quote in sourced.quotes):
        currencies = sorted({needs.offers.currency[quote.offer] for quote in sourced.quotes})
        return PlanException(
            Kind.NO_RATE,
            f"Its prices in {', '.join(currencies)} cannot be compared: {sourced.quotes[0].obstacle}.",
            "Read or load the exchange rate (Demand & stock, Exchange rates), then plan again.",
        )
    if not sourced.choices and all(_without_price(needs, quote) for quote in sourced.quotes):
        return PlanException(
            Kind.NO_PRICE,
            f"No supplier's price of it is known; {much} are needed.",
            "Ask its suppliers for prices, or load a price list.",
        )
    if not sourced.choices and all(quote.obstacle == TOO_LARGE for quote in sourced.quotes):
        return PlanException(
            Kind.TOO_LARGE,
            f"Nothing is ordered: {TOO_LARGE}.",
            "Look for a wrong unit in the supplier's list, and mend its pack size or minimum.",
        )
    blocked = not sourced.choices and all(terms_of(needs, quote.offer).blocked for quote in sourced.quotes)
    names, why = ", ".join(_name(needs, quote) for quote in sourced.quotes[:3]), sourced.quotes[0].obstacle
    return PlanException(
        Kind.SHORT_SUPPLY,
        f"{much} of the {plain(found.net_requirement)} needed cannot be bought of {names}: {why}.",
        UNDO_BLOCK if blocked else "Ask again what they have, or order it by hand from somebody else.",
    )


def _limited(limit: Limit, found: ItemRequirement, sourced: Sourced) -> PlanException:
    much = f"{plain(sourced.shortfall)} of the {plain(found.net_requirement)} needed are left out"
    if not sourced.choices and limit.room(found.position) > 0:
        return PlanException(
            Kind.MINIMUM_TOO_LARGE,
            f"Nothing is ordered: {next(quote.obstacle for quote in sourced.quotes if quote.limit)}.",
            "Ask for smaller packs or a smaller minimum, raise the limit, or order it by hand.",
        )
    return PlanException(
        Kind.LIMITED,
        f"{much}: {limit.words}.",
        "Order more often, raise the limit if it is too strict, or expect to run out.",
    )


def _too_many(found: ItemRequirement, sourced: Sourced) -> PlanException:
    much = f"{plain(sourced.shortfall)} of the {plain(found.net_requirement)} needed are left out"
    return PlanException(
        Kind.LIMITED,
        f"{much}: {sourced.too_many}.",
        "Let the site's planning policy spread a line over more suppliers, or order the rest by hand.",
    )


def lasts_long(needs: Needs, row: int, sourced: Sourced, daily_demand: Decimal) -> Decimal | None:
    """Days that a due item lasts where a supplier's smallest quantity makes it last too long; else None."""
    bought = sum((choice.chosen.quantity for choice in sourced.choices), Decimal(0))
    position = exact(needs.position[row]) + bought
    if not daily_demand or position <= exact(needs.due_below[row]):
        return None
    return position / daily_demand if _smallest_is_long(needs, sourced, position, daily_demand) else None


def _smallest_is_long(needs: Needs, sourced: Sourced, position: Decimal, daily_demand: Decimal) -> bool:
    """Whether the smallest quantity on sale lasts too long by itself, or is beyond the longest cover.

    A large buffer for an item that is hardly sold lasts long as well; that is not for how it is packed.
    """
    for choice in sourced.choices:
        k, offers = choice.chosen.offer, needs.offers
        pack, minimum = exact(offers.pack_size[k]), exact(offers.minimum_quantity[k])
        smallest = pack_up(minimum, pack_size=pack, minimum=minimum).quantity
        if smallest > LONG_DAYS * daily_demand:
            return True
        soft = [limit for limit in needs.limits.get(k, ()) if not limit.hard]
        if choice.chosen.quantity == smallest and any(position > limit.most for limit in soft):
            return True
    return False


def _without_rate(needs: Needs, params: PlanningParams, quote: Quote) -> bool:
    currency = needs.offers.currency[quote.offer]
    return worth_of(needs, params, currency) is None


def _without_price(needs: Needs, quote: Quote) -> bool:
    return not np.isfinite(needs.offers.tier_from[quote.offer]).any()


def _name(needs: Needs, quote: Quote) -> str:
    return needs.suppliers[needs.offers.supplier[quote.offer]].name
