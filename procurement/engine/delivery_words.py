"""What a reason says of deliveries: when to order, when it arrives, and whether that is in time."""

from datetime import date, datetime, timedelta

from procurement.engine.needs import Reason


def day(iso: str) -> str:
    return f"{date.fromisoformat(iso):%a %-d %b}"


def interval_words(reason: Reason) -> str:
    """What the horizon is made of: of a line that fills another supplier's level, until that one's delivery."""
    demand, other = reason["demand"], _filled_for(reason)
    if other or "next_date" in reason.get("delivery", {}):
        until = date.fromisoformat(reason["as_of"]) + timedelta(days=demand["horizon_days"])
        whose = f"{other}'{'' if other.endswith('s') else 's'}" if other else "the"
        return f"until {whose} delivery of {day(until.isoformat())}"
    return f"lead time {demand['lead_time_days']} + review {demand['review_period_days']}"


def _filled_for(reason: Reason) -> str:
    """Name of the supplier whose level the line fills, where another one delivers it; else empty."""
    covers = reason["demand"].get("covers")
    others = [quote for quote in reason.get("quotes", []) if not quote["chosen"]]
    own = any(quote["chosen"] and quote["supplier"] == covers for quote in reason.get("quotes", []))
    names = [quote["supplier_name"] for quote in others if quote["supplier"] == covers]
    return names[0] if names and not own and len(others) < len(reason["quotes"]) else ""


def delivery_sentences(reason: Reason) -> list[str]:
    """None where neither calendars nor learned lead times say more than the lead time does, and stock lasts."""
    delivery, said = reason.get("delivery"), []
    if delivery:
        if lead := delivery.get("lead_time"):
            said.append(f"Lead time {lead}.")
        if "next_date" in delivery:
            by, then = (_by(delivery.get(key)) for key in ("order_by", "next_order_by"))
            said.append(
                f"Ordered {by or 'now '}it arrives on {day(delivery['date'])};"
                f" the delivery after that{', ordered ' + then.rstrip() + ',' if then else ''}"
                f" on {day(delivery['next_date'])}."
            )
    if late := reason["buffer"].get("for_late_deliveries"):
        said.append(f"{late} of the buffer are for late deliveries.")
    for quote in reason.get("quotes", []):
        if quote["chosen"] and quote.get("late_by_days"):
            said.append(_too_late(reason, quote["late_by_days"]))
    return said


def _too_late(reason: Reason, late: int) -> str:
    days, runs_out = f"{late} day{'s' if late != 1 else ''}", reason["need_by"]["date"]
    if runs_out == reason["as_of"]:
        return f"What is there does not last until this arrives, in {days}."
    return f"It is expected to run out on {day(runs_out)}, {days} before this arrives."


def _by(iso: str | None) -> str:
    return f"by {datetime.fromisoformat(iso):%a %-d %b %H:%M} " if iso else ""
