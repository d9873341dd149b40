"""The nine classes of a site's items as its newest plan found them: how many, worth what, at which service level."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Count, Sum

from orders.models import Site
from procurement.models import ClassServiceLevel, PlanningPolicy, PlanRun, ValueClass, VariationClass
from procurement.selectors import newest_plan
from suppliers.templatetags.figures import plain


@dataclass(frozen=True, slots=True)
class ClassCell:
    cell: str
    items: int
    value: Decimal  # of a year's demand, in the base currency
    share: Decimal  # of all items' value, in percent
    level: Decimal
    set_by: ClassServiceLevel | None  # None: the site's own level
    typed: str  # in percent, as it was typed or as it is set; empty: the site's own
    errors: Sequence[str]  # what is wrong with what was typed

    @property
    def percent(self) -> Decimal:
        return self.level * 100


@dataclass(frozen=True, slots=True)
class ClassRow:
    letter: str
    words: str
    cells: Sequence[ClassCell]

    @property
    def items(self) -> int:
        return sum(cell.items for cell in self.cells)

    @property
    def value(self) -> Decimal:
        return sum((cell.value for cell in self.cells), Decimal(0))


@dataclass(frozen=True, slots=True)
class ClassGrid:
    site: Site
    policy: PlanningPolicy
    run: PlanRun | None  # None: no plan has classed its items yet
    rows: Sequence[ClassRow]
    columns: Sequence[tuple[str, str]]

    @property
    def spread(self) -> bool:
        """Items of a class without a level of its own have theirs by what their stock costs and prevents."""
        return self.policy.buffer_spread == PlanningPolicy.Buffer.WORTH

    @property
    def wrong(self) -> list[str]:
        """The classes in which something was typed that cannot be."""
        return [cell.cell for row in self.rows for cell in row.cells if cell.errors]


def class_grid(
    *, site: Site, typed: Mapping[str, str] | None = None, errors: Mapping[str, Sequence[str]] | None = None
) -> ClassGrid:
    """`typed`: the form as somebody sent it, by class, where it was not taken; `errors`: why, by class."""
    policy, _ = PlanningPolicy.objects.get_or_create(site=site)
    run = newest_plan(site=site)
    found = {}
    if run:
        cells = run.requirements.exclude(cell="").order_by().values("cell")
        found = {row["cell"]: row for row in cells.annotate(items=Count("pk"), value=Sum("yearly_value"))}
    total = sum((row["value"] for row in found.values()), Decimal(0))
    levels = {level.cell: level for level in ClassServiceLevel.objects.filter(site=site).select_related("by")}

    def cell(code: str) -> ClassCell:
        row, by_hand = found.get(code), levels.get(code)
        value = row["value"] if row else Decimal(0)
        return ClassCell(
            cell=code,
            items=row["items"] if row else 0,
            value=value,
            share=value / total * 100 if total else Decimal(0),
            level=by_hand.service_level if by_hand else policy.service_level,
            set_by=by_hand,
            typed=_as_set(by_hand) if typed is None else typed.get(code, ""),
            errors=(errors or {}).get(code, ()),
        )

    rows = [
        ClassRow(value, label, [cell(value + variation) for variation in VariationClass.values])
        for value, label in ValueClass.choices
    ]
    return ClassGrid(site, policy, run if found else None, rows, VariationClass.choices)


def _as_set(level: ClassServiceLevel | None) -> str:
    return plain(level.service_level * 100) if level else ""
