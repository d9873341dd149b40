"""`manage.py plan`: compute what to order and draft one order a supplier."""

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn
from rich.table import Table

from orders.models import PurchaseOrder, Site
from orders.selectors import order_list
from procurement.exceptions import PlanningError
from procurement.models import PlanRun
from procurement.services.plan_claims import plan_cancel
from procurement.services.planning import plan_run


class Command(BaseCommand):
    help = "Compute what a site needs and draft one order a supplier. What is on order already is not ordered again."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--site", help="code of the site; needed where there is more than one")
        parser.add_argument("--cancel", action="store_true", help="stop the plan that is running")
        parser.add_argument("--json", action="store_true", help="print one JSON object instead of a table")

    def handle(self, *args: Any, **options: Any) -> None:
        site = self._site(options["site"])
        if options["cancel"]:
            self._cancel(site)
            return
        console = Console(stderr=True, quiet=options["json"])
        columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.percentage:.0f} %"))
        try:
            with Progress(*columns, console=console, transient=True) as progress:
                task = progress.add_task("Starting", total=100)
                run = plan_run(
                    site=site,
                    by=None,
                    on_progress=lambda stage, percent: progress.update(
                        task, description=stage, completed=percent
                    ),
                )
        except PlanningError as error:
            raise CommandError(str(error)) from None
        orders = list(order_list().filter(lines__requirements__run=run).distinct().order_by("supplier__name"))
        if options["json"]:
            self.stdout.write(json.dumps(_as_dict(run, orders)))
        else:
            self._show(run, orders)

    def _cancel(self, site: Site) -> None:
        run = PlanRun.objects.filter(site=site, status=PlanRun.Status.RUNNING).first()
        if run is None or not plan_cancel(run=run, by=None):
            raise CommandError(f"No plan for {site.name} is running.")
        self.stdout.write(f"The plan for {site.name} was cancelled. Nothing of it was written.")

    def _site(self, code: str | None) -> Site:
        sites = list((Site.objects.filter(code=code) if code else Site.objects.all())[:2])
        if len(sites) > 1:
            raise CommandError("There is more than one site; say which with --site CODE.")
        if not sites:
            raise CommandError(
                f"There is no site {code!r}." if code else "There is no site yet; run manage.py setup."
            )
        return sites[0]

    def _show(self, run: PlanRun, orders: list[PurchaseOrder]) -> None:
        console = Console(file=self.stdout)  # type: ignore[arg-type]
        if orders:
            table = Table(title=f"Suggested orders for {run.site.name}, {run.as_of}")
            for name in ("order", "supplier"):
                table.add_column(name)
            for name in ("lines", "goods", "delivery", "wanted by"):
                table.add_column(name, justify="right")
            for order in orders:
                table.add_row(
                    order.number,
                    order.supplier.name,
                    str(order.line_count),  # type: ignore[attr-defined]
                    f"{order.value:,.2f} {order.currency}",  # type: ignore[attr-defined]
                    f"{order.delivery_fee:,.2f}",
                    str(order.requested_date),
                )
            console.print(table)
        console.print(
            f"{run.items:,} items: {run.lines:,} lines in {run.orders} orders worth {run.value:,.2f}"
            f" {run.parameters['currency']}; {run.uncovered:,} items that nobody can deliver in full.",
            highlight=False,
        )


def _as_dict(run: PlanRun, orders: list[PurchaseOrder]) -> dict[str, Any]:
    return {
        "plan": run.pk,
        "as_of": run.as_of.isoformat(),
        "items": run.items,
        "orders": run.orders,
        "lines": run.lines,
        "uncovered": run.uncovered,
        "value": str(run.value),
        "suggested": [
            {
                "number": order.number,
                "supplier": order.supplier.code,
                "lines": order.line_count,  # type: ignore[attr-defined]
                "value": f"{order.value:.2f}",  # type: ignore[attr-defined]
                "currency": order.currency,
            }
            for order in orders
        ],
    }
