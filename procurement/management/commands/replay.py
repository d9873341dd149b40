"""`manage.py replay`: our plan and levels set by hand, day by day on past demand."""

import json
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from orders.models import Site
from procurement.data_folders import BadFolder
from procurement.engine.data import InvalidPlanningData
from procurement.engine.replay import Unmet
from procurement.engine.replay.history import History, TooLittleHistory, scene
from procurement.engine.replay.report import Report, report_of
from procurement.engine.replay.study import study
from procurement.folder_history import folder_history
from procurement.replay_file import replay_html
from procurement.replay_words import fine_print, ratio_words, rows, verdicts
from procurement.services.replays import SHARE_REPLAYED
from procurement.site_history import site_history


class Command(BaseCommand):
    help = (
        "Replay past demand day by day: what our plan would have bought, beside PAR levels set by hand and kept up, and"
        " beside neglected ones, at equal stock value. Changes nothing."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--site", help="code of the site; needed where there is more than one")
        parser.add_argument(
            "--data", type=Path, metavar="FOLDER", help="a folder with demand.csv instead of a site"
        )
        parser.add_argument(
            "--unmet",
            choices=[kind.value for kind in Unmet],
            default=Unmet.LOST.value,
            help="what becomes of demand that stock does not cover: lost (the default), or bought the same day",
        )
        parser.add_argument("--items", type=int, default=400, help="at most so many, evenly drawn (400)")
        parser.add_argument("--seeds", type=int, default=5, help="draws of lead times (5)")
        parser.add_argument("--json", action="store_true", help="print one JSON object instead of tables")
        parser.add_argument("--html", type=Path, metavar="FILE", help="write a report to hand on")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["items"] < 1 or options["seeds"] < 1:
            raise CommandError("--items and --seeds are at least 1.")
        try:
            report = self._replay(options)
        except (BadFolder, TooLittleHistory, InvalidPlanningData) as error:
            raise CommandError(str(error)) from None
        if options["html"]:
            options["html"].write_text(replay_html(report), encoding="utf-8")
        if options["json"]:
            self.stdout.write(json.dumps(report))
        else:
            self._show(report)
            if options["html"]:
                self.stdout.write(f"Written to {options['html']}.")

    def _replay(self, options: dict[str, Any]) -> Report:
        history: History = (
            folder_history(options["data"])
            if options["data"]
            else site_history(site=self._site(options["site"]))
        )
        on = scene(
            history,
            start=1 - SHARE_REPLAYED,
            seeds=options["seeds"],
            unmet=Unmet(options["unmet"]),
            most_items=options["items"],
        )
        console = Console(stderr=True, quiet=options["json"])
        columns = (
            TextColumn("{task.description}"),
            BarColumn(),
            TextColumn("{task.percentage:.0f} %"),
            TimeRemainingColumn(),
        )
        with Progress(*columns, console=console, transient=True) as progress:
            task = progress.add_task(f"Replaying {history.name}", total=1.0)
            found = study(
                on.worlds,
                buffer=on.buffer,
                progress=lambda share: progress.update(task, completed=share),
            )
            return report_of(on, found)

    def _site(self, code: str | None) -> Site:
        sites = list((Site.objects.filter(code=code) if code else Site.objects.all())[:2])
        if len(sites) > 1:
            raise CommandError("There is more than one site; say which with --site CODE.")
        if not sites:
            raise CommandError(
                f"There is no site {code!r}." if code else "There is no site yet; run manage.py setup."
            )
        return sites[0]

    def _show(self, report: Report) -> None:
        console = Console(file=self.stdout)  # type: ignore[arg-type]
        table = Table(
            title=f"{report['name']}, {report['first']} to {report['last']}, at about the same stock value"
        )
        table.add_column("")
        for name in ("our plan", "disciplined PAR", "neglected PAR"):
            table.add_column(name, justify="right")
        for row in rows(report):
            form = "{:.1%}" if row.kind == "share" else "{:,.0f}"
            table.add_row(
                row.label, *(form.format(value) for value in (row.plan, row.disciplined, row.neglected))
            )
        console.print(table)
        for said in (
            *verdicts(report),
            *(f"{ratio_words(ratio)}." for ratio in report["ratios"]),
            *fine_print(report),
        ):
            console.print(said, highlight=False)
