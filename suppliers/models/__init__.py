from suppliers.models.budget import CallDay, CallHour, Purpose
from suppliers.models.calls import ConnectorCall
from suppliers.models.catalogue import PriceQuote, PriceTier, Product, SupplierProduct
from suppliers.models.pace import CallWindow
from suppliers.models.rates import ExchangeRate
from suppliers.models.supplier import Supplier, SupplierAccount, SupplierCredential

__all__ = [
    "CallDay",
    "CallHour",
    "CallWindow",
    "ConnectorCall",
    "ExchangeRate",
    "PriceQuote",
    "PriceTier",
    "Product",
    "Purpose",
    "Supplier",
    "SupplierAccount",
    "SupplierCredential",
    "SupplierProduct",
]
