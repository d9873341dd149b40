"""Systems that records come from: our account with each, what every reading came to, and what could not be read."""

from datetime import UTC, datetime
from typing import Any

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models

from orders.models import Site
from procurement.sources.base import FileSource
from procurement.sources.registry import SOURCES, source_class
from suppliers.models.credential import Credential


class SourceAccount(models.Model):
    code = models.SlugField(max_length=40, unique=True, help_text="Short name used in addresses.")
    name = models.CharField(max_length=40, help_text="As people know it; kept beside every row it brings.")
    kind = models.CharField(max_length=20)
    site = models.ForeignKey(
        Site, on_delete=models.PROTECT, related_name="sources", help_text="Whose orders and stock these are."
    )
    active = models.BooleanField(
        default=True, help_text="Inactive ones are not read; what they brought stays."
    )
    every_minutes = models.PositiveSmallIntegerField(
        default=10,
        validators=[MinValueValidator(1), MaxValueValidator(1440)],
        help_text="How often it is asked for changes.",
    )
    gives_demand = models.BooleanField(
        default=False,
        help_text="Its customer orders are the demand history of the site: what was ordered of an item on a day "
        "replaces the demand known for that day. Leave off where demand is loaded from elsewhere.",
    )
    settings = models.JSONField(
        default=dict, blank=True, help_text="Values of the source's declared settings; no secrets."
    )
    allow_private_network = models.BooleanField(
        default=False,
        help_text="Allow addresses inside our own network. Needed for practice systems; leave off otherwise.",
    )
    cursor = models.JSONField(default=dict, editable=False)
    unfinished = models.BooleanField(
        default=False, editable=False, help_text="The cursor stands in the middle of a reading."
    )
    wanted_at = models.DateTimeField(
        null=True, editable=False,
        help_text="Something it told is understood otherwise since: what waits, or everything, is read again.",
    )  # fmt: skip
    next_run_at = models.DateTimeField(null=True, editable=False, help_text="Empty: as soon as possible.")
    failures = models.PositiveIntegerField(
        default=0, editable=False, help_text="Since the last good reading."
    )
    paused_reason = models.CharField(
        max_length=300, blank=True, editable=False,
        help_text="Set when the credentials are refused: it is not asked again until somebody does so.",
    )  # fmt: skip
    last_success_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name

    @property
    def kind_label(self) -> str:
        """The kind as people know it; its code, if it is no longer part of the program."""
        return source_class(self.kind).label if self.kind in SOURCES else self.kind

    @property
    def brings_files(self) -> bool:
        """Whole files, which are loaded on their own, and not entries."""
        return self.kind in SOURCES and issubclass(source_class(self.kind), FileSource)


class SourceCredential(Credential):
    account = models.ForeignKey(SourceAccount, on_delete=models.CASCADE, related_name="credentials")

    class Meta(Credential.Meta):
        ordering = ["account", "name", "-created_at", "-pk"]

    def __str__(self) -> str:
        return f"{self.account.code} {self.name}"


class SourceRun(models.Model):
    """One reading of a source. While it runs it holds the source; its lease is renewed with every page."""

    class Status(models.TextChoices):
        RUNNING = "running", "Running"
        DONE = "done", "Done"
        FAILED = "failed", "Failed"
        CANCELLED = "cancelled", "Stopped"

    account = models.ForeignKey(SourceAccount, on_delete=models.CASCADE, related_name="runs")
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.RUNNING)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    of_events = models.BooleanField(default=False, help_text="It asked only for what events told of.")
    started_at = models.DateTimeField(auto_now_add=True)
    lease_until = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)
    fetched = models.PositiveIntegerField(default=0, help_text="Entries that came, the same again included.")
    added = models.PositiveIntegerField(default=0)
    changed = models.PositiveIntegerField(default=0)
    unchanged = models.PositiveIntegerField(default=0)
    removed = models.PositiveIntegerField(default=0)
    failed = models.PositiveIntegerField(default=0, help_text="Entries that could not be taken over.")
    error = models.TextField(blank=True)

    class Meta:
        ordering = ["-started_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["account"], condition=models.Q(status="running"), name="one_running_sync_a_source"
            )
        ]

    def __str__(self) -> str:
        return f"Reading {self.pk} of {self.account.code}"

    def counts(self) -> dict[str, Any]:
        names = ("fetched", "added", "changed", "unchanged", "removed", "failed")
        return {name: getattr(self, name) for name in names}


FIRST_IN_LINE = datetime(1970, 1, 1, tzinfo=UTC)  # when a problem was last asked for that cannot wait


class SourceProblem(models.Model):
    """Why an entry of a source, or a part of it, is not taken over. It is asked for again until it can be."""

    account = models.ForeignKey(SourceAccount, on_delete=models.CASCADE, related_name="problems")
    external_id = models.CharField(max_length=60)
    words = models.CharField(max_length=400)
    asked_at = models.DateTimeField()

    class Meta:
        ordering = ["account", "external_id", "pk"]
        indexes = [
            models.Index(fields=["account", "external_id"]),
            models.Index(fields=["account", "asked_at"]),
        ]

    def __str__(self) -> str:
        return self.words
