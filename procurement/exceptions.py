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


class SyncError(Exception):
    """A source could not be read now. The message is for the person who asked."""


class SyncAlreadyRunning(SyncError):
    """One reading of a source at a time."""


class SyncOverrun(SyncError):
    """The reading was stopped or lost its lease; what it had taken over page by page stays."""
