"""The planning side: demand, customer orders and policy."""

from decimal import Decimal

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models

from orders.models import Site
from suppliers.models import Product

ABOVE_NOTHING = (MinValueValidator(Decimal("0.001")),)
SHARE = (*ABOVE_NOTHING, MaxValueValidator(Decimal("0.999")))
PERCENT = [MinValueValidator(Decimal(0)), MaxValueValidator(Decimal(100))]


class DailyDemand(models.Model):
    """What customers took of a product in a day.
    The sum of all order lines of that day; days without demand have no row.
    """

    # A file of a million lines makes half a million rows. The database would check each against the site and the
    # product; `demand_write` asks once for each of them instead. The constraint's index serves both keys.
    site = models.ForeignKey(
        Site, on_delete=models.CASCADE, related_name="demand", db_constraint=False, db_index=False
    )
    product = models.ForeignKey(
        Product, on_delete=models.CASCADE, related_name="demand", db_constraint=False, db_index=False
    )
    date = models.DateField()
    quantity = models.DecimalField(max_digits=14, decimal_places=4)
    source = models.CharField(max_length=40)

    class Meta:
        # No index by date: what is asked of a site's last weeks lies on nearly every page of the table anyway.
        constraints = [models.UniqueConstraint(fields=["site", "product", "date"], name="one_demand_a_day")]

    def __str__(self) -> str:
        return f"{self.product.sku} {self.date}: {self.quantity}"


class CustomerOrder(models.Model):
    number = models.CharField(max_length=60, unique=True)
    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="customer_orders")
    customer = models.CharField(max_length=120, blank=True)
    ordered_on = models.DateField()
    due_date = models.DateField(null=True, blank=True)
    open = models.BooleanField(default=True, db_index=True)
    source = models.CharField(max_length=40)
    kept_by = models.ForeignKey(
        "SourceAccount", on_delete=models.SET_NULL, null=True, related_name="customer_orders",
        help_text="The system whose order this is; nothing else changes it.",
    )  # fmt: skip
    external_id = models.CharField(max_length=60, blank=True, help_text="In that system.")

    class Meta:
        ordering = ["number"]
        constraints = [
            # Of all rows, so that it serves look-ups as well; orders of files have no keeper and may be many.
            models.UniqueConstraint(
                fields=["kept_by", "external_id"], name="one_customer_order_an_external_id"
            )
        ]
        indexes = [models.Index(fields=["kept_by", "ordered_on"])]  # the orders of a day, to count its demand

    def __str__(self) -> str:
        return self.number


class CustomerOrderLine(models.Model):
    # Not checked by the database, row by row, but by who writes them, as with demand. Its constraint's index serves
    # the order's key, too.
    order = models.ForeignKey(
        CustomerOrder, on_delete=models.CASCADE, related_name="lines", db_constraint=False, db_index=False
    )
    line_number = models.PositiveIntegerField()
    product = models.ForeignKey(
        Product, on_delete=models.PROTECT, related_name="customer_order_lines", db_constraint=False
    )
    quantity = models.DecimalField(max_digits=14, decimal_places=4)
    shipped_quantity = models.DecimalField(max_digits=14, decimal_places=4, default=0)
    code = models.CharField(
        max_length=60, blank=True, help_text="What its system calls the item, where that is not our own code."
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["order", "line_number"], name="customer_line_number_once")
        ]

    def __str__(self) -> str:
        return f"{self.order.number} line {self.line_number}"


