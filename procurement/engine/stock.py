"""Inventory position: what is, or will be, ours to sell."""

import numpy as np

from procurement.engine.data import Floats


def inventory_position(on_hand: Floats, on_order: Floats, committed: Floats) -> Floats:
    """on hand + scheduled receipts - committed to customers, in the item's unit. (n,) each -> (n,)

    Orders are placed on the position, not on the stock on hand, or goods on their way would be ordered again.
    Silver, Pyke & Thomas, Inventory and Production Management in Supply Chains, 4th ed., ch. 6.
    """
    position: Floats = np.round(on_hand + on_order - committed, 4)
    return position
