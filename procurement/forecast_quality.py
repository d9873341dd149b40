"""How good the forecasts of a plan were on the past, over all its items. Reads only."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from statistics import median
from typing import Any

from django.db.models import QuerySet
from django.db.models.fields.json import KT

from procurement.models import PlanRun, Requirement
from suppliers.templatetags.figures import to_decimal

STEPS = tuple(Decimal(step) / 10 for step in (5, 6, 7, 8, 9, 10, 11, 12))
SHOWN = 10


@dataclass(frozen=True, slots=True)
class JudgedItem:
    requirement: int
    sku: str
    name: str
    share: Decimal  # of the error that repeating the last days makes
    method: str


@dataclass(frozen=True, slots=True)
class Quality:
    judged: int
    unjudged: int
    better: int  # than repeating the last days
    repeated: int  # forecast by repeating the last days, as nothing did better
    gone: int
    middle: Decimal | None
    steps: Sequence[tuple[str, int]]  # how many items in each step of the share
    best: Sequence[JudgedItem]
    worst: Sequence[JudgedItem]


def forecast_quality(*, run: PlanRun) -> Quality:
    rows = list(_told(run).iterator(chunk_size=5_000))
    judged = [
        JudgedItem(pk, sku, name, share, method)
        for pk, sku, name, text, method in rows
        if (share := to_decimal(text)) is not None
    ]
    judged.sort(key=lambda item: (item.share, item.sku))
    ends = list(zip((Decimal(0), *STEPS), (*STEPS, None), strict=True))
    return Quality(
        judged=len(judged),
        unjudged=len(rows) - len(judged),
        better=sum(item.share < 1 for item in judged),
        repeated=sum(method == "naive" for *_, method in rows),
        gone=sum(method == "gone" for *_, method in rows),
        middle=median([item.share for item in judged]) if judged else None,
        steps=[
            (_step(low, high), sum(low <= one.share and (high is None or one.share < high) for one in judged))
            for low, high in ends
        ],
        best=judged[:SHOWN],
        worst=judged[SHOWN:][-SHOWN:][::-1],
    )


def _told(run: PlanRun) -> QuerySet[Requirement, tuple[Any, ...]]:
    return Requirement.objects.filter(run=run).values_list(
        "pk", "product__sku", "product__name", KT("reason__demand__error_against_naive"),
        KT("reason__demand__method"),
    )  # fmt: skip


def _step(low: Decimal, high: Decimal | None) -> str:
    if high is None:
        return f"{100 * low:.0f} % and more"
    return f"{100 * low:.0f} to {100 * high:.0f} %" if low else f"under {100 * high:.0f} %"
