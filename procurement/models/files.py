"""Files that were loaded, how their columns were read, and what each load did to every row: it can be undone."""

from itertools import repeat

from django.conf import settings
from django.db import models

from orders.models import Site
from procurement.models.sources import SourceAccount, SourceRun
from suppliers.models import Supplier


class FileImport(models.Model):
    """One file on its way into our rows, whoever brought it. While it is worked on, its lease holds it."""

    class Kind(models.TextChoices):
        DEMAND = "demand", "Demand"
        CUSTOMER_ORDERS = "customer_orders", "Customer orders"
        STOCK = "stock", "Stock"
        CATALOGUE = "catalogue", "Catalogue"
        EXCHANGE_RATES = "exchange_rates", "Exchange rates"
        PROMOTIONS = "promotions", "Promotions"
        STOCK_OUTS = "stock_outs", "Empty shelves"
        CONTRACTS = "contracts", "Contracts"

    class Status(models.TextChoices):
        DRAFT = "draft", "Being set up"
        CHECKING = "checking", "Being checked"
        CHECKED = "checked", "Ready to load"
        LOADING = "loading", "Being loaded"
        DONE = "done", "Loaded"
        FAILED = "failed", "Failed"
        CANCELLED = "cancelled", "Stopped"
        UNDOING = "undoing", "Being undone"
        UNDONE = "undone", "Undone"

    kind = models.CharField(max_length=20, choices=Kind.choices)
    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="file_imports")
    supplier = models.ForeignKey(
        Supplier, on_delete=models.SET_NULL, null=True, blank=True, related_name="file_imports",
        help_text="Whose price list a catalogue is, where its rows do not say.",
    )  # fmt: skip
    source = models.ForeignKey(
        SourceAccount, on_delete=models.SET_NULL, null=True, blank=True, related_name="file_imports",
        help_text="The folder or server it was found at; empty: a person brought it.",
    )  # fmt: skip
    run = models.ForeignKey(
        SourceRun, on_delete=models.SET_NULL, null=True, blank=True, related_name="file_imports",
        help_text="The reading that found it, which its rows are counted with.",
    )  # fmt: skip
    digest = models.CharField(
        max_length=64, blank=True, help_text="SHA-256 of a file of a source: the same is loaded once."
    )
    written_at = models.DateTimeField(
        null=True,
        blank=True,
        help_text="As its source says; as_of of figures without one. Empty: when it came.",
    )
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+",
        help_text="Empty: from a source, or from the command line.",
    )  # fmt: skip
    file_name = models.CharField(max_length=200, help_text="As it was called where it came from.")
    size = models.PositiveBigIntegerField(default=0, help_text="Bytes.")
    stored = models.CharField(
        max_length=80, blank=True, help_text="Its name in FILES_DIR; empty: it is not kept there."
    )
    # How it is read; procurement.sources.layout.Layout in columns.
    sheet = models.CharField(max_length=100, blank=True)
    header_line = models.PositiveIntegerField(default=0, help_text="0: the first that is not empty.")
    columns = models.JSONField(default=dict, blank=True, help_text="Our field: the header it is read from.")
    decimal_sign = models.CharField(max_length=1, blank=True, help_text="Empty: told by its numbers.")
    month_first = models.BooleanField(default=False)
    encoding = models.CharField(max_length=20, blank=True, help_text="Empty: told by its bytes.")

    status = models.CharField(max_length=10, choices=Status.choices, default=Status.DRAFT)
    lease_until = models.DateTimeField(null=True, help_text="Of the task that works on it.")
    stage = models.CharField(max_length=60, blank=True, help_text="What is done now, for the progress bar.")
    progress = models.PositiveSmallIntegerField(default=0, help_text="Percent.")
    cursor = models.JSONField(default=dict, blank=True, help_text="Where the next task goes on.")
    created_at = models.DateTimeField(auto_now_add=True)
    started_at = models.DateTimeField(null=True, help_text="Of the load; as_of of figures without one.")
    finished_at = models.DateTimeField(null=True)
    rows = models.PositiveIntegerField(default=0, help_text="Of the file.")
    refused = models.PositiveIntegerField(default=0, help_text="Rows of the file.")
    added = models.PositiveIntegerField(default=0)
    changed = models.PositiveIntegerField(default=0)
    unchanged = models.PositiveIntegerField(default=0)
    warnings = models.JSONField(default=list, blank=True, help_text="What was assumed, in words.")
    samples = models.JSONField(
        default=dict, blank=True, help_text="Of the check: the first rows of each kind."
    )
    error = models.TextField(blank=True)

    rows_kept = models.BooleanField(default=True, help_text="What undoing needs has not been pruned yet.")
    undone_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    undone_at = models.DateTimeField(null=True)
    removed = models.PositiveIntegerField(default=0, help_text="By undoing: rows it had added.")
    restored = models.PositiveIntegerField(default=0, help_text="By undoing: rows it had changed.")
    left = models.PositiveIntegerField(default=0, help_text="By undoing: rows that something newer changed.")

    class Meta:
        ordering = ["-created_at", "-pk"]
        indexes = [models.Index(fields=["status", "lease_until"])]
        constraints = [
            models.UniqueConstraint(
                fields=["source", "file_name", "digest"],
                condition=~models.Q(digest=""),
                name="file_of_a_source_once",
            )
        ]

    def __str__(self) -> str:
        return self.file_name

    @property
    def busy(self) -> bool:
        """Whether background work is due or under way."""
        return self.status in (self.Status.CHECKING, self.Status.LOADING, self.Status.UNDOING)

    @property
    def undoable(self) -> bool:
        ended = self.status in (self.Status.DONE, self.Status.FAILED, self.Status.CANCELLED)
        return ended and self.started_at is not None and self.rows_kept and self.kind in self.Kind.values


