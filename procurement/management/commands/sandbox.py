"""Serves the sandbox suppliers until it is told to end."""

import re
import signal
import threading
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from procurement.demo.channel_suppliers import channel_supplier
from procurement.demo.source_systems import UnknownSystem, kinds_named, systems_serve
from procurement.processes import HOST, SANDBOX_PORTS
from procurement.sources.sandbox.server import sample_kinds
from procurement.sources.sandbox.world import WorldTaken
from suppliers.connectors.registry import CONNECTORS, connector_class
from suppliers.sandbox.app import Timing, account_settings
from suppliers.sandbox.server import SandboxServer
from suppliers.sandbox.world import SandboxSupplier, WorldError, world_load

NOT_URLS = ("host", "port")  # settings that say where a supplier is without being an address of the web
LOOK_AGAIN = 1.0  # seconds


class Command(BaseCommand):
    help = "Suppliers to try the system against, on this machine. Ends with Ctrl-C."

    def add_arguments(self, parser: ArgumentParser) -> None:
        timing = Timing()
        default = settings.VAR_DIR / "sample" / "sandbox"
        parser.add_argument(
            "--world", type=Path, default=default, help="Folder with one JSON file a supplier."
        )
        parser.add_argument(
            "--sources",
            nargs="?",
            const="",
            metavar="NAMES",
            help="Serve practice systems to read from instead, each at a port of its own from --port on; all"
            f" of them, or these, separated by commas: {', '.join(sample_kinds())}.",
        )
        parser.add_argument(
            "--change-every",
            type=float,
            default=0,
            metavar="SECONDS",
            help="With --sources: how often something happens there. 0: only by POST /_sandbox/live-on.",
        )
        parser.add_argument(
            "--event-url",
            default="",
            metavar="URL",
            help="With --change-every: where systems that can tell of it; {kind} stands for the system.",
        )
        parser.add_argument(
            "--list", action="store_true", help="Name every sandbox and its addresses, and end."
        )
        parser.add_argument("--port", type=int, default=8001)
        parser.add_argument(
            "--callback-url",
            default=f"{settings.PUBLIC_URL}/callbacks/{{code}}/",
            help="Where the suppliers answer; {code} stands for the supplier.",
        )
        parser.add_argument("--ledger", type=Path, default=settings.VAR_DIR / "sandbox.sqlite3")
        parser.add_argument("--confirm-after", type=float, default=timing.confirm_after, metavar="SECONDS")
        parser.add_argument("--ship-after", type=float, default=timing.ship_after, metavar="SECONDS")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["list"]:
            self._list(options["world"], options["port"])
            return
        ended = threading.Event()
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: ended.set())
        if options["sources"] is not None:
            self._serve_systems(options, ended)
            return
        suppliers = self._suppliers(options["world"], ended)
        if ended.is_set():
            return
        timing = Timing(confirm_after=options["confirm_after"], ship_after=options["ship_after"])
        try:
            server = SandboxServer(
                suppliers,
                ledger=options["ledger"],
                callback_url=options["callback_url"],
                port=options["port"],
                timing=timing,
            )
        except OSError as error:
            raise CommandError(f"Port {options['port']} cannot be used: {error.strerror}.") from None
        with server:
            for supplier in suppliers:
                self.stdout.write(
                    f"{supplier.name} ({supplier.code}): {len(supplier.products)} products, "
                    f"answers orders with {supplier.confirm}."
                )
            self.stdout.write(
                f"Listening at {server.origin}; the ledger is at {server.origin}/_sandbox/ledger"
            )
            self.stdout.flush()
            ended.wait()

    def _serve_systems(self, options: dict[str, Any], ended: threading.Event) -> None:
        def say(words: str) -> None:
            self.stdout.write(words)
            self.stdout.flush()

        try:
            systems_serve(
                kinds_named(options["sources"]),
                port=options["port"],
                change_every=options["change_every"],
                event_url=options["event_url"],
                ended=ended,
                say=say,
            )
        except (UnknownSystem, WorldTaken) as error:
            raise CommandError(str(error)) from None
        except OSError as error:
            raise CommandError(f"Port {options['port']} cannot be used: {error.strerror}.") from None

    def _list(self, folder: Path, port: int) -> None:
        """Every protocol with the suppliers that speak it, and where each is reached when `make run` serves them."""
        places = {folder: port, folder.parent / "channels": port + SANDBOX_PORTS}
        try:
            told = [
                (each, f"http://{HOST}:{at}")
                for place, at in places.items()
                if any(place.glob("*.json"))
                for each in world_load(place)
            ]
        except WorldError as error:
            raise CommandError(str(error)) from None
        for protocol in CONNECTORS:
            self.stdout.write(f"{connector_class(protocol).label} ({protocol})")
            speaking = [(each, origin) for each, origin in told if each.protocol == protocol]
            if not speaking:
                speaking = [(channel_supplier(protocol), f"http://{HOST}:{port + SANDBOX_PORTS}")]
            for supplier, origin in speaking:
                self.stdout.write(f"  {supplier.name} ({supplier.code})")
                for name, value in account_settings(supplier, origin).items():
                    for address in [value] if name in NOT_URLS else _addresses(value, origin):
                        self.stdout.write(f"    {name:<18} {address}")

    def _suppliers(self, folder: Path, ended: threading.Event) -> list[SandboxSupplier]:
        """Waits for the folder's files: `make run` may start before `make demo` has made them."""
        if not any(folder.glob("*.json")):
            self.stdout.write(f"No suppliers in {folder} yet. Waiting for them; `make demo` makes some.")
            self.stdout.flush()
            while not ended.wait(LOOK_AGAIN) and not any(folder.glob("*.json")):
                continue
            ended.wait(LOOK_AGAIN)  # for the rest of the files
            if ended.is_set():
                return []
        try:
            return world_load(folder)
        except WorldError as error:
            raise CommandError(str(error)) from None


def _addresses(value: str, origin: str) -> list[str]:
    """Those in a setting, which may be one or, as a WSDL does, name some."""
    return list(dict.fromkeys(re.findall(re.escape(origin) + r"[^\s\"<>]*", value)))
