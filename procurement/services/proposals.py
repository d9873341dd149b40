"""What another system proposes to buy becomes drafts, one a supplier, and stays in step with them until somebody
works on one or it is sent; then a change is the buyer's to decide.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date

from django.db import transaction
from django.utils import timezone

from orders.exceptions import OrderError
from orders.models import PurchaseOrder, Status
from orders.selectors import order_successor
from orders.services.drafting import DraftLine, order_draft
from orders.services.proposed import draft_drop, draft_is_untouched, draft_rewrite, proposal_raise
from procurement.models import Proposal, ProposalDraft, SourceAccount
from procurement.services.codes.resolving import Found, Unmatched, items_by_code
from procurement.services.codes.waiting import Waits
from procurement.services.proposed_lines import ProposalRefused, draft_lines
from procurement.services.record_writers.base import Written
from procurement.sources.base import ProposalRecord, ProposalWithdrawn, RowError
from suppliers.models import Supplier
from suppliers.packing import plain

VIA = "source"
LINES_NAMED = 6


def proposals_write(
    *, source: SourceAccount, entries: Sequence[ProposalRecord | ProposalWithdrawn]
) -> Written:
    """Call inside a transaction. An error's `value` is the entry's id, its `reason` the words."""
    written = Written()
    for entry in entries:
        try:
            with transaction.atomic():
                done = _Taking(source, entry).take()
        except ProposalRefused as refusal:
            written.errors.append(RowError(0, "", entry.external_id, str(refusal)))
            written.waits += [Waits(entry.external_id, found, words) for found, words in refusal.codes]
        except OrderError as busy:
            why = f"{busy} It is looked at again with the next reading."
            written.errors.append(RowError(0, "", entry.external_id, why))
        else:
            written.add(done)
    return written


@dataclass
class _Taking:
    """One proposal as it is now, against what we know of it."""

    source: SourceAccount
    entry: ProposalRecord | ProposalWithdrawn
    words: list[str] = field(default_factory=list)  # what became of each draft
    waits: list[Waits] = field(default_factory=list)  # for who undoes that a code is none of ours

    def take(self) -> Written:
        known = self._known()
        record = self.entry if isinstance(self.entry, ProposalRecord) else None
        items = items_by_code(self.source, (line.sku for line in record.lines), units=True) if record else {}
        left_out = [one for one in items.values() if isinstance(one, Unmatched) and one.ignored]
        self.waits = [Waits(self.entry.external_id, one) for one in left_out]
        digest = _digest(record, items) if record else ""
        if known is None and not digest:
            return Written()  # never seen, and none any more
        if known and known.digest == digest:
            return Written(unchanged=1, waits=self.waits)
        parts = draft_lines(record, label=self._label, items=items) if record else {}
        proposal = known or Proposal(account=self.source, external_id=self.entry.external_id)
        proposal.number = self.entry.number if isinstance(self.entry, ProposalRecord) else proposal.number
        proposal.digest, proposal.taken_at = digest, timezone.now()
        proposal.changes += known is not None
        proposal.save()
        self._apply(proposal, parts)
        if known is None:
            journal = [f"Adding new order {self._told(proposal)}"]
            return Written(added=1, journal=journal, waits=self.waits)
        if not digest:
            return Written(removed=1, journal=[f"Withdrawing order {self._told(proposal)}"])
        journal = [f"Replacing order {self._told(proposal)}"]
        return Written(changed=1, journal=journal, waits=self.waits)

    @property
    def _label(self) -> str:
        return self.source.kind_label

    def _told(self, proposal: Proposal) -> str:
        return f"{proposal.number}: {'; '.join(self.words) or 'nothing to do'}."

    def _known(self) -> Proposal | None:
        same = Proposal.objects.filter(external_id=self.entry.external_id, account__kind=self.source.kind)
        others = same.exclude(account=self.source).select_related("account").first()
        if others:
            raise ProposalRefused(
                f"Order {others.number} is a proposal of {others.account}; only that source changes it."
            )
        return same.filter(account=self.source).first()

    def _apply(self, proposal: Proposal, parts: dict[Supplier, list[DraftLine]]) -> None:
        drafts = proposal.drafts.filter(dropped=False).select_related("order__supplier").order_by("pk")
        current = {draft.order.supplier_id: draft for draft in drafts}
        for supplier, lines in parts.items():
            digest = _lines_digest(lines)
            draft = current.pop(supplier.pk, None)
            if draft is None:
                self._draft(proposal, supplier, lines, digest)
            elif draft.digest != digest:
                self._replace(proposal, draft, lines, digest)
        for draft in current.values():
            if draft.digest:
                self._withdraw(proposal, draft)

    def _draft(self, proposal: Proposal, supplier: Supplier, lines: Sequence[DraftLine], digest: str) -> None:
        order = order_draft(
            supplier=supplier,
            site=self.source.site,
            lines=lines,
            by=None,  # nobody entered it, so any approver may approve it
            origin=f"proposed by {self._label}"[:40],
            via=VIA,
            requested_date=_last_day(lines),
        )
        ProposalDraft.objects.create(proposal=proposal, order=order, digest=digest)
        self.words.append(f"draft {order.number} for {supplier.name}")

    def _replace(
        self, proposal: Proposal, draft: ProposalDraft, lines: Sequence[DraftLine], digest: str
    ) -> None:
        order = draft.order
        if draft_is_untouched(order):
            text = f"{self._label} replaced its proposal {proposal.number}: now {_named(lines)}."
            draft_rewrite(order=order, lines=lines, requested_date=_last_day(lines), via=VIA, text=text)
            self.words.append(f"draft {order.number} replaced")
        else:
            self._raise(proposal, order, f"it now proposes {_named(lines)}")
        draft.digest = digest
        draft.save(update_fields=["digest"])

    def _withdraw(self, proposal: Proposal, draft: ProposalDraft) -> None:
        order = draft.order
        if draft_is_untouched(order):
            text = (
                f"{self._label} does not propose this any more ({proposal.number}); nobody had worked on it."
            )
            draft_drop(order=order, via=VIA, text=text)
            draft.dropped = True
            self.words.append(f"draft {order.number} cancelled")
        else:
            self._raise(proposal, order, "it does not propose any of this any more")
        draft.digest = ""
        draft.save(update_fields=["digest", "dropped"])

    def _raise(self, proposal: Proposal, order: PurchaseOrder, what: str) -> None:
        """Whatever a person has done stands."""
        while newer := order_successor(order):
            order = newer
        edited = order.status == Status.DRAFT
        why = "after somebody edited this draft" if edited else f"when this was {order.status} already"
        text = (
            f"{self._label} changed its proposal {proposal.number} {why}: {what}. Nothing was changed here."
        )
        change = f"{proposal.external_id}|{proposal.changes}"
        proposal_raise(order=order, change=change, via=VIA, text=text)
        self.words.append(f"{order.number} is left to the buyer")


def _digest(record: ProposalRecord, items: Mapping[str, Found]) -> str:
    """Of what is understood of it, and how; what else they say may change without a consequence."""
    meanings = {
        code: None if isinstance(one, Unmatched) else [one.sku, one.factor, one.factor_unit]
        for code, one in sorted(items.items())
        if (one.ignored if isinstance(one, Unmatched) else one.code)
    }
    return _hash([asdict(record), meanings] if meanings else asdict(record))


def _lines_digest(lines: Sequence[DraftLine]) -> str:
    told = [(line.supplier_product.product.sku, line.reason, line.requested_date) for line in lines]
    return _hash(sorted(told, key=lambda one: one[0]))


def _hash(value: object) -> str:
    return hashlib.sha256(json.dumps(value, default=str, sort_keys=True).encode()).hexdigest()


def _named(lines: Sequence[DraftLine]) -> str:
    named = [f"{plain(line.quantity)} of {line.supplier_product.product.sku}" for line in lines]
    more = f" and {len(named) - LINES_NAMED} more lines" if len(named) > LINES_NAMED else ""
    return ", ".join(named[:LINES_NAMED]) + more


def _last_day(lines: Sequence[DraftLine]) -> date | None:
    return max((line.requested_date for line in lines if line.requested_date), default=None)
