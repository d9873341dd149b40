"""The sample's world as practice systems are told it: nobody's words yet. Each puts it into its own."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class SampleOrder:
    number: str
    customer: str  # may be empty
    ordered_on: date
    due_date: date | None
    open: bool
    lines: tuple[tuple[str, int], ...]  # (sku, quantity)


@dataclass(frozen=True, slots=True, kw_only=True)
class SampleProposal:
    supplier: str  # code
    lines: tuple[tuple[str, int, Decimal], ...]  # (sku, quantity, price)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    as_of: date
    names: Mapping[str, str]  # of items, by sku
    orders: tuple[SampleOrder, ...]
    stock: Mapping[str, int]
    proposals: tuple[SampleProposal, ...]
