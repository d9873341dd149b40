"""What an installation needs after `migrate`: roles, periodic jobs, a site with its policy.
Safe to repeat.
"""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from procurement.services.demo_logins import demo_logins_ensure, demo_logins_path
from procurement.services.installation import site_ensure
from procurement.services.roles import roles_ensure
from procurement.services.timetable import schedules_ensure


class Command(BaseCommand):
    help = "Make or repair roles, periodic jobs, the first site and its policy. Run after every migrate."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--demo-logins",
            action="store_true",
            help="Also make the users buyer, approver and admin with new passwords. Refused in production.",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if options["demo_logins"] and settings.PRODUCTION:
            raise CommandError("Demo logins are not made in production; use `manage.py createsuperuser`.")
        migrations = MigrationExecutor(connection)
        if migrations.migration_plan(migrations.loader.graph.leaf_nodes()):
            raise CommandError("The database is not up to date; run `manage.py migrate` first.")
        roles = roles_ensure()
        jobs, repaired = schedules_ensure()
        site = site_ensure()
        if options["verbosity"]:
            names = ", ".join(group.name for group in roles)
            self.stdout.write(f"Roles {names}; {jobs} periodic jobs; site {site.code}.")
            for words in repaired:
                self.stdout.write(f"  Mended: {words}")
        if options["demo_logins"]:
            logins = demo_logins_ensure()
            if options["verbosity"]:
                for login in logins:
                    self.stdout.write(f"  {login.username:<9} {login.password}   ({login.role})")
                self.stdout.write(f"These logins are kept in {demo_logins_path()}.")
