"""`make demo`: the main job once, on a wholesaler's real order lines, with sandbox suppliers on this machine."""

import json
import time
from typing import Any

from django.conf import settings
from django.contrib.auth.models import User
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser
from rich.console import Console

from procurement.demo import channels, report, stages
from procurement.demo.sample import channels_folder, sandbox_folder
from procurement.demo.source_systems import UnknownSystem, kinds_named
from procurement.demo.sources import SourceNotRead
from procurement.processes import Background, ProcessEnded
from procurement.services.demo_logins import demo_logins_ensure
from procurement.services.installation import site_ensure
from procurement.services.practice_sources import practice_sources_kept
from procurement.services.roles import roles_ensure
from procurement.services.sample_suppliers import sample_addresses_kept
from procurement.services.timetable import schedules_ensure
from procurement.sources.sandbox.server import sample_kinds
from procurement.sources.sandbox.world import WorldTaken


class Command(BaseCommand):
    help = (
        "The main job once: read demand and stock, plan, approve, transfer, wait for the suppliers' answers."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--all-channels", action="store_true", help="Then one order through every supplier protocol."
        )
        parser.add_argument(
            "--sources",
            metavar="NAMES",
            help="Read customer orders, stock or proposals from practice systems, separated by commas:"
            f" {', '.join(sample_kinds())}.",
        )
        parser.add_argument("--json", action="store_true", help="Print one JSON object as the last line.")

    def handle(self, *args: Any, **options: Any) -> None:
        if settings.PRODUCTION:
            raise CommandError("The demo fills the database with sample data; it does not run in production.")
        started = time.monotonic()
        try:
            kinds = kinds_named(options["sources"]) if options["sources"] is not None else []
        except UnknownSystem as error:
            raise CommandError(str(error)) from None
        # Progress and tables are for people and go to stderr; stdout carries the result alone.
        console = Console(stderr=True)
        if not console.is_terminal:
            console.width = 110  # a log file has no width of its own
        call_command("collectstatic", interactive=False, verbosity=0)  # suppliers open pages, too
        roles_ensure()
        schedules_ensure()
        demo_logins_ensure()
        site, approver = site_ensure(), User.objects.get(username="approver")
        with (
            sample_addresses_kept(folder=sandbox_folder()),
            sample_addresses_kept(folder=channels_folder()),
            practice_sources_kept(),
            Background(settings.VAR_DIR / "log", {}) as background,
            stages.Display(console) as display,
        ):
            try:
                result = stages.run(
                    site=site, approver=approver, background=background, display=display, kinds=kinds
                )
            except (SourceNotRead, WorldTaken, ProcessEnded) as error:
                raise CommandError(str(error)) from None
            through = None
            if options["all_channels"]:
                through = channels.run(
                    site=site,
                    approver=approver,
                    background=background,
                    display=display,
                    web_port=result.web_port,
                )
        seconds = round(time.monotonic() - started, 1)
        report.show(console, result, seconds)
        told = report.as_json(result, seconds)
        if through is not None:
            report.show_channels(console, through)
            told["channels"] = through.as_json()
        if options["json"]:
            self.stdout.write(json.dumps(told))
        ledgers = [result.ledger, *([through.ledger] if through else [])]
        if any(ledger.lost or ledger.duplicated for ledger in ledgers):
            raise CommandError("The suppliers' ledger and our database differ; see the table above.")
