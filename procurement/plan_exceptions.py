"""What of a plan did not go as it should, item by item: how many of each kind, and which."""

from collections import Counter
from collections.abc import Iterator
from typing import NamedTuple

from django.db.models import QuerySet

from procurement.engine.exceptions import LABELS, Kind
from procurement.models import PlanRun, Requirement


class KindCount(NamedTuple):
    kind: str
    label: str
    items: int


def exceptions_counted(run: PlanRun) -> dict[str, int]:
    """By kind, of how many items; only those that have any are read."""
    told = with_exceptions(run.requirements.all()).order_by().values_list("exceptions", flat=True)
    return dict(Counter(kind for rows in told.iterator() for kind in {row["kind"] for row in rows}))


def with_exceptions(found: QuerySet[Requirement], kind: str = "") -> QuerySet[Requirement]:
    found = found.exclude(exceptions=[])
    return found.filter(exceptions__icontains=f'"kind": "{kind}"') if kind in set(Kind) else found


def exception_kinds(run: PlanRun) -> list[KindCount]:
    """Those that most need somebody to look first."""
    return [
        KindCount(kind.value, LABELS[kind], run.exceptions[kind]) for kind in Kind if kind in run.exceptions
    ]


class ItemException(NamedTuple):
    sku: str
    name: str
    kind: str
    words: str
    remedy: str


def item_exceptions(found: QuerySet[Requirement]) -> Iterator[ItemException]:
    rows = with_exceptions(found).values_list("product__sku", "product__name", "exceptions")
    for sku, name, exceptions in rows:
        for one in exceptions:
            yield ItemException(sku, name, one["kind"], one["words"], one["remedy"])
