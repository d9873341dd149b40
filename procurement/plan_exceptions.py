"""What of a plan did not go as it should, item by item: how many of each kind, and which."""

from collections.abc import Iterator
from typing import NamedTuple

from django.db.models import QuerySet

from procurement.engine.exceptions import LABELS, Kind
from procurement.models import PlanRun, Requirement, RequirementException


class KindCount(NamedTuple):
    kind: str
    label: str
    items: int


def with_exceptions(run: PlanRun, kind: str = "") -> QuerySet[Requirement]:
    """The items of a plan that is done with an exception of that kind, or of any."""
    rows = RequirementException.objects.filter(run=run)
    rows = rows.filter(kind=kind) if kind in set(Kind) else rows
    return Requirement.objects.filter(pk__in=rows.values("requirement"))


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
    rows = found.values_list("product__sku", "product__name", "exceptions")
    for sku, name, exceptions in rows:
        for one in exceptions:
            yield ItemException(sku, name, one["kind"], one["words"], one["remedy"])
