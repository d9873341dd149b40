"""Plan runs: the parts they are computed in, and what each found."""

from datetime import timedelta

from django.conf import settings
from django.db import models
from django.utils import timezone

from orders.models import PurchaseOrderLine, Site
from suppliers.models import Product


class PlanRun(models.Model):
    class Status(models.TextChoices):
        RUNNING = "running", "Running"
        DONE = "done", "Done"
        FAILED = "failed", "Failed"
        CANCELLED = "cancelled", "Cancelled"

    class Kind(models.TextChoices):
        FULL = "full", "All items"
        ITEMS = "items", "Some items"

    class Phase(models.TextChoices):
        PREPARING = "preparing", "Being prepared"
        ITEMS = "items", "Finding what items need"
        SOURCING = "sourcing", "Choosing suppliers"

    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="plan_runs")
    kind = models.CharField(max_length=10, choices=Kind.choices, default=Kind.FULL)
    products = models.JSONField(default=list, help_text="Ids of the items, where it is of some only.")
    causes = models.JSONField(
        default=list, help_text="Sentences: why it was made, where nobody asked for it."
    )
    before_cut_off = models.DateTimeField(
        null=True,
        help_text="The supplier's cut-off that it was made for by itself, or that passed without it.",
    )
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.RUNNING)
    as_of = models.DateField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    started_at = models.DateTimeField(auto_now_add=True)
    phase = models.CharField(max_length=10, choices=Phase.choices, default=Phase.PREPARING)
    lease_until = models.DateTimeField(help_text="Without a sign of life until then it counts as dead.")
    held_until = models.DateTimeField(
        null=True, help_text="A worker is at its phase; of parts it is kept there."
    )
    fence = models.PositiveIntegerField(
        default=0, help_text="Counts who took it up; who came before writes no more."
    )
    attempts = models.PositiveSmallIntegerField(default=0, help_text="At its phase, counted before the work.")
    restarts = models.PositiveSmallIntegerField(
        default=0, help_text="How often orders changed while it computed."
    )
    experience = models.BinaryField(null=True, help_text="What was learned from all items, for every part.")
    not_asked = models.JSONField(
        null=True,
        help_text="By supplier, why it was not asked for all its prices. Null: nobody was asked yet.",
    )
    cancelled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    finished_at = models.DateTimeField(null=True)
    stage = models.CharField(
        max_length=60, blank=True, help_text="What it is doing now, for the progress bar."
    )
    progress = models.PositiveSmallIntegerField(default=0, help_text="Percent.")
    parameters = models.JSONField(default=dict)
    items = models.PositiveIntegerField(default=0)
    orders = models.PositiveIntegerField(default=0)
    lines = models.PositiveIntegerField(default=0)
    uncovered = models.PositiveIntegerField(
        default=0, help_text="Items that are needed and that nobody offers."
    )
    value = models.DecimalField(max_digits=16, decimal_places=2, default=0)
    caveats = models.JSONField(
        default=list, help_text="How many of its lines rest on figures in doubt, and why: orders.caveats."
    )
    exceptions = models.JSONField(
        default=dict, help_text="By kind, of how many items: procurement.engine.exceptions."
    )
    sourcing = models.JSONField(
        default=dict,
        help_text="What its choice of suppliers costs, is proved to cost at least, and what others would.",
    )
    error = models.TextField(blank=True)
    notes = models.JSONField(
        default=list, help_text="Sentences: what it left out, or had to do without, and why."
    )

    class Meta:
        ordering = ["-started_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["site"], condition=models.Q(status="running"), name="one_running_plan_a_site"
            ),
            models.UniqueConstraint(fields=["site", "before_cut_off"], name="one_plan_by_itself_a_cut_off"),
        ]

    def __str__(self) -> str:
        return f"Plan {self.pk} for {self.site.code}"

    @property
    def took(self) -> timedelta:
        """Until now, where it is not over."""
        return (self.finished_at or timezone.now()) - self.started_at

    @property
    def parts(self) -> int:
        return len(self.partitions.all())  # which may have been fetched with the run

    @property
    def parts_done(self) -> int:
        return sum(part.state == PlanPartition.State.DONE for part in self.partitions.all())


