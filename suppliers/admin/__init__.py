from suppliers.admin import account, calls, catalogue, supplier

__all__ = ["account", "calls", "catalogue", "supplier"]
