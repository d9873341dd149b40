"""What is odd about the orders of a plan, with what to do about it."""

from collections import defaultdict
from collections.abc import Sequence
from decimal import Decimal

from procurement.engine.needs import Needs
from procurement.engine.sourcing.cost import order_cost
from procurement.engine.sourcing.problem import Seller
from procurement.engine.sourcing.quotes import Sourced
from suppliers.packing import plain_money


def order_exceptions(needs: Needs, sellers: Sequence[Seller], items: Sequence[Sourced]) -> tuple[str, ...]:
    """Orders that stay below their minimum, and those for which a little more would save the delivery fee."""
    goods: dict[int, Decimal] = defaultdict(Decimal)
    for choice in (choice for sourced in items for choice in sourced.choices):
        chosen = choice.chosen
        goods[int(needs.offers.supplier[chosen.offer])] += chosen.quantity * (chosen.unit_price or 0)
    said = []
    for supplier, value in sorted(goods.items()):
        seller = sellers[supplier]
        said += _order(seller, value, needs.suppliers[supplier].currency)
    return tuple(said)


def _order(seller: Seller, value: Decimal, currency: str) -> list[str]:
    def money(amount: Decimal) -> str:
        return plain_money(amount, currency)

    cost = order_cost(value, seller)
    said = []
    if value < seller.minimum_order_value:
        missing = seller.minimum_order_value - value
        below = f"{seller.name}'s order comes to {money(value)}, {money(missing)} below its minimum of"
        minimum = money(seller.minimum_order_value)
        if seller.below_minimum_costs is not None:
            said.append(
                f"{below} {minimum}. It takes such an order for {money(seller.below_minimum_costs)} more."
            )
        else:
            said.append(
                f"{below} {minimum}, and no other supplier is cheaper. Top it up, wait until more is needed, or ask"
                f" {seller.name} to take it."
            )
    if cost.to_free_delivery:
        fee = money(seller.delivery_fee)
        said.append(
            f"{seller.name}'s order is {money(cost.to_free_delivery)} short of free delivery, which saves {fee}."
        )
    return said
