"""Who delivers what is needed: `source` for a plan's due items, `solve` for any problem of the kind."""

from procurement.engine.sourcing.due_items import Sourcing, source
from procurement.engine.sourcing.quotes import TOO_LARGE, Choice, Quote, Sourced, Step

__all__ = ["TOO_LARGE", "Choice", "Quote", "Sourced", "Sourcing", "Step", "source"]
