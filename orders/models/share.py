"""Which part of a line goes to which site. Why it is a row of its own: docs/adr/0010-shares-of-a-line.md."""

from django.db import models

from orders.models.order import PurchaseOrderLine
from orders.models.site import Site


class LineShare(models.Model):
    """As it was asked; a line without any goes to the order's site. In the order that the sites are served in."""

    line = models.ForeignKey(PurchaseOrderLine, on_delete=models.CASCADE, related_name="shares")
    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="+")
    quantity = models.DecimalField(max_digits=14, decimal_places=4)

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["line", "site"], name="site_once_a_line"),
            models.CheckConstraint(condition=models.Q(quantity__gt=0), name="share_positive"),
        ]

    def __str__(self) -> str:
        return f"{self.line}: {self.quantity} to {self.site}"
