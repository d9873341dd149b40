"""When a supplier was last called, for as long as that counts against the calls a minute it allows."""

from django.db import models

from suppliers.models.supplier import Supplier


class CallWindow(models.Model):
    supplier = models.OneToOneField(
        Supplier, on_delete=models.CASCADE, primary_key=True, related_name="call_window"
    )
    calls = models.JSONField(default=list, help_text="Seconds since 1970, oldest first; of the last minute.")
    version = models.PositiveIntegerField(default=0, help_text="Rises with every call; the lock.")

    def __str__(self) -> str:
        return f"{self.supplier}: {len(self.calls)} calls"