class PlanningPolicy(models.Model):
    class Buffer(models.TextChoices):
        ALIKE = "alike", "Alike for every item"
        WORTH = "worth", "Where it prevents most stock-outs for the money"

    site = models.OneToOneField(Site, on_delete=models.CASCADE, related_name="policy")
    service_level = models.DecimalField(
        max_digits=4, decimal_places=3, default=Decimal("0.950"),
        validators=[MinValueValidator(Decimal("0.5")), MaxValueValidator(Decimal("0.999"))],
        help_text="Share of review periods in which stock should last, e.g. 0.95.",
    )  # fmt: skip
    buffer_spread = models.CharField(
        "spread the buffer", max_length=10, choices=Buffer.choices, default=Buffer.ALIKE,
        help_text="Alike: each item has the service level above. For the money: cheap and steady items have more of it,"
        " dear and erratic ones less, so that their mean stays the same and stock is worth less. Levels set by hand,"
        " for a class or an item, stay as they are.",
    )  # fmt: skip
    review_period_days = models.PositiveSmallIntegerField(
        default=7, validators=[MinValueValidator(1), MaxValueValidator(60)]
    )
    history_days = models.PositiveSmallIntegerField(default=730, validators=[MinValueValidator(28)])
    share_a = models.DecimalField(
        max_digits=4, decimal_places=3, default=Decimal("0.800"), validators=[*SHARE],
        help_text="Share of the value of demand that class A makes up.",
    )  # fmt: skip
    share_b = models.DecimalField(
        max_digits=4, decimal_places=3, default=Decimal("0.150"), validators=[*SHARE],
        help_text="And class B; class C is the rest.",
    )  # fmt: skip
    x_up_to = models.DecimalField(
        max_digits=5, decimal_places=3, default=Decimal("0.500"), validators=[*ABOVE_NOTHING],
        help_text="Standard deviation of weekly demand by its mean, up to which an item is X.",
    )  # fmt: skip
    y_up_to = models.DecimalField(
        max_digits=5, decimal_places=3, default=Decimal("1.000"), validators=[*ABOVE_NOTHING],
        help_text="And Y; above it is Z.",
    )  # fmt: skip
    maximum_cover_days = models.PositiveSmallIntegerField(
        null=True, blank=True, validators=[MinValueValidator(1)],
        help_text="No item should last longer than so many days; empty: no limit. Items may have their own.",
    )  # fmt: skip
    shelf_life_certainty = models.DecimalField(
        max_digits=3, decimal_places=2, default=Decimal("0.75"),
        validators=[MinValueValidator(Decimal("0.5")), MaxValueValidator(Decimal("0.99"))],
        help_text="How sure it should be that what is ordered sells before it spoils.",
    )  # fmt: skip
    learned_lead_times = models.BooleanField(
        default=True,
        help_text="Count with how long deliveries took so far, where at least 5 are known; else with what is stated.",
    )
    most_suppliers_a_line = models.PositiveSmallIntegerField(
        null=True, blank=True, validators=[MinValueValidator(1), MaxValueValidator(100)],
        help_text="Over how many suppliers the need of one item may be spread; empty: as many as it takes.",
    )  # fmt: skip
    holding_cost_percent = models.DecimalField(
        max_digits=5, decimal_places=2, default=Decimal(20), validators=PERCENT,
        help_text="What holding stock costs a year, in percent of its price: capital, space, loss.",
    )  # fmt: skip
    order_line_cost = models.DecimalField(
        max_digits=7, decimal_places=2, null=True, blank=True,
        validators=[MinValueValidator(Decimal("0.01")), MaxValueValidator(Decimal(10_000))],
        help_text="What an order line costs to write, receive and pay, in the base currency; due items are then bought"
        " for as many days as is cheapest. Empty: only what is needed is bought.",
    )  # fmt: skip
    # What suppliers' trouble costs, in percent of the goods concerned: suppliers.reliability.
    rejected_order_costs_percent = models.DecimalField(
        max_digits=5, decimal_places=2, default=Decimal(10), validators=PERCENT,
        help_text="What a rejected order costs, in percent of its goods.",
    )  # fmt: skip
    cut_line_costs_percent = models.DecimalField(
        max_digits=5, decimal_places=2, default=Decimal(5), validators=PERCENT,
        help_text="What a line confirmed with less than asked costs.",
    )  # fmt: skip
    late_delivery_costs_percent = models.DecimalField(
        max_digits=5, decimal_places=2, default=Decimal(3), validators=PERCENT,
        help_text="What a late delivery costs.",
    )  # fmt: skip
    late_day_costs_percent = models.DecimalField(
        "a day too late costs percent", max_digits=5, decimal_places=2, default=Decimal(2), validators=PERCENT,
        help_text="What each day costs that goods arrive after the stock is expected to have run out, in percent of the"
        " goods: by so much a slower supplier must be cheaper. 0: only prices decide.",
    )  # fmt: skip

    replans = models.BooleanField(
        default=False,
        help_text="Plan items again by itself when a large order, a rejection or a delay concerns them.",
    )
    large_order_share = models.DecimalField(
        max_digits=5, decimal_places=2, default=Decimal("0.50"), validators=[*ABOVE_NOTHING],
        help_text="Customers' new orders are large above this share of the usual demand until goods could arrive.",
    )  # fmt: skip

    class Meta:
        verbose_name_plural = "planning policies"

    def __str__(self) -> str:
        return f"{self.site.code}: {self.service_level}, every {self.review_period_days} days"

    def clean(self) -> None:
        if self.share_a is not None and self.share_b is not None and self.share_a + self.share_b > 1:
            raise ValidationError({"share_b": "The shares of A and B are together at most 1."})
        if self.x_up_to is not None and self.y_up_to is not None and self.x_up_to >= self.y_up_to:
            raise ValidationError({"y_up_to": "Y must end above X."})
