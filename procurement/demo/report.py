"""What the demo shows at its end: a table for people, one JSON object for machines."""

from typing import Any

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from orders.models import PurchaseOrder
from procurement.demo.channels import Channels
from procurement.demo.outcome import Outcome, drafts_left, outcome
from procurement.demo.stages import Result
from suppliers.connectors.registry import connector_class

# Field of `Outcome`: heading. Short, so that the table fits a terminal of 80 columns.
COLUMNS = {
    "suggested": "Sugg.", "approved": "Appr.", "transferred": "Sent", "confirmed": "Conf.",
    "changed": "Chgd.", "rejected": "Rej.", "shipped": "Shpd.", "left": "Left",
}  # fmt: skip

SHOWN = 5  # of what happened at a system


def show(console: Console, result: Result, seconds: float) -> None:
    if result.sources:
        console.print(_sources(result))
        for read in result.sources.values():
            if read.happened:
                more = f" and {len(read.happened) - SHOWN} more" if len(read.happened) > SHOWN else ""
                console.print(
                    f"{read.account} since the last time: {'; '.join(read.happened[:SHOWN])}{more}."
                )
    if result.suggested:
        console.print(_table(result))
    else:
        console.print(
            "\nNothing new to order: what is needed is in stock, on order, or in a draft that waits for you."
        )
    for failure in result.checks.failures:
        console.print(f"[yellow]Live check failed: {failure}[/yellow]")
    if result.still_waiting:
        console.print(
            f"[yellow]{result.still_waiting} orders still wait for an answer; `make run` goes on with them.[/yellow]"
        )
    ledger = result.ledger
    verdict = (
        f"lost {len(ledger.lost)}, duplicated {len(ledger.duplicated)}, unexpected {len(ledger.unexpected)}"
    )
    style = "green" if not (ledger.lost or ledger.duplicated or ledger.unexpected) else "red"
    console.print(
        f"\nOur orders against the suppliers' own ledgers: [{style}]{verdict}[/{style}]. {seconds} seconds."
    )
    waiting = drafts_left()
    console.print(
        f"\nLook next: [bold]make run[/bold], open the address it prints and sign in as buyer or approver: "
        f"{waiting} {'order waits' if waiting == 1 else 'orders wait'} for you in the work queue."
    )


def _sources(result: Result) -> Table:
    table = Table(title="\nRead from other systems", title_justify="left", box=SIMPLE_HEAD)
    table.add_column("System", no_wrap=True)
    names = ("fetched", "added", "changed", "unchanged", "removed", "failed")
    for name in names:
        table.add_column(name.capitalize(), justify="right")
    for read in result.sources.values():
        counts = read.run.counts()
        table.add_row(str(read.account), *(f"{counts[name]:,}" for name in names))
    return table


def show_channels(console: Console, channels: Channels) -> None:
    table = Table(title="\nOne order through every channel", title_justify="left", box=SIMPLE_HEAD)
    table.add_column("Channel", no_wrap=True)
    for heading in ("Order", "Sent", "Confirmed", "Shipped", "Lost", "Doubled"):
        table.add_column(heading, justify="left" if heading == "Order" else "right")
    for protocol, told in channels.as_json().items():
        figures = (str(number or "·") for number in told.values())
        table.add_row(connector_class(protocol).label, channels.orders[protocol].number, *figures)
    console.print(table)
    if channels.still_waiting:
        console.print(f"[yellow]{channels.still_waiting} of these still wait for an answer.[/yellow]")


def _table(result: Result) -> Table:
    table = Table(
        title="\nWhat became of the suggested orders", title_justify="left", show_footer=True, box=SIMPLE_HEAD
    )
    total = outcome(result.suggested)
    table.add_column("Supplier", "All", no_wrap=True)
    table.add_column("Lines", str(result.plan.lines if result.plan else 0), justify="right")
    for name, heading in COLUMNS.items():
        table.add_column(heading, str(getattr(total, name)), justify="right")
    table.add_column("Value", f"{total.value:,.2f}", justify="right")
    by_supplier: dict[str, list[PurchaseOrder]] = {}
    for order in result.suggested:
        by_supplier.setdefault(order.supplier.name, []).append(order)
    for name, orders in sorted(by_supplier.items()):
        _row(table, name, orders, outcome(orders))
    return table


def _row(table: Table, name: str, orders: list[PurchaseOrder], counts: Outcome) -> None:
    lines = sum(order.lines.count() for order in orders)
    figures = (str(getattr(counts, column) or "·") for column in COLUMNS)
    table.add_row(name, str(lines), *figures, f"{counts.value:,.2f}")


def as_json(result: Result, seconds: float) -> dict[str, Any]:
    """Counts are of this run's suggestions; `orders_left_for_you` counts every draft that waits."""
    total = outcome(result.suggested)
    return {
        "items": result.plan.items if result.plan else 0,
        "demand_rows": result.loaded["demand"].rows,
        "demand_rows_new": result.loaded["demand"].added + result.loaded["demand"].changed,
        "suppliers": len(result.suppliers),
        "sources": {kind: read.as_json() for kind, read in result.sources.items()},
        "orders_suggested": total.suggested,
        "lines_suggested": result.plan.lines if result.plan else 0,
        "value_suggested": str(total.value),
        "orders_approved": total.approved,
        "orders_transferred": total.transferred,
        "orders_confirmed": total.confirmed,
        "orders_changed": total.changed,
        "orders_rejected": total.rejected,
        "orders_shipped": total.shipped,
        "orders_left_for_you": drafts_left(),
        "orders_still_waiting": result.still_waiting,
        "at_supplier_lost": len(result.ledger.lost),
        "at_supplier_duplicated": len(result.ledger.duplicated),
        "at_supplier_unexpected": len(result.ledger.unexpected),
        "seconds": seconds,
    }
