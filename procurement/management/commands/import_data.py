"""`manage.py import_data`: demand, customer orders, stock or a catalogue from a CSV file. docs/importing.md."""

import csv
import json
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn
from rich.table import Table

from orders.models import Site
from procurement.exceptions import FileError
from procurement.models import FileImport
from procurement.services.files.running import import_running
from procurement.services.files.undoing import undo_all
from procurement.services.records import RecordCounts, records_import
from procurement.sources.base import RowError, SourceUnreadable
from procurement.sources.csv_files import CsvFile
from procurement.sources.file_kinds import KINDS
from procurement.sources.rate_xml import RateXmlFile
from procurement.sources.table_files import table_opened
from suppliers.models import Supplier

SIGNS = {"auto": "", "comma": ",", "point": "."}
SHOWN = 20
SOME_REFUSED = 2


class Command(BaseCommand):
    help = "Load a CSV or XLSX file. Good rows are kept, bad ones reported by line and column. See docs/importing.md."

    def add_arguments(self, parser: CommandParser) -> None:
        about = "; ".join(f"{kind.name}: {kind.about}" for kind in KINDS.values())
        parser.add_argument("kind", nargs="?", choices=KINDS, help=about)
        parser.add_argument(
            "file",
            nargs="?",
            type=Path,
            help="CSV, plain or gzip; exchange rates also as a central bank's XML",
        )
        parser.add_argument(
            "--undo", type=int, metavar="NUMBER", help="undo a whole import, by the number it was given"
        )
        parser.add_argument("--site", help="code of the site; needed where there is more than one")
        parser.add_argument(
            "--sheet", default="", help="of a workbook; the first that is not empty, if not said"
        )
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
        if options["undo"] is not None:
            self._undo(options["undo"], as_json=options["json"])
            return
        if not options["kind"] or not options["file"]:
            raise CommandError("Say which kind and which file, or --undo and the number of an import.")
        site, supplier = self._site(options["site"]), self._supplier(options["supplier"])
        errors = options["errors"]
        if errors and errors.exists() and options["file"].exists() and errors.samefile(options["file"]):
            raise CommandError(
                "--errors names the file to be loaded; it would be overwritten. Name another one."
            )
        try:
            with ExitStack() as stack:
                source = self._source(options, stack)
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
                file_import = None
                if not options["dry_run"]:
                    file_import = stack.enter_context(
                        import_running(
                            kind=options["kind"],
                            file_name=options["file"].name,
                            size=options["file"].stat().st_size,
                            site=site,
                            supplier=supplier,
                            by=None,
                        )
                    )
                result = records_import(
                    kind=options["kind"],
                    source=source,
                    site=site,
                    supplier=supplier,
                    dry_run=options["dry_run"],
                    file_import=file_import,
                    on_error=on_error,
                    on_progress=lambda stage, rows: progress.update(tasks[stage], completed=rows),
                )
        except SourceUnreadable as error:
            raise CommandError(str(error)) from None
        number = file_import.pk if file_import else None
        if options["json"]:
            self.stdout.write(json.dumps(result.as_dict() | {"import": number}))
        else:
            self._show(result)
            if number:
                self.stdout.write(f"Import {number}; --undo {number} takes all of it back.")
        if result.refused:
            raise SystemExit(SOME_REFUSED)

    def _undo(self, number: int, *, as_json: bool) -> None:
        file_import = FileImport.objects.filter(pk=number).first()
        if file_import is None:
            raise CommandError(f"There is no import {number}.")
        try:
            undo_all(file_import=file_import, by=None)
        except FileError as error:
            raise CommandError(str(error)) from None
        left = file_import.imported_rows.exclude(left="").values_list("left", flat=True)
        counts = {name: getattr(file_import, name) for name in ("removed", "restored", "left")}
        if as_json:
            self.stdout.write(json.dumps({"import": number, **counts, "why_left": list(left[:SHOWN])}))
            return
        for words in left[:SHOWN]:
            self.stdout.write(f"Left as it is: {words}")
        self.stdout.write(
            f"{file_import} is undone: {counts['removed']:,} rows removed, {counts['restored']:,} given back"
            f" what they were, {counts['left']:,} left as they are, as something newer changed them."
        )

    def _source(self, options: dict[str, Any], stack: ExitStack) -> CsvFile | RateXmlFile:
        if options["kind"] == "exchange_rates" and options["file"].suffix.lower() == ".xml":
            return RateXmlFile(options["file"], now=timezone.localtime())
        return table_opened(
            options["file"],
            KINDS[options["kind"]],
            now=timezone.localtime(),
            beside=Path(stack.enter_context(TemporaryDirectory())),
            sheet=options["sheet"],
            decimal_sign=SIGNS[options["decimal"]],
            month_first=options["dates"] == "mdy",
        )

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
