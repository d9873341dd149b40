"""Stock: the one figure of an item that counts, what each of several tellers states, and how it came to be so.

A teller is a source; files that people load are one teller together, and have no source. See docs/adr/0011.
"""

from typing import Any, NoReturn

from django.conf import settings
from django.db import models
from django.db.models import Q

from orders.models import Receipt, Site
from procurement.models.sources import SourceAccount
from suppliers.models import Product


class StockLevel(models.Model):
    site = models.ForeignKey(Site, on_delete=models.CASCADE, related_name="stock")
    product = models.ForeignKey(Product, on_delete=models.CASCADE, related_name="stock")
    on_hand = models.DecimalField(max_digits=14, decimal_places=4, default=0)
    as_of = models.DateTimeField()
    source = models.CharField(max_length=40, help_text="In words: the system, the file, or what we booked.")
    teller = models.ForeignKey(
        SourceAccount, on_delete=models.SET_NULL, null=True, related_name="stock",
        help_text="The source whose figure counts; none where it came by file or receipt.",
    )  # fmt: skip

    class Meta:
        constraints = [models.UniqueConstraint(fields=["site", "product"], name="one_stock_level_a_site")]

    def __str__(self) -> str:
        return f"{self.product.sku} at {self.site.code}: {self.on_hand}"


class StockStatement(models.Model):
    """What a teller last stated of an item at a site, whether or not it counts."""

    site = models.ForeignKey(Site, on_delete=models.CASCADE, related_name="+")
    product = models.ForeignKey(Product, on_delete=models.CASCADE, related_name="stock_statements")
    teller = models.ForeignKey(
        SourceAccount, on_delete=models.CASCADE, null=True, related_name="stock_statements",
        help_text="None: files.",
    )  # fmt: skip
    on_hand = models.DecimalField(max_digits=14, decimal_places=4)
    since = models.DateTimeField(help_text="When this figure was stated first.")
    as_of = models.DateTimeField(help_text="And when last.")
    source = models.CharField(max_length=40)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["site", "product", "teller"],
                condition=Q(teller__isnull=False),
                name="one_statement_a_source",
            ),
            models.UniqueConstraint(
                fields=["site", "product"], condition=Q(teller=None), name="one_statement_of_files"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.source}: {self.on_hand}"


class StockChangeQuerySet(models.QuerySet["StockChange"]):
    def update(self, **kwargs: Any) -> NoReturn:
        raise TypeError("The history of stock is append-only.")


class StockChange(models.Model):
    """The history: a row whenever a teller's figure, or the one that counts, became another."""

    class Kind(models.TextChoices):
        STATED = "stated", "Stated"
        RECEIVED = "received", "Goods received"
        CHOSEN = "chosen", "Another teller counts"
        UNDONE = "undone", "Import undone"

    # Found by item and site alone; one index keeps a table short that only grows.
    product = models.ForeignKey(Product, on_delete=models.CASCADE, related_name="+", db_index=False)
    site = models.ForeignKey(Site, on_delete=models.CASCADE, related_name="+", db_index=False)
    at = models.DateTimeField(help_text="When we learned of it.")
    kind = models.CharField(max_length=8, choices=Kind.choices)
    on_hand = models.DecimalField(max_digits=14, decimal_places=4)
    as_of = models.DateTimeField()
    teller = models.ForeignKey(
        SourceAccount, on_delete=models.SET_NULL, null=True, related_name="+", db_index=False
    )
    source = models.CharField(max_length=40)
    counts = models.BooleanField(help_text="Whether it became the figure of the site.")
    receipt = models.ForeignKey(
        Receipt, on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )

    objects = StockChangeQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        indexes = [models.Index(fields=["product", "site", "id"], name="stock_change_of_item")]

    def __str__(self) -> str:
        return f"{self.source}: {self.on_hand}"


class StockChoice(models.Model):
    """Whom people believe where tellers differ: at a site, or of one item there."""

    FILES = "Files"

    site = models.ForeignKey(Site, on_delete=models.CASCADE, related_name="stock_choices")
    product = models.ForeignKey(
        Product, on_delete=models.CASCADE, null=True, related_name="+", help_text="None: the whole site."
    )
    teller = models.ForeignKey(
        SourceAccount, on_delete=models.CASCADE, null=True, related_name="+", help_text="None: files."
    )
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["site", "product"], condition=Q(product__isnull=False), name="one_choice_an_item"
            ),
            models.UniqueConstraint(fields=["site"], condition=Q(product=None), name="one_choice_a_site"),
        ]

    def __str__(self) -> str:
        return f"{self.site.code}: {self.teller_name}"

    @property
    def teller_name(self) -> str:
        return self.teller.name if self.teller else self.FILES
