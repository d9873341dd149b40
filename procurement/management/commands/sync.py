"""`manage.py sync`: read sources now, all that are in use or those that are named."""

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from procurement.exceptions import SyncAlreadyRunning
from procurement.models import SourceAccount, SourceRun
from procurement.services.syncing import source_sync


class Command(BaseCommand):
    help = "Take over what changed in the systems that customer orders come from. Ends with 1 if a reading failed."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "codes", nargs="*", metavar="CODE", help="codes of sources; all that are in use if empty"
        )
        parser.add_argument(
            "--all", action="store_true", help="read everything again and not only what changed"
        )
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        told: dict[str, dict[str, Any]] = {}
        for source in self._sources(options["codes"]):
            if options["all"]:
                SourceAccount.objects.filter(pk=source.pk).update(cursor={})
            try:
                run = source_sync(source=source, by=None)
            except SyncAlreadyRunning as error:
                raise CommandError(str(error)) from None
            told[source.code] = {"status": run.status, "error": run.error} | run.counts()
            if not options["json"]:
                counts = ", ".join(f"{count:,} {name}" for name, count in run.counts().items())
                self.stdout.write(
                    f"{source}: {run.get_status_display().lower()}; {counts}. {run.error}".rstrip()
                )
        if options["json"]:
            self.stdout.write(json.dumps({"sources": told}))
        if any(one["status"] != SourceRun.Status.DONE for one in told.values()):
            raise SystemExit(1)

    def _sources(self, codes: list[str]) -> list[SourceAccount]:
        if not codes:
            return list(SourceAccount.objects.filter(active=True))
        found = {source.code: source for source in SourceAccount.objects.filter(code__in=codes)}
        if missing := [code for code in codes if code not in found]:
            raise CommandError(f"There is no source {missing[0]!r}.")
        return [found[code] for code in dict.fromkeys(codes)]
