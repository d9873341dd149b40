"""Every periodic job, in one list; `manage.py setup` writes it to the queue's schedule table."""

from collections.abc import Mapping
from dataclasses import dataclass, field

A_DAY = 1440  # minutes


@dataclass(frozen=True, slots=True)
class Done:
    """What a job, or a part of one, did: numbers by the words for them. Nothing but zeros: there was nothing to do."""

    counts: Mapping[str, int] = field(default_factory=dict)
    error: str = ""  # why it failed, for a person
    more: bool = False  # there is more to do: the next task goes on
    later: bool = False  # not at once, but in a minute


@dataclass(frozen=True, slots=True)
class Part:
    subject: int  # id of the supplier or source
    label: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PeriodicJob:
    name: str
    task: str  # dotted name of a function without arguments: one malformed argument would stop every schedule
    title: str
    purpose: str  # in a person's words
    every: int  # minutes
    least: int = 1  # what an administrator may choose
    most: int = A_DAY
    work: str  # dotted name: () -> Done, or of one part: (subject) -> Done. Safe to run twice and at the same time
    parts: str = ""  # dotted name: () -> Sequence[Part], each done in a task of its own
    pausable: bool = True


PERIODIC_JOBS = (
    PeriodicJob(
        name="sweep",
        task="procurement.tasks.sweep",
        work="procurement.chores.sweep",
        title="Look after transfers and answers",
        purpose="Finds orders, answers and mails whose worker died or that nobody woke, and sets them going again.",
        every=1,
        most=1,  # its run is the worker's sign of life
        pausable=False,
    ),
    PeriodicJob(
        name="watch",
        task="procurement.tasks.watch",
        work="procurement.chores.watch",
        title="Watch over jobs, sources and suppliers",
        purpose="Takes over from jobs that died, and tells administrators what is stale, failed or silent.",
        every=1,
        most=5,
        pausable=False,
    ),
    PeriodicJob(
        name="poll-suppliers",
        task="procurement.tasks.poll_suppliers",
        parts="procurement.chores.suppliers_to_poll",
        work="procurement.chores.poll_supplier",
        title="Collect suppliers' answers",
        purpose="Asks suppliers that leave their answers for us: folders, mailboxes and services without callbacks.",
        every=1,
        most=120,
    ),
    PeriodicJob(
        name="sync-sources",
        task="procurement.tasks.sync_sources",
        parts="procurement.chores.sources_to_read",
        work="procurement.chores.read_source",
        title="Read sources",
        purpose="Reads customer orders, stock and proposals of every source whose turn it is by its own rhythm.",
        every=1,
        most=60,
    ),
    PeriodicJob(
        name="fetch-events",
        task="procurement.tasks.fetch_events",
        parts="procurement.chores.sources_telling",
        work="procurement.chores.fetch_source_events",
        title="Fetch what sources told of",
        purpose="Asks for entries that a source's events named and that nobody was woken for, or that failed.",
        every=1,
        most=60,
    ),
    PeriodicJob(
        name="plan-before-cut-offs",
        task="procurement.tasks.plan_before_cut_offs",
        parts="procurement.chores.sites_planned_by_themselves",
        work="procurement.chores.plan_before_cut_off",
        title="Plan sites before suppliers' cut-offs",
        purpose="Begins the plan of a site in good time before the first cut-off of its day, where somebody has set how"
        " long before.",
        every=1,
        most=5,  # the least time before a cut-off
    ),
    PeriodicJob(
        name="replan",
        task="procurement.tasks.replan",
        parts="procurement.chores.sites_replanned",
        work="procurement.chores.replan",
        title="Plan again what something has happened to",
        purpose="Plans just the items that a large customer order, a rejection or a late delivery concerns, where the"
        " site's planning policy says so.",
        every=1,
        most=60,
    ),
    PeriodicJob(
        name="settle-stock",
        task="procurement.tasks.settle_stock",
        parts="procurement.chores.sites_with_stock",
        work="procurement.chores.settle_stock",
        title="Let stock follow those who still tell it",
        purpose="Where a source was switched off or has been silent for a week, another one's figures count.",
        every=60,
        most=A_DAY,
    ),
    PeriodicJob(
        name="file-imports",
        task="procurement.tasks.resume_files",
        work="procurement.chores.resume_files",
        title="Go on with files",
        purpose="Goes on checking, loading or undoing files whose worker died.",
        every=1,
        most=5,
    ),
    PeriodicJob(
        name="sync-catalogues",
        task="procurement.tasks.sync_catalogues",
        parts="procurement.chores.suppliers_to_ask",
        work="procurement.chores.sync_catalogue",
        title="Refresh the product lists of suppliers",
        purpose="Asks every supplier what it sells, and for prices and stock of what is new.",
        every=A_DAY,
        least=60,
        most=7 * A_DAY,
    ),
    PeriodicJob(
        name="old-prices",
        task="procurement.tasks.refresh_prices",
        parts="procurement.chores.suppliers_with_prices",
        work="procurement.chores.refresh_prices",
        title="Ask again for prices that have expired",
        purpose="Asks suppliers for prices that are older than their answers hold; plans do so for what they need.",
        every=60,
        least=10,
    ),
    PeriodicJob(
        name="hot-stock",
        task="procurement.tasks.poll_hot_stock",
        parts="procurement.chores.suppliers_with_stock",
        work="procurement.chores.poll_hot_stock",
        title="Ask for stock of what is about to be ordered",
        purpose="Asks suppliers what they have of items on drafts, and of items short of or near their reorder point.",
        every=60,
        least=10,
    ),
    PeriodicJob(
        name="price-changes",
        task="procurement.tasks.find_price_changes",
        work="procurement.chores.find_price_changes",
        title="Say what changed prices cost a year",
        purpose="Compares new price lists with those before, on the demand that the newest plans expect.",
        every=15,
        least=5,
    ),
    PeriodicJob(
        name="measure-suppliers",
        task="procurement.tasks.measure_suppliers",
        work="procurement.chores.measure_suppliers",
        title="Measure how suppliers keep to orders",
        purpose="Counts a year's rejected orders, cut lines and late deliveries, whose cost plans add to the price, and"
        " how long deliveries took, which plans take for lead times.",
        every=A_DAY,
        least=60,
        most=7 * A_DAY,
    ),
    PeriodicJob(
        name="prune",
        task="procurement.tasks.prune",
        work="procurement.chores.prune",
        title="Throw away what nobody reads any more",
        purpose="Deletes old results of tasks, readings, runs, calls and files. Orders and all about them are kept.",
        every=A_DAY,
        least=60,
        most=7 * A_DAY,
    ),
)
JOBS = {job.name: job for job in PERIODIC_JOBS}
