from procurement.models.planning import (
    CustomerOrder,
    CustomerOrderLine,
    DailyDemand,
    PlanningPolicy,
    PlanRun,
    Requirement,
    StockLevel,
)
from procurement.models.proposals import JournalLine, Proposal, ProposalDraft
from procurement.models.sources import SourceAccount, SourceCredential, SourceProblem, SourceRun

__all__ = [
    "CustomerOrder",
    "CustomerOrderLine",
    "DailyDemand",
    "JournalLine",
    "PlanRun",
    "PlanningPolicy",
    "Proposal",
    "ProposalDraft",
    "Requirement",
    "SourceAccount",
    "SourceCredential",
    "SourceProblem",
    "SourceRun",
    "StockLevel",
]
