"""Comparing our orders with what the suppliers say they received: the proof of "never twice, never lost"."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from orders.models import PurchaseOrder, Status
from suppliers.models import Supplier


@dataclass(frozen=True, slots=True)
class LedgerComparison:
    lost: tuple[str, ...]  # we say the supplier has it, and it has not
    duplicated: tuple[str, ...]  # the supplier holds it more than once
    unexpected: tuple[str, ...]  # the supplier has it, and we think it was never sent


def ledger_compare(received: Iterable[str], *, suppliers: Iterable[Supplier]) -> LedgerComparison:
    """`received`: the reference of every order that took effect at these suppliers, as often as it did."""
    counts = Counter(received)
    theirs = PurchaseOrder.objects.filter(supplier__in=[supplier.pk for supplier in suppliers])
    rows = theirs.values_list("buyer_reference", "transferred_at")
    sent = {reference for reference, transferred_at in rows if transferred_at}
    # A supplier need not keep what it refused.
    kept = sent - set(theirs.filter(status=Status.REJECTED).values_list("buyer_reference", flat=True))
    unsent = {reference for reference, transferred_at in rows if not transferred_at}
    return LedgerComparison(
        lost=tuple(sorted(kept - counts.keys())),
        duplicated=tuple(sorted(r for r, count in counts.items() if count > 1 and r in sent | unsent)),
        unexpected=tuple(sorted(unsent & counts.keys())),
    )
