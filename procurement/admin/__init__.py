from procurement.admin import planning, sources

__all__ = ["planning", "sources"]
