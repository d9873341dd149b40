"""Why planning could not do what was asked. The message is for the person who asked;
`status` is the HTTP answer.
"""

from typing import ClassVar


class PlanningError(Exception):
    status: ClassVar[int] = 409


class PlanAlreadyRunning(PlanningError):
    """One plan a site at a time: a second one would propose the same goods again."""


class PlanOverrun(PlanningError):
    """The run has ended, or somebody else has taken it up meanwhile; nothing was written."""


class PlanHasEnded(PlanningError):
    """It is done, failed or cancelled; nothing can be stopped any more."""


class OrdersKeepChanging(PlanningError):
    """Scheduled receipts were never the same at the end of a plan as at its beginning."""


class OffersKeepChanging(PlanningError):
    """Offers that a plan had chosen were gone each time it wanted to order by them."""


class NothingToPlan(PlanningError):
    """There is no demand history, no stock or no offer to plan with; says which."""


class ReplayAlreadyRunning(PlanningError):
    """One replay a site at a time."""


class JobAlreadyRunning(Exception):
    """One run of a periodic job at a time. The message is for the person who asked."""


class JobRefused(Exception):
    """A periodic job cannot be set that way. The message is for the person who asked."""


class SyncError(Exception):
    """A source could not be read now. The message is for the person who asked."""


class SyncAlreadyRunning(SyncError):
    """One reading of a source at a time."""


class SyncOverrun(SyncError):
    """The reading was stopped or lost its lease; what it had taken over page by page stays."""


class FileError(Exception):
    """A file could not be taken, read, loaded or undone. The message is for the person who asked."""

    status: ClassVar[int] = 409


class FileNotUndoable(FileError):
    """It was not loaded, is being loaded, or has been undone already; says which."""


class FileNotReady(FileError):
    """What was asked for does not follow from how far the file has come; says what does."""


class FileOverrun(FileError):
    """Somebody else works on it, or it was stopped: this step does not stand."""


class CodeRefused(Exception):
    """A code or unit cannot mean that, or somebody else said otherwise meanwhile. For the person who said it."""


class FileRefused(FileError):
    """The file is not one that can be read, or is too large; says what to do."""

    status: ClassVar[int] = 422
