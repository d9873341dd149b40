"""Sign of life of the background worker: its age is shown on every page and by /healthz."""

from django.db import models


class WorkerHeartbeat(models.Model):
    name = models.CharField(max_length=40, unique=True)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.name} {self.at:%H:%M:%S}"
