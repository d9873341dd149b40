"""`make run`: everything in one terminal, for trying the system out on one machine."""

import os
import shlex
import socket
import sys
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser
from honcho.manager import Manager
from honcho.printer import Printer

from orders.wakeups import wake
from procurement.demo.channel_suppliers import channel_suppliers_leave, channel_suppliers_ready
from procurement.demo.sample import channels_command, sample_ready, sandbox_folder
from procurement.demo.source_systems import UnknownSystem, kinds_named, system_command, systems_make
from procurement.processes import HOST, SANDBOX_PORTS, sandbox_command, web_command, worker_command
from procurement.services.demo_logins import demo_logins_read
from procurement.services.installation import site_ensure
from procurement.services.practice_sources import practice_source_connect, practice_sources_leave
from procurement.sources.sandbox.server import sample_kinds
from procurement.sources.sandbox.world import WorldTaken
from suppliers.models import PriceQuote, Supplier

CHANGE_EVERY = 60.0  # seconds: something happens at a practice system
ASKED_TO_STOP = (0, 130, 143)  # what honcho reports after Ctrl-C or a termination signal


def refuse_taken_port(port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except (OSError, OverflowError) as error:
            raise CommandError(
                f"Port {port} of {HOST} cannot be used ({error}). Is another `make run` still going? "
                "End it, or take another port: make run ARGS='--port 8080'."
            ) from None


class Command(BaseCommand):
    help = "Web application, background worker and sandbox suppliers in this terminal. Ctrl-C ends them all."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--port", type=int, default=8000, help="The sandbox suppliers take the next one.")
        parser.add_argument(
            "--all-channels", action="store_true", help="Also a sandbox supplier of every supplier protocol."
        )

        parser.add_argument(
            "--sources",
            nargs="?",
            const="",
            metavar="NAMES",
            help="Also practice systems that orders, stock and proposals are read from: all of them, or these,"
            f" separated by commas: {', '.join(sample_kinds())}.",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if settings.PRODUCTION:
            raise CommandError("`run` is for trying it out; docs/operations.md says how to run it for real.")
        web_port: int = options["port"]
        sandbox_port = web_port + 1
        refuse_taken_port(web_port)
        refuse_taken_port(sandbox_port)
        call_command("migrate", verbosity=0)
        call_command("setup", demo_logins=True, verbosity=0)
        call_command("collectstatic", interactive=False, verbosity=0)
        sample_ready(sandbox_url=f"http://{HOST}:{sandbox_port}", say=self.stdout.write)
        commands = {
            "web": web_command(web_port),
            "worker": worker_command(),
            "sandbox": sandbox_command(sandbox_port, web_port=web_port),
        }
        if options["all_channels"]:
            channels_port = sandbox_port + SANDBOX_PORTS
            refuse_taken_port(channels_port)
            self._channels(f"http://{HOST}:{channels_port}")
            commands["channels"] = channels_command(channels_port, web_port=web_port)
        else:
            channel_suppliers_leave()
        if options["sources"] is not None:
            commands |= self._systems(options["sources"], sandbox_port + 2 * SANDBOX_PORTS, web_port)
        else:
            practice_sources_leave()
        self._greet(web_port)
        manager = Manager(Printer(sys.stdout))
        environment = os.environ | {"PUBLIC_URL": f"http://{HOST}:{web_port}", "PYTHONUNBUFFERED": "1"}
        for name, command in commands.items():
            line = "exec " + shlex.join(command)
            manager.add_process(name, line, env=environment, cwd=str(settings.BASE_DIR))
        manager.loop()
        if manager.returncode not in ASKED_TO_STOP:
            raise CommandError("One of the processes ended by itself; its last lines above say why.")

    def _channels(self, url: str) -> None:
        if not any(sandbox_folder().glob("*.json")):
            raise CommandError(
                "The suppliers of every protocol sell what the sample sells, and this database has data of its own "
                "instead. Leave --all-channels out, or take another database."
            )
        known = Supplier.objects.count()
        first_plan_waits = not PriceQuote.objects.exists()
        channel_suppliers_ready(sandbox_url=url)
        if Supplier.objects.count() > known and not first_plan_waits:
            wake("procurement.tasks.first_plan", site_ensure().pk)

    def _systems(self, named: str, first_port: int, web_port: int) -> dict[str, list[str]]:
        """A process each, connected and in use: the worker reads them as it reads anybody's."""
        try:
            kinds = kinds_named(named)
            systems_make(kinds)
        except (UnknownSystem, WorldTaken) as error:
            raise CommandError(str(error)) from None
        practice_sources_leave()
        commands = {}
        for port, kind in enumerate(kinds, start=first_port):
            refuse_taken_port(port)
            url = f"http://{HOST}:{port}"
            practice_source_connect(kind=kind, url=url, site=site_ensure(), active=True)
            commands[kind] = system_command(kind, port, change_every=CHANGE_EVERY, web_port=web_port)
        return commands

    def _greet(self, port: int) -> None:
        self.stdout.write(self.style.SUCCESS(f"\n  http://{HOST}:{port}/\n"))
        for login in demo_logins_read():
            self.stdout.write(f"  sign in as {login.username:<9} with {login.password:<14} ({login.role})")
        self.stdout.write("\n  Ctrl-C ends everything.\n")
