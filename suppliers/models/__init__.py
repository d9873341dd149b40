from suppliers.models.budget import CallDay, CallHour, Purpose
from suppliers.models.calendar import Closure, SupplierCalendar, SupplierClosure, WorkingWeek
from suppliers.models.calls import ConnectorCall
from suppliers.models.catalogue import PriceQuote, PriceTier, Product, SupplierProduct
from suppliers.models.contract import ContractItem
from suppliers.models.decision import SourcingDecision
from suppliers.models.lead_time import DeliveryRecord
from suppliers.models.pace import CallWindow
from suppliers.models.rates import ExchangeRate
from suppliers.models.reliability import SupplierReliability
from suppliers.models.supplier import Supplier, SupplierAccount, SupplierCredential

__all__ = [
    "CallDay",
    "CallHour",
    "CallWindow",
    "Closure",
    "ConnectorCall",
    "ContractItem",
    "DeliveryRecord",
    "ExchangeRate",
    "PriceQuote",
    "PriceTier",
    "Product",
    "Purpose",
    "SourcingDecision",
    "Supplier",
    "SupplierAccount",
    "SupplierCalendar",
    "SupplierClosure",
    "SupplierCredential",
    "SupplierProduct",
    "SupplierReliability",
    "WorkingWeek",
]
