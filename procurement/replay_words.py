"""What a replay came to, in sentences and rows a buyer can read. Pure."""

from dataclasses import dataclass
from typing import Any

Report = dict[str, Any]

NAMES = {"plan": "our plan", "disciplined": "disciplined PAR", "neglected": "neglected PAR"}
EVEN = 0.02
ABOUT_THE_SAME = 0.1  # of the larger stock value


@dataclass(frozen=True, slots=True)
class Row:
    """One measure of all three rules at equal stock value."""

    label: str
    kind: str  # money, count, share, factor
    plan: float
    disciplined: float
    neglected: float


MEASURES = (
    ("Average stock value", "money", "value"),
    ("Stock-out item-days", "count", "short"),
    ("Days on which all of it was there", "share", "filled_days"),
    ("Fill rate, units", "share", "fill"),
    ("Same-day buys", "count", "same_day"),
    ("Emergency orders", "count", "emergency_orders"),
    ("Orders", "count", "orders"),
    ("Order lines", "count", "lines"),
    ("Spend on goods", "money", "spend"),
    ("Cost of ordering", "money", "order_costs"),
    ("Thrown away", "money", "waste"),
)
BUFFERS = {
    "equal": "Our plan gave every item the same service level, as the site's planning policy says.",
    "spread": "Our plan spread its buffer to where it prevents most stock-outs for the money.",
}
ONLY_BOUGHT = {"same_day", "emergency_orders"}


def rows(report: Report) -> list[Row]:
    equal = report["equal"]
    return [
        Row(label, kind, *(equal[rule][key] for rule in ("plan", "disciplined", "neglected")))
        for label, kind, key in MEASURES
        if report["unmet"] == "bought" or key not in ONLY_BOUGHT
    ]


def verdicts(report: Report) -> list[str]:
    """One sentence a baseline, also where we lose."""
    said = []
    equal = report["equal"]
    for rule in ("disciplined", "neglected"):
        ours, theirs = equal["plan"]["short"], equal[rule]["short"]
        change = (ours - theirs) / theirs if theirs else float(ours > 0)
        if abs(change) <= EVEN:
            how = "as good as no difference"
        else:
            how = f"{abs(change):.0%} {'fewer' if change < 0 else 'more'}"
        said.append(
            f"{_for_what(equal['plan']['value'], equal[rule]['value'])}, our plan would have run out on {ours:,.0f}"
            f" item-days, {NAMES[rule]} on {theirs:,.0f}: {how}."
        )
    return said


def _for_what(ours: float, theirs: float) -> str:
    """Where no service level brings the stock values together, the nearest ones are compared, and that is said."""
    if abs(ours - theirs) <= ABOUT_THE_SAME * max(ours, theirs):
        return "For about the same stock value"
    return f"With {'less' if ours < theirs else 'more'} stock, worth {ours:,.2f} instead of {theirs:,.2f}"


def ratio_words(ratio: dict[str, Any]) -> str:
    """A ratio with its spread, e.g. '0.32 (0.30 to 0.35) times the stock-out item-days of disciplined PAR'."""
    spread = f" ({ratio['low']:.2f} to {ratio['high']:.2f})" if ratio["low"] != ratio["high"] else ""
    return f"{ratio['median']:.2f}{spread} times the {ratio['what']} of {NAMES[ratio['against']]}"


def _counted(count: int, one: str) -> str:
    return f"{count:,} {one}{'s' if count != 1 else ''}"


def _buffer_words(report: Report) -> str:
    """Replays of before knew no other choice than `spread`, no bounds and no levels set by hand."""
    said = [BUFFERS[report.get("allocation", "spread")]]
    if report.get("allocation", "spread") == "spread" and (bounds := report.get("bounds")):
        said.append(f"Each item's service level lay between {bounds[0]:.0%} and {bounds[1]:.1%}.")
    if count := report.get("by_hand"):
        said.append(
            f"{_counted(count, 'item')} with a service level set by hand or by class: replayed as set where the site's"
            " own level is tried, and as much safer or less safe where another is."
        )
    return " ".join(said)


def fine_print(report: Report) -> list[str]:
    items = _counted(report["items"], "item")
    if report["eligible"] > report["items"]:
        items = f"{report['items']:,} of {report['eligible']:,} items, evenly drawn"
    unmet = (
        "What was not in stock was lost, and nobody saw how much it would have been."
        if report["unmet"] == "lost"
        else "What was not in stock was bought the same day, so customers got it all."
    )
    assumed = "; ".join(report["assumed"])
    return [
        f"{items}, {report['days']} days, {_counted(report['seeds'], 'draw')} of lead times, the same for every rule."
        f" {unmet}",
        "Disciplined PAR: days of cover from the last 8 weeks, set anew every 8 reviews. Neglected PAR: set once,"
        f" a quarter of the reviews missed. The table shows them at the stock value that disciplined PAR has with"
        f" {report['cover']:.0f} days of cover.",
        *([f"Assumed: {assumed}."] if assumed else []),
        _buffer_words(report),
        "Our plan was shown nothing that was not known on the day: sales and lead times so far, planned promotions.",
    ]