class PlanPartition(models.Model):
    """A part of a plan's items, computed in a task of its own. The row is the truth, the task only a wake-up."""

    class State(models.TextChoices):
        WAITING = "waiting", "Waiting"
        RUNNING = "running", "Running"
        DONE = "done", "Done"
        FAILED = "failed", "Failed"

    run = models.ForeignKey(PlanRun, on_delete=models.CASCADE, related_name="partitions")
    number = models.PositiveIntegerField(help_text="From 1 on, in the order of the items' ids.")
    first_product = models.PositiveBigIntegerField()
    last_product = models.PositiveBigIntegerField(help_text="Included.")
    products = models.JSONField(
        null=True, help_text="Ids, where only some of those between are planned; else null."
    )
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    fence = models.PositiveIntegerField(
        default=0, help_text="Counts who took it up; who came before writes no more."
    )
    attempts = models.PositiveSmallIntegerField(default=0, help_text="Counted before the work.")
    lease_until = models.DateTimeField(help_text="While it waits: when it is woken again.")
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    items = models.PositiveIntegerField(default=0)
    due = models.PositiveIntegerField(default=0, help_text="Items that something must be ordered of.")
    offers = models.JSONField(default=list, help_text="How many it saw: [supplier, currency, count].")
    error = models.TextField(blank=True)

    class Meta:
        ordering = ["run", "number"]
        constraints = [models.UniqueConstraint(fields=["run", "number"], name="one_partition_a_number")]
        indexes = [models.Index(fields=["run", "state"])]

    def __str__(self) -> str:
        return f"{self.run}, part {self.number}"


class Requirement(models.Model):
    """What one plan run found for one item, whether or not it led to an order line.

    Written part by part; nobody looks at those of a run that is not done.
    """

    run = models.ForeignKey(PlanRun, on_delete=models.CASCADE, related_name="requirements")
    product = models.ForeignKey(Product, on_delete=models.CASCADE, related_name="requirements")
    on_hand = models.DecimalField(max_digits=14, decimal_places=4)
    on_order = models.DecimalField(max_digits=14, decimal_places=4)
    committed = models.DecimalField(max_digits=14, decimal_places=4)
    position = models.DecimalField(
        max_digits=14, decimal_places=4, default=0,
        help_text="On hand + on order, less what customers should have had already and what is put aside.",
    )  # fmt: skip
    daily_demand = models.DecimalField(max_digits=14, decimal_places=4)
    horizon_days = models.PositiveSmallIntegerField()
    buffer = models.DecimalField(max_digits=14, decimal_places=4)
    order_up_to = models.DecimalField(max_digits=14, decimal_places=4)
    net_requirement = models.DecimalField(max_digits=14, decimal_places=4)
    shortfall = models.DecimalField(
        max_digits=14, decimal_places=4, default=0, help_text="Needed, but nobody offers it."
    )
    cell = models.CharField(max_length=2, blank=True, help_text="Its class then, AX to CZ.")
    yearly_value = models.DecimalField(
        max_digits=18, decimal_places=2, default=0, help_text="Of its demand, at the lowest price known."
    )
    exceptions = models.JSONField(
        default=list, help_text="What could not be planned as it should: procurement.engine.exceptions."
    )
    need_by = models.DateField(
        null=True,
        help_text="When what is there and on its way is expected to run out; of items that are due.",
    )
    reason = models.JSONField(default=dict)
    levels = models.JSONField(
        default=list, help_text="Of a due item, by offer: the order-up-to level, as it was decided."
    )
    order_lines = models.ManyToManyField(PurchaseOrderLine, related_name="requirements")

    class Meta:
        ordering = ["product__sku"]
        constraints = [models.UniqueConstraint(fields=["run", "product"], name="one_requirement_an_item")]

    def __str__(self) -> str:
        return f"{self.product.sku}: {self.net_requirement}"


class RequirementException(models.Model):
    """An item that a plan has an exception of, once a kind: what the plan's list is narrowed by. The words stand in
    `Requirement.exceptions`, from which these are written as the plan ends.
    """

    # The constraint's index begins with it.
    run = models.ForeignKey(PlanRun, on_delete=models.CASCADE, related_name="+", db_index=False)
    requirement = models.ForeignKey(Requirement, on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(max_length=30, help_text="procurement.engine.exceptions.")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["run", "kind", "requirement"], name="one_exception_a_kind"),
        ]

    def __str__(self) -> str:
        return f"{self.requirement_id}: {self.kind}"
