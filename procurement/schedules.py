"""Every periodic job, in one list; `manage.py setup` writes it to the queue's schedule table."""

from dataclasses import dataclass

from django_q.models import Schedule


@dataclass(frozen=True, slots=True)
class PeriodicJob:
    name: str
    task: str  # dotted name of a function without arguments: one malformed argument would stop every schedule
    every: str  # a Schedule type


PERIODIC_JOBS = (
    PeriodicJob("sweep", "orders.tasks.sweep", Schedule.MINUTES),
    PeriodicJob("poll-suppliers", "orders.tasks.poll_suppliers", Schedule.MINUTES),
    PeriodicJob("sync-sources", "procurement.tasks.sync_sources", Schedule.MINUTES),
    PeriodicJob("sync-catalogues", "procurement.tasks.sync_catalogues", Schedule.DAILY),
    PeriodicJob("hot-stock", "procurement.tasks.poll_hot_stock", Schedule.HOURLY),
    PeriodicJob("prune", "procurement.tasks.prune", Schedule.DAILY),
)
