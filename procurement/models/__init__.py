from procurement.models.alerts import Alert
from procurement.models.codes import (
    CodeSystem,
    ItemCode,
    StockPart,
    UnitConversion,
    UnmatchedCode,
    WaitingEntry,
)
from procurement.models.days import LikeItem, Promotion, StockOut
from procurement.models.events import EventRefusal, SourceEvent
from procurement.models.files import AddedRows, ColumnMapping, FileImport, ImportedRow
from procurement.models.jobs import JobPart, JobRun, JobSetting
from procurement.models.plan_timers import PlanTimer
from procurement.models.planning import (
    CustomerOrder,
    CustomerOrderLine,
    DailyDemand,
    PlanningPolicy,
)
from procurement.models.plans import PlanPartition, PlanRun, Requirement, RequirementException
from procurement.models.policies import (
    CELLS,
    ClassServiceLevel,
    ItemPolicy,
    ItemPolicyChange,
    StockReservation,
    StorageArea,
    ValueClass,
    VariationClass,
)
from procurement.models.price_changes import PriceChange
from procurement.models.proposals import JournalLine, Proposal, ProposalDraft
from procurement.models.replays import ReplayRun
from procurement.models.source_calls import SourceCall
from procurement.models.sources import (
    FIRST_IN_LINE,
    SourceAccount,
    SourceCredential,
    SourceProblem,
    SourceRun,
)
from procurement.models.stock import StockChange, StockChoice, StockLevel, StockStatement

__all__ = [
    "CELLS",
    "FIRST_IN_LINE",
    "AddedRows",
    "Alert",
    "ClassServiceLevel",
    "CodeSystem",
    "ColumnMapping",
    "CustomerOrder",
    "CustomerOrderLine",
    "DailyDemand",
    "EventRefusal",
    "FileImport",
    "ImportedRow",
    "ItemCode",
    "ItemPolicy",
    "ItemPolicyChange",
    "JobPart",
    "JobRun",
    "JobSetting",
    "JournalLine",
    "LikeItem",
    "PlanPartition",
    "PlanRun",
    "PlanTimer",
    "PlanningPolicy",
    "PriceChange",
    "Promotion",
    "Proposal",
    "ProposalDraft",
    "ReplayRun",
    "Requirement",
    "RequirementException",
    "SourceAccount",
    "SourceCall",
    "SourceCredential",
    "SourceEvent",
    "SourceProblem",
    "SourceRun",
    "StockChange",
    "StockChoice",
    "StockLevel",
    "StockOut",
    "StockPart",
    "StockReservation",
    "StockStatement",
    "StorageArea",
    "UnitConversion",
    "UnmatchedCode",
    "ValueClass",
    "VariationClass",
    "WaitingEntry",
]
