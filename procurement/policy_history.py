"""Who changed how an item is planned, from what to what: as its page shows it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from django.db.models import Q, QuerySet

from orders.models import Site
from procurement.models import ItemPolicyChange
from suppliers.models import Product
from suppliers.templatetags.figures import percent, qty

NOT_SET = "–"
FIRST, MOST = 8, 500


def _days(text: str) -> str:
    return f"{qty(text)} day{'' if text == '1' else 's'}"


# In the order in which the form has them.
WORDS: dict[str, tuple[str, Callable[[str], str]]] = {
    "value_class": ("Class by value", str),
    "variation_class": ("Class by variability", str),
    "service_level": ("Service level", percent),
    "presentation_stock": ("Always on the shelf", qty),
    "maximum_stock": ("Room for at most", qty),
    "maximum_cover_days": ("Longest cover", _days),
    "storage_area": ("Lies in", str),
    "storage_size": ("Takes of it, a unit", str),
    "shelf_life_days": ("Shelf life", _days),
    "put_aside": ("Put aside", str),
}


@dataclass(frozen=True, slots=True)
class Changed:
    label: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class ShownChange:
    row: ItemPolicyChange
    changed: Sequence[Changed]


def policy_changes(*, site: Site, product: Product) -> QuerySet[ItemPolicyChange]:
    """At this site or at all, newest first."""
    rows = ItemPolicyChange.objects.filter(Q(site=site) | Q(site=None), product=product)
    return rows.select_related("by")


@dataclass(frozen=True, slots=True)
class PolicyHistory:
    shown: Sequence[ShownChange]
    more: int  # than are shown


def policy_history(*, site: Site, product: Product, everything: bool = False) -> PolicyHistory:
    rows = policy_changes(site=site, product=product)
    found = rows[: MOST if everything else FIRST]
    shown = [ShownChange(row, _words(row.changed)) for row in found]
    return PolicyHistory(shown, rows.count() - len(shown) if len(shown) >= FIRST else 0)


def _words(changed: dict[str, list[str]]) -> list[Changed]:
    return [
        Changed(label, *(told(text) if text else NOT_SET for text in changed[name]))
        for name, (label, told) in WORDS.items()
        if name in changed
    ]
