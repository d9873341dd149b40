"""Why planning could not do what was asked. The message is for the person who asked;
`status` is the HTTP answer.
"""

from typing import ClassVar


class PlanningError(Exception):
    status: ClassVar[int] = 409


class PlanAlreadyRunning(PlanningError):
    """One plan a site at a time: a second one would propose the same goods again."""


class PlanOverrun(PlanningError):
    """The run lost its lease while computing; nothing was written."""


class NothingToPlan(PlanningError):
    """There is no demand history, no stock or no offer to plan with; says which."""
