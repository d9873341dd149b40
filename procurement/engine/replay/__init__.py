"""Day by day over history: what a policy would have bought, and what customers would have found on the shelf."""

from procurement.engine.replay.buffer import Allocation, Buffer
from procurement.engine.replay.outcome import Outcome
from procurement.engine.replay.par import Par
from procurement.engine.replay.planned import Planned
from procurement.engine.replay.run import replay
from procurement.engine.replay.world import Policy, Seen, Unmet, World

__all__ = ["Allocation", "Buffer", "Outcome", "Par", "Planned", "Policy", "Seen", "Unmet", "World", "replay"]
