"""`make demo`: the main job once, on a wholesaler's real order lines, with sandbox suppliers on this machine."""

import json
import time
from pathlib import Path
from typing import Any

import requests
from django.conf import settings
from django.contrib.auth.models import User
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table

from orders.models import PurchaseOrder, Site
from procurement.processes import HOST, Background, free_port, sandbox_command, wait_until, web_command, worker_command
from procurement.sample.world import make_world
from procurement.services.demo_logins import demo_logins_ensure
from procurement.services.demonstration import (
    LiveChecks,
    Outcome,
    drafts_approve,
    drafts_check,
    drafts_waiting,
    outcome,
    unsettled,
)
from procurement.services.installation import schedules_ensure, site_ensure
from procurement.services.ledgers import LedgerComparison, ledger_compare
from procurement.services.planning import plan_run
from procurement.services.roles import roles_ensure
from procurement.services.sample_suppliers import sample_suppliers_connect
from suppliers.models import Supplier
from suppliers.services.catalogue import catalogue_sync

WAIT_SECONDS = 90


class Command(BaseCommand):
    help = "Run the main job once: read demand and stock, plan, approve, transfer, and wait for the suppliers' answers."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="Print one JSON object as the last line.")

    def handle(self, *args: Any, **options: Any) -> None:
        if settings.PRODUCTION:
            raise CommandError("The demo fills the database with sample data; it does not run in production.")
        started = time.monotonic()
        # Progress and tables are for people and go to stderr; with --json stdout carries nothing but the result.
        self.console = Console(stderr=True)
