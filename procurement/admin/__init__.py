from procurement.admin import planning, policies, sources

__all__ = ["planning", "policies", "sources"]
