"""A secret of an account, whosever account it is."""

from django.db import models

from suppliers.fields import EncryptedTextField


class Credential(models.Model):
    """Several live values of one name are a rotation: new calls use the newest, checks try all."""

    name = models.CharField(max_length=40)
    value = EncryptedTextField()
    created_at = models.DateTimeField(auto_now_add=True)
    retired_at = models.DateTimeField(
        null=True, blank=True, help_text="From then on the value is no longer accepted."
    )

    class Meta:
        abstract = True
