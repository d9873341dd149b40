"""Where goods are delivered. It stands here and not with the stock because an order must say where it
goes.
"""

from django.db import models


class Site(models.Model):
    code = models.SlugField(max_length=20, unique=True)
    name = models.CharField(max_length=120)
    address_line1 = models.CharField(max_length=120, blank=True)
    address_line2 = models.CharField(max_length=120, blank=True)
    city = models.CharField(max_length=80, blank=True)
    region = models.CharField(max_length=70, blank=True, help_text="State or province.")
    postcode = models.CharField(max_length=20, blank=True)
    country = models.CharField(max_length=2, blank=True, help_text="ISO 3166-1 alpha-2.")
    contact = models.CharField(max_length=50, blank=True, help_text="A person there; suppliers read it.")
    email = models.EmailField(max_length=100, blank=True)
    phone = models.CharField(max_length=40, blank=True)
    of_customer = models.BooleanField(
        "a customer's own place",
        default=False,
        help_text="What is ordered for it goes straight there, and suppliers that know "
        "drop shipping are told so.",
    )
    billed_to = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        help_text="Who orders and pays for what is delivered here, such as the head office. Empty: this site itself.",
    )

    class Meta:
        ordering = ["code"]

    def __str__(self) -> str:
        return self.name
