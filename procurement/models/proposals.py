"""What other systems proposed to buy, which drafts it became, and the journal of it."""

from django.db import models

from orders.models import PurchaseOrder
from procurement.models.sources import SourceAccount, SourceRun


class Proposal(models.Model):
    account = models.ForeignKey(SourceAccount, on_delete=models.PROTECT, related_name="proposals")
    external_id = models.CharField(max_length=60)
    number = models.CharField(max_length=60)
    digest = models.CharField(max_length=64, help_text="Of what was taken over; the same again is no news.")
    changes = models.PositiveIntegerField(default=0, help_text="How often it was replaced.")
    taken_at = models.DateTimeField()

    class Meta:
        ordering = ["account", "external_id"]
        constraints = [
            models.UniqueConstraint(fields=["account", "external_id"], name="one_proposal_an_external_id")
        ]

    def __str__(self) -> str:
        return f"{self.account.code} {self.number}"


class ProposalDraft(models.Model):
    """The part of a proposal that one supplier is to deliver, and the order that was drafted from it."""

    proposal = models.ForeignKey(Proposal, on_delete=models.CASCADE, related_name="drafts")
    order = models.OneToOneField(PurchaseOrder, on_delete=models.PROTECT, related_name="proposal_draft")
    digest = models.CharField(max_length=64, blank=True, help_text="Empty: nothing is proposed any more.")
    dropped = models.BooleanField(default=False, help_text="We cancelled it, as it was proposed no more.")

    class Meta:
        ordering = ["proposal", "pk"]

    def __str__(self) -> str:
        return f"{self.proposal} {self.order}"


class JournalLine(models.Model):
    """What a reading did with proposals, in a line."""

    run = models.ForeignKey(SourceRun, on_delete=models.CASCADE, related_name="journal")
    at = models.DateTimeField(auto_now_add=True)
    words = models.CharField(max_length=300)

    class Meta:
        ordering = ["-pk"]

    def __str__(self) -> str:
        return self.words
