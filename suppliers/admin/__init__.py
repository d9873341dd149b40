from suppliers.admin import account, calls, catalogue, supplier, terms

__all__ = ["account", "calls", "catalogue", "supplier", "terms"]
