from suppliers.models.calls import ConnectorCall
from suppliers.models.catalogue import PriceQuote, PriceTier, Product, SupplierProduct
from suppliers.models.supplier import Supplier, SupplierAccount, SupplierCredential

__all__ = [
    "ConnectorCall",
    "PriceQuote",
    "PriceTier",
    "Product",
    "Supplier",
    "SupplierAccount",
    "SupplierCredential",
    "SupplierProduct",
]
