"""What is decided about a supplier and agreed with it, as its page shows it: in force, to come and lately over."""

from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Q
from django.utils import timezone

from suppliers.models import ContractItem, SourcingDecision, Supplier, SupplierReliability

OVER_SHOWN = timedelta(days=90)
CONTRACTS_SHOWN = 50


@dataclass(frozen=True, slots=True)
class Trouble:
    words: str
    bad: int
    cases: int

    @property
    def share(self) -> float:
        return self.bad / self.cases if self.cases else 0.0


@dataclass(frozen=True, slots=True)
class TermsShown:
    today: date
    decisions: list[SourcingDecision]
    contracts: list[ContractItem]
    more_contracts: int  # than are listed
    reliability: SupplierReliability | None

    @property
    def whole(self) -> SourcingDecision | None:
        """What counts today of all that it sells; a block before a preference."""
        held = [one for one in self.decisions if one.supplier_product_id is None and one.state == "in force"]
        return min(held, key=lambda one: one.kind != SourcingDecision.Kind.BLOCKED, default=None)

    @property
    def troubles(self) -> list[Trouble]:
        if self.reliability is None:
            return []
        names = ("orders rejected", "lines cut", "deliveries late")
        kinds = zip(names, self.reliability.record.kinds, strict=True)
        return [Trouble(words, bad, cases) for words, (bad, cases) in kinds]


def terms_shown(supplier: Supplier) -> TermsShown:
    today = timezone.localdate()
    since = today - OVER_SHOWN
    shown = (Q(until=None) | Q(until__gte=since)) & (Q(ended_at=None) | Q(ended_at__date__gte=since))
    decisions = supplier.decisions.filter(shown).select_related("by", "ended_by", "supplier_product__product")
    contracts = ContractItem.objects.filter(
        supplier_product__supplier=supplier, valid_until__gte=today - OVER_SHOWN
    )
    found = contracts.select_related("by", "supplier_product__product", "supplier_product__supplier")
    return TermsShown(
        today,
        list(decisions),
        list(found.order_by("-valid_until", "number", "pk")[:CONTRACTS_SHOWN]),
        max(0, contracts.count() - CONTRACTS_SHOWN),
        SupplierReliability.objects.filter(supplier=supplier).first(),
    )
