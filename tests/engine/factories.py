"""Planning data of a few items, as small as a test can say it."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

import numpy as np

from procurement.engine.data import OfferRow, PlanningData, SupplierTerms, offers_from_rows
from procurement.engine.params import PlanningParams

AS_OF = date(2026, 3, 2)
PARAMS = PlanningParams(currency="GBP")


def terms(
    code: str = "alpha", *, minimum: str = "0", fee: str = "0", free: str | None = None
) -> SupplierTerms:
    return SupplierTerms(
        code=code,
        name=code.title(),
        minimum_order_value=Decimal(minimum),
        delivery_fee=Decimal(fee),
        free_delivery_from=None if free is None else Decimal(free),
    )


def offer(supplier: int = 0, *, price: str | None = "2.00", item: int = 0, **fields: Any) -> OfferRow:
    decimals = {
        name: Decimal(fields.pop(name, default))
        for name, default in (("pack", "1"), ("minimum", "1"), ("asked", "0"))
    }
    stock = fields.pop("stock", None)
    tiers = fields.pop("tiers", [("1", price)] if price is not None else [])
    values: dict[str, Any] = {
        "item": item,
        "key": 100 * item + supplier,
        "supplier": supplier,
        "supplier_sku": f"S{supplier}-{item}",
        "lead_time_days": 3,
        "pack_size": decimals["pack"],
        "minimum_quantity": decimals["minimum"],
        "asked": decimals["asked"],
        "stock": None if stock is None else Decimal(stock),
        "currency": "GBP",
        "tiers": [(Decimal(start), Decimal(at)) for start, at in tiers],
    }
    return OfferRow(**{**values, **fields})


def data(
    demand: Sequence[Sequence[float]],
    offers: Sequence[OfferRow],
    *,
    on_hand: Sequence[float] | None = None,
    on_order: Sequence[float] | None = None,
    committed: Sequence[float] | None = None,
    suppliers: Sequence[SupplierTerms] | None = None,
    **caveats: Any,
) -> PlanningData:
    n = len(demand)

    def quantities(values: Sequence[float] | None) -> np.ndarray:
        return np.array([0.0] * n if values is None else values, dtype=np.float64)

    known = 1 + max((row.supplier for row in offers), default=0)
    return PlanningData(
        as_of=AS_OF,
        skus=tuple(f"item-{i}" for i in range(n)),
        units=("C62",) * n,
        demand=np.array(demand, dtype=np.float64),
        on_hand=quantities(on_hand),
        on_order=quantities(on_order),
        committed=quantities(committed),
        suppliers=tuple(suppliers or [terms(code) for code in ("alpha", "beta", "gamma", "delta")[:known]]),
        offers=offers_from_rows(offers),
        **caveats,
    )


STEADY = [[2.0] * 200]  # two a day: no error, so no buffer
