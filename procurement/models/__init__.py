from procurement.models.planning import (
    CustomerOrder,
    CustomerOrderLine,
    DailyDemand,
    PlanningPolicy,
    PlanRun,
    Requirement,
    StockLevel,
)
from procurement.models.sources import SourceAccount, SourceCredential, SourceProblem, SourceRun

__all__ = [
    "CustomerOrder",
    "CustomerOrderLine",
    "DailyDemand",
    "PlanRun",
    "PlanningPolicy",
    "Requirement",
    "SourceAccount",
    "SourceCredential",
    "SourceProblem",
    "SourceRun",
    "StockLevel",
]
