"""Whether a supplier still has what a plan chose, where several sites are planned at the same moment.

Plans of one site follow each other. Those of two sites may see the same stock on offer and both choose it; who
writes first has it, and the other one chooses again, with what is left.
"""

from collections import defaultdict
from decimal import Decimal

from orders.models import Site
from orders.selectors import open_on_offer
from procurement.services.plan_reading import Surroundings
from procurement.services.suggestions import Proposal
from suppliers.models import Supplier

TINY = 1e-6


def stock_taken(around: Surroundings, proposal: Proposal) -> bool:
    """Whether others have taken, since `around` was read, so much of what suppliers have that too little is left.

    Call inside the transaction that writes: plans of other sites that choose from the same suppliers wait for its end.
    """
    wanted = _wanted(proposal)
    if not wanted or not Site.objects.exclude(pk=around.run.site_id).exists():
        return False
    offers = proposal.needs.offers
    suppliers = {around.suppliers[int(offers.supplier[row])].pk for row in wanted}
    held = Supplier.objects.select_for_update(no_key=True).filter(pk__in=suppliers).order_by("pk")
    list(held.values_list("pk"))  # SQLite lets one at a time write anyway
    asked = open_on_offer()
    for row, quantity in wanted.items():
        now = float(asked.get(int(offers.key[row]), 0))
        if now > offers.asked[row] + TINY and now + float(quantity) > offers.stock[row] + TINY:
            return True
    return False


def _wanted(proposal: Proposal) -> dict[int, Decimal]:
    """Quantities by offer (its row), of suppliers that say what they have."""
    known, found = proposal.needs.offers.stock, defaultdict[int, Decimal](Decimal)
    for one in proposal.sourcing.items:
        for choice in one.choices:
            if known[choice.chosen.offer] >= 0:  # not of NaN
                found[choice.chosen.offer] += choice.chosen.quantity
    return found