class ImportedRow(models.Model):
    """What an import did to one row, written in the transaction that did it.

    `before` and `after` are lists of the values of `row_values.ROW_FIELDS[table]`, in that order, as JSON: numbers as
    numbers or text, days and times as ISO 8601 with their zone. Few columns and no constraint, as a file of a million
    lines makes a million of these: they can be filled by one INSERT ... SELECT.
    """

    class Table(models.IntegerChoices):
        """In the order in which rows of one need rows of another."""

        PRODUCT = 1
        OFFER = 2
        QUOTE = 3
        ORDER = 4
        ORDER_LINE = 5
        STOCK = 6
        DEMAND = 7
        STATEMENT = 8
        RATE = 9
        STOCK_PART = 10
        PROMOTION = 11
        STOCK_OUT = 12
        CONTRACT = 13

    # No constraint in the database: a million rows would each be checked. Imports are deleted with these only.
    file_import = models.ForeignKey(
        FileImport, on_delete=models.CASCADE, related_name="imported_rows", db_constraint=False
    )
    table = models.PositiveSmallIntegerField(choices=Table.choices)
    row = models.BigIntegerField(help_text="Its primary key.")
    before = models.JSONField(null=True, help_text="Empty: the import added the row.")
    after = models.JSONField(
        help_text="As the import left it; what differs now was changed by something newer."
    )
    left = models.CharField(max_length=300, blank=True, help_text="Why undoing left it as it is, in words.")

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"{self.get_table_display()} {self.row}"


class AddedRows(models.Model):
    """Many rows that an import added to one table; what an `ImportedRow` each would say takes ten times as long."""

    file_import = models.ForeignKey(
        FileImport, on_delete=models.CASCADE, related_name="added_rows", db_constraint=False
    )
    table = models.PositiveSmallIntegerField(choices=ImportedRow.Table.choices)
    rows = models.JSONField(help_text="Their primary keys, as runs: the first one, and how many.")
    columns = models.JSONField(
        help_text="For each of the columns of `ImportedRow.after`, a list of values or the one that all have."
    )

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"{sum(count for _, count in self.rows)} rows of {self.get_table_display()}"

    def single(self) -> list[ImportedRow]:
        """As rows of their own, not saved."""
        keys = (first + at for first, count in self.rows for at in range(count))
        columns = [column if isinstance(column, list) else repeat(column) for column in self.columns]
        return [
            ImportedRow(file_import_id=self.file_import_id, table=self.table, row=row, after=list(after))
            for row, *after in zip(keys, *columns, strict=False)
        ]


class ColumnMapping(models.Model):
    """How files with these headers are read: what a person chose, for the next one of the kind and site."""

    kind = models.CharField(max_length=20, choices=FileImport.Kind.choices)
    site = models.ForeignKey(Site, on_delete=models.CASCADE, related_name="column_mappings")
    headers = models.CharField(max_length=64, help_text="SHA-256 of the header names, in any order.")
    columns = models.JSONField(default=dict, help_text="Our field: the header it is read from.")
    decimal_sign = models.CharField(max_length=1, blank=True)
    month_first = models.BooleanField(default=False)
    encoding = models.CharField(max_length=20, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    changed_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["kind", "site", "headers"], name="one_mapping_a_header")
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} at {self.site.code}"
