"""The knobs of a plan, checked when they are set."""

from dataclasses import dataclass
from decimal import Decimal

from procurement.engine.allocation import ServicePrice

LEAST_SERVICE, MOST_SERVICE = Decimal("0.5"), Decimal("0.999")


class InvalidParameter(ValueError):
    """A parameter is out of its range; says which and what it may be."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanningParams:
    currency: str  # what prices in other currencies are counted in
    service_level: Decimal = Decimal("0.95")  # share of protection intervals in which stock should last
    # What the site's items are spread by that have no service level of their own; None: all have the one above.
    service_price: ServicePrice | None = None
    # No item has less of it, however dear, nor more, however cheap
    least_spread_service: Decimal = Decimal("0.80")
    most_spread_service: Decimal = MOST_SERVICE
    review_period_days: int = 7
    # How sure it should be that all of it sells before it spoils.
    shelf_life_certainty: Decimal = Decimal("0.75")
    min_errors: int = 10  # past forecasts of an item; with fewer its buffer is at least that of the fallback
    lead_time_without_offer_days: int = 7  # to say how much is missing of an item nobody offers
    # Spreads a fee that has neither a limit nor a minimum.
    order_value_without_minimum: Decimal = Decimal(500)
    most_suppliers_a_line: int | None = None  # None: as many as it takes
    # Of the goods' value, each day that they arrive after the stock is expected to have run out: counted, never paid.
    late_cost_a_day: Decimal = Decimal("0.02")
    # What each order line costs to write, receive and pay; None: not known, and only what is needed is bought.
    order_line_cost: Decimal | None = None
    holding_cost: Decimal = Decimal("0.2")  # of stock a year, as a share of its price
    forecaster_seconds: float = 60  # that another forecaster than ours has for `chunk_items`
    sourcing_seconds: float = 0  # for the exact search; 0: the quick plan stands
    chunk_items: int = 4096  # items computed at once: bounds memory

    def __post_init__(self) -> None:
        self._within("service_level", LEAST_SERVICE, MOST_SERVICE)
        self._within("least_spread_service", LEAST_SERVICE, MOST_SERVICE)
        self._within("most_spread_service", self.least_spread_service, MOST_SERVICE)
        self._within("shelf_life_certainty", Decimal("0.5"), Decimal("0.99"))
        self._within("review_period_days", 1, 60)
        self._within("min_errors", 2, 52)
        self._within("lead_time_without_offer_days", 0, 365)
        self._within("order_value_without_minimum", 1, 1_000_000)
        if self.most_suppliers_a_line is not None:
            self._within("most_suppliers_a_line", 1, 100)
        if self.order_line_cost is not None:
            self._within("order_line_cost", 0, 10_000)
        self._within("holding_cost", 0, 1)
        self._within("late_cost_a_day", 0, 1)
        self._within("sourcing_seconds", 0, 3_600)
        self._within("chunk_items", 1, 100_000)
        if len(self.currency) != 3:
            raise InvalidParameter(f"currency is {self.currency!r}; it must be an ISO 4217 code such as GBP")

    def _within(self, name: str, least: Decimal | float, most: Decimal | float) -> None:
        value = getattr(self, name)
        if not least <= value <= most:
            raise InvalidParameter(f"{name} is {value}; it must be between {least} and {most}")
