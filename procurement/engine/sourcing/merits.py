"""Why a line goes to a supplier that is not the cheapest for it: what its order and the other's would come to."""

from decimal import Decimal

import numpy as np

from procurement.engine.needs import Needs
from procurement.engine.sourcing.assignment import Assignment
from procurement.engine.sourcing.due_problem import DueProblem
from procurement.engine.sourcing.problem import Seller
from procurement.engine.sourcing.quotes import Quote
from suppliers.packing import plain, plain_money


class Merits:
    def __init__(self, needs: Needs, due: DueProblem, plan: Assignment | None, currency: str) -> None:
        self._needs, self._due, self._plan, self._currency = needs, due, plan, currency
        self._line_of = {item: line for line, item in enumerate(due.items.tolist())}

    def of(self, chosen: Quote, cheaper: Quote) -> str:
        """In words that follow the name of the one chosen, such as "keeps Alderbrook's order above its minimum"."""
        line = self._line_of.get(int(self._needs.offers.item[chosen.offer]))
        if self._plan is None or line is None:
            return _OTHERWISE
        mine, other = (int(self._needs.offers.supplier[quote.offer]) for quote in (chosen, cheaper))
        if mine == other:
            return _OTHERWISE
        said = [
            *self._in_time(chosen, cheaper),
            *self._of_the_other(self._plan, other, cheaper),
            *self._of_its_own(self._plan, mine, line),
        ]
        if said:
            return " and ".join(said)
        if chosen.needed <= chosen.quantity < cheaper.quantity and (
            less := self._less_in_all(chosen, cheaper)
        ):
            return less
        if self._plan.parts[mine] > 1:
            return "delivers other lines anyway"
        return _OTHERWISE

    def _in_time(self, chosen: Quote, cheaper: Quote) -> list[str]:
        """Whether the cheaper one comes after the stock has run out, and this one earlier."""
        needs = self._needs
        mine, other = (int(needs.arrival_days[quote.offer]) for quote in (chosen, cheaper))
        by = float(needs.need_by_days[needs.offers.item[chosen.offer]])
        if mine >= other or other <= by or not self._due.problem.late_cost_a_day:
            return []
        days = f"{other - mine} day{'s' if other - mine > 1 else ''}"
        lasts = f"{by:.0f} day{'s' if by >= 2 else ''}" if by >= 1 else "not even a day"
        return [f"is there {days} earlier, as the stock lasts {lasts}"]

    def _of_the_other(self, plan: Assignment, supplier: int, quote: Quote) -> list[str]:
        """What an order from the cheaper one would cost, where there is none."""
        seller = self._seller(supplier)
        if plan.parts[supplier]:
            return []
        goods = quote.quantity * (quote.unit_price or 0)
        said = []
        if seller.delivery_fee and (seller.free_delivery_from is None or goods < seller.free_delivery_from):
            said.append(f"delivery {self._money(supplier, seller.delivery_fee)}")
        if goods < seller.minimum_order_value:
            said.append(f"minimum {self._money(supplier, seller.minimum_order_value)}")
        return [f"saves an order from {seller.name} ({', '.join(said)})"] if said else []

    def _of_its_own(self, plan: Assignment, supplier: int, line: int) -> list[str]:
        """What the order it is part of would lose without this line."""
        seller, row = self._seller(supplier), plan.chosen[line]
        rate = float(seller.rate)
        goods = plan.goods[supplier] / rate
        without = goods - float(plan.ways.goods[row][plan.ways.supplier[row] == supplier].sum()) / rate
        if plan.parts[supplier] <= np.count_nonzero(plan.ways.supplier[row] == supplier):
            return []
        said, minimum, free = [], float(seller.minimum_order_value), seller.free_delivery_from
        if without < minimum:
            reached = "keeps" if goods >= minimum else "brings"
            near = "above its minimum" if goods >= minimum else "nearer to its minimum"
            limit = self._money(supplier, seller.minimum_order_value)
            said.append(f"{reached} {seller.name}'s order {near} of {limit}")
        if seller.delivery_fee and free is not None and without < float(free) <= goods:
            fee = self._money(supplier, seller.delivery_fee)
            said.append(f"keeps its delivery free, which saves {fee}")
        return said

    def _less_in_all(self, chosen: Quote, cheaper: Quote) -> str:
        mine, other = ((quote.landed_price or Decimal(0)) * quote.quantity for quote in (chosen, cheaper))
        if mine >= other:
            return ""
        words = [plain_money(amount, self._currency) for amount in (mine, other)]
        return f"costs {words[0]} for {plain(chosen.quantity)} instead of {words[1]} for {plain(cheaper.quantity)}"

    def _seller(self, supplier: int) -> Seller:
        return self._due.problem.sellers[supplier]

    def _money(self, supplier: int, amount: Decimal) -> str:
        return plain_money(amount, self._needs.suppliers[supplier].currency)


_OTHERWISE = "makes all orders together cost least"
