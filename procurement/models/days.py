"""What is known of an item's days besides what was sold: promotions, and hours without stock."""

from django.conf import settings
from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import F, Q

from orders.models import Site
from suppliers.models import Product


class Promotion(models.Model):
    """One item's part in a promotion at a site; items with the same name and days are shown as one promotion."""

    site = models.ForeignKey(Site, on_delete=models.CASCADE, related_name="promotions")
    product = models.ForeignKey(Product, on_delete=models.CASCADE, related_name="promotions")
    name = models.CharField(max_length=80, blank=True, help_text="What people call it, e.g. Advent leaflet.")
    starts_on = models.DateField()
    ends_on = models.DateField(help_text="Its last day.")
    source = models.CharField(max_length=40, help_text="The file, or who entered it.")

    class Meta:
        ordering = ["-starts_on", "name", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["site", "product", "starts_on", "name"], name="item_promoted_once_a_start"
            ),
            models.CheckConstraint(
                condition=Q(ends_on__gte=F("starts_on")), name="promotion_ends_after_start"
            ),
        ]
        indexes = [models.Index(fields=["site", "ends_on"], name="promotions_of_a_site")]

    def __str__(self) -> str:
        return f"{self.product.sku} {self.starts_on} to {self.ends_on}"


class StockOut(models.Model):
    """Hours of a day on which the shelf was empty: what was sold then is not what was wanted."""

    site = models.ForeignKey(Site, on_delete=models.CASCADE, related_name="stock_outs")
    product = models.ForeignKey(Product, on_delete=models.CASCADE, related_name="stock_outs")
    date = models.DateField()
    hours = models.DecimalField(max_digits=4, decimal_places=2, validators=[MaxValueValidator(24)])
    source = models.CharField(max_length=40)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["site", "product", "date"], name="one_stock_out_a_day"),
            models.CheckConstraint(condition=Q(hours__gte=0, hours__lte=24), name="stock_out_within_a_day"),
        ]
        indexes = [models.Index(fields=["site", "date"], name="stock_outs_of_a_site")]

    def __str__(self) -> str:
        return f"{self.product.sku} {self.date}: {self.hours} h"


class LikeItem(models.Model):
    """Whom a new item is expected to sell like, until it has weeks of its own; said by a person. Without a row, plans
    look for the most alike.
    """

    product = models.OneToOneField(Product, on_delete=models.CASCADE, related_name="like_item")
    like = models.ForeignKey(
        Product, on_delete=models.CASCADE, null=True, related_name="+", help_text="Empty: like no other."
    )
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(product=F("like")), name="no_item_is_like_itself"),
        ]

    def __str__(self) -> str:
        return f"{self.product.sku} like {self.like.sku if self.like else 'no other'}"
