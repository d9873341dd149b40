"""The sample's world as practice systems are told it: the very orders of the last weeks, stock, and some proposals."""

import math
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from itertools import groupby

from procurement.sample.world import ORDER_DAYS, CustomerLine, World
from procurement.sources.sandbox.sample import Sample, SampleOrder, SampleProposal

PROPOSING = 4  # suppliers that somebody plans for
LINES = 5
DAYS = 14  # of demand in a proposal


def orders_from(as_of: date) -> date:
    """The first day of which practice systems have the orders."""
    return as_of - timedelta(days=ORDER_DAYS)


def practice_sample(world: World) -> Sample:
    return Sample(
        as_of=world.as_of,
        names={item.sku: item.name for item in world.items},
        orders=(*_orders(world.past_lines, open_=False), *_orders(world.customer_lines, open_=True)),
        stock=world.stock,
        proposals=tuple(_proposals(world)),
    )


def _orders(lines: Sequence[CustomerLine], *, open_: bool) -> Iterator[SampleOrder]:
    for number, group in groupby(lines, key=lambda line: line.number):
        found = list(group)
        yield SampleOrder(
            number=number,
            customer=found[0].customer,
            ordered_on=found[0].ordered_on,
            due_date=found[0].due_date,
            open=open_,
            lines=tuple((line.sku, line.quantity) for line in found),
        )


def _proposals(world: World) -> Iterator[SampleProposal]:
    """What is shortest of each supplier's range, no item twice."""
    daily = {item.sku: item.daily for item in world.items}
    taken: set[str] = set()
    for supplier in sorted(world.offers)[:PROPOSING]:
        offers = [
            offer for offer in world.offers[supplier] if offer.sku not in taken and daily[offer.sku] > 0
        ]
        offers.sort(key=lambda offer: world.stock[offer.sku] / daily[offer.sku])
        chosen = offers[:LINES]
        taken |= {offer.sku for offer in chosen}
        yield SampleProposal(
            supplier=supplier,
            lines=tuple(
                (
                    offer.sku,
                    offer.pack_size * math.ceil(daily[offer.sku] * DAYS / offer.pack_size),
                    offer.tiers[0][1],
                )
                for offer in chosen
            ),
        )
