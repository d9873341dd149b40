"""`manage.py import_data`: demand, customer orders, stock or a catalogue from a CSV file. docs/importing.md."""

import csv
import json
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn
from rich.table import Table

from orders.models import Site
from procurement.services.records import RecordCounts, records_import
from procurement.sources.base import RowError, SourceUnreadable
from procurement.sources.csv_files import CsvFile
from procurement.sources.file_kinds import KINDS
from suppliers.models import Supplier

SIGNS = {"auto": "", "comma": ",", "point": "."}
SHOWN = 20
SOME_REFUSED = 2


class Command(BaseCommand):
    help = "Load a CSV file. Good rows are kept; each bad row is reported by line and column. See docs/importing.md."

    def add_arguments(self, parser: CommandParser) -> None:
        about = "; ".join(f"{kind.name}: {kind.about}" for kind in KINDS.values())
        parser.add_argument("kind", choices=KINDS, help=about)
        parser.add_argument("file", type=Path, help="CSV, plain or gzip")
        parser.add_argument("--site", help="code of the site; needed where there is more than one")
        parser.add_argument("--supplier", help="code of the supplier whose price list a catalogue is")
        parser.add_argument(
            "--decimal", choices=SIGNS, default="auto", help="the decimal sign, if not to be guessed"
        )
        parser.add_argument("--dates", choices=["dmy", "mdy"], default="dmy", help="how 03/04/2026 is meant")
        parser.add_argument("--dry-run", action="store_true", help="check and count, change nothing")
        parser.add_argument(
            "--errors", type=Path, metavar="FILE", help="write every refused row to this CSV file"
        )
        parser.add_argument("--json", action="store_true", help="print one JSON object instead of tables")

    def handle(self, *args: Any, **options: Any) -> None:
        console = Console(stderr=True, quiet=options["json"])
        site, supplier = self._site(options["site"]), self._supplier(options["supplier"])
        errors = options["errors"]
        if errors and errors.exists() and options["file"].exists() and errors.samefile(options["file"]):
            raise CommandError(
                "--errors names the file to be loaded; it would be overwritten. Name another one."
            )
        try:
            source = CsvFile(
                options["file"],
                KINDS[options["kind"]],
                now=timezone.localtime(),
                decimal_sign=SIGNS[options["decimal"]],
                month_first=options["dates"] == "mdy",
            )
            with ExitStack() as stack:
                on_error = self._error_file(errors, stack)
                progress = stack.enter_context(
                    Progress(
                        TextColumn("{task.description}"), BarColumn(), TextColumn("{task.completed:,} rows"),
                        console=console, transient=True,
                    )
                )  # fmt: skip
                tasks = {
                    stage: progress.add_task(stage, total=source.lines) for stage in ("reading", "writing")
                }
                result = records_import(
                    kind=options["kind"],
                    source=source,
                    site=site,
                    supplier=supplier,
                    dry_run=options["dry_run"],
                    on_error=on_error,
                    on_progress=lambda stage, rows: progress.update(tasks[stage], completed=rows),
                )
        except SourceUnreadable as error:
            raise CommandError(str(error)) from None
        if options["json"]:
            self.stdout.write(json.dumps(result.as_dict()))
        else:
            self._show(result)
        if result.refused:
            raise SystemExit(SOME_REFUSED)

    def _site(self, code: str | None) -> Site:
        sites = Site.objects.filter(code=code) if code else Site.objects.all()
        match list(sites[:2]):
            case [site]:
                return site
            case []:
                raise CommandError(
                    f"There is no site {code!r}." if code else "There is no site yet; run manage.py setup."
                )
            case _:
                raise CommandError("There is more than one site; say which with --site CODE.")

    def _supplier(self, code: str | None) -> Supplier | None:
        if not code:
            return None
        supplier = Supplier.objects.filter(code=code).first()
        if supplier is None:
            raise CommandError(f"There is no supplier with the code {code!r}.")
        return supplier

    def _error_file(self, path: Path | None, stack: ExitStack) -> Any:
        if path is None:
            return lambda error: None
        try:
            writer = csv.writer(stack.enter_context(path.open("w", encoding="utf-8", newline="")))
        except OSError as error:
            raise CommandError(f"{path} cannot be written: {error.strerror}.") from None
        writer.writerow(["line", "column", "value", "reason"])

        def on_error(error: RowError) -> None:
            # A value that begins like a formula must not become one when the report is opened in a spreadsheet.
            value = f"'{error.value}" if error.value.startswith(("=", "+", "-", "@")) else error.value
            writer.writerow([error.line, error.column, value, error.reason])

        return on_error

    def _show(self, result: RecordCounts) -> None:
        console = Console(file=self.stdout, soft_wrap=True)  # type: ignore[arg-type]
        for warning in result.warnings:
            console.print(f"Note: {warning}", markup=False, highlight=False)
        if result.errors:
            table = Table(title=f"Refused rows{f' (first {SHOWN})' if len(result.errors) > SHOWN else ''}")
            for name in ("line", "column", "value", "reason"):
                table.add_column(name, overflow="fold")
            for error in result.errors[:SHOWN]:
                table.add_row(str(error.line), error.column, error.value, error.reason)
            console.print(table, markup=False)
        done = "would be " if result.dry_run else ""
        console.print(
            f"{result.source}: {result.rows:,} rows read, {result.added:,} {done}added,"
            f" {result.changed:,} {done}changed, {result.unchanged:,} unchanged, {result.refused:,} rows refused.",
            highlight=False,
        )
