from suppliers.models.calls import ConnectorCall
from suppliers.models.catalogue import PriceQuote, PriceTier, Product, SupplierProduct
from suppliers.models.pace import CallWindow
from suppliers.models.supplier import Supplier, SupplierAccount, SupplierCredential

__all__ = [
    "CallWindow",
    "ConnectorCall",
    "PriceQuote",
    "PriceTier",
    "Product",
    "Supplier",
    "SupplierAccount",
    "SupplierCredential",
    "SupplierProduct",
]
