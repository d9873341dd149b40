"""What an administrator says about an account, and whether it can be right."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from zoneinfo import ZoneInfo, available_timezones

from procurement.sources.valerdat.mapping import DEFAULT_PATHS, OrderMapping, Standing
from suppliers.connectors.account import CredentialField, SettingField, settings_check
from suppliers.connectors.network import url_problem
from suppliers.connectors.words import Words
from suppliers.exceptions import ConnectorConfigurationError

HEADER = re.compile(
    r"([A-Za-z][A-Za-z0-9-]{0,60}): ([\x20-\x7e]{0,100}\{token\}[\x20-\x7e]{0,100})", re.ASCII
)
ADDRESS = re.compile(r"/[\x21-\x7e]{0,300}", re.ASCII)
SIGN_IN_FORMATS = ("json", "form")

CREDENTIALS = (
    CredentialField("customer", "Customer", secret=False),
    CredentialField("username", "User name", secret=False),
    CredentialField("password", "Password"),
)
SETTINGS = (
    SettingField("base_url", "Address", help="Such as https://api.example.com.", required=True),
    SettingField(
        "start_date",
        "Read orders from this day on",
        help="Such as 2026-01-31. After a change of these settings everything since then is read again.",
        required=True,
    ),
    SettingField("sign_in_path", "Address of signing in", default="/api/token", required=True),
    SettingField(
        "sign_in_format",
        "Format of signing in",
        default="json",
        help="json or form: how customer, username and password are sent there.",
        required=True,
    ),
    SettingField(
        "authorization",
        "Header with the token",
        default="Authorization: Bearer {token}",
        help="Its name, and its value with {token} in it.",
        required=True,
    ),
    SettingField(
        "list_path",
        "Address of the list of ids",
        default="/api/orders?since={since}",
        help="{since} is the day, as 2026-01-31.",
        required=True,
    ),
    SettingField(
        "order_path",
        "Address of one order",
        default="/api/orders/{id}",
        help="{id} is the order's id.",
        required=True,
    ),
    SettingField(
        "mapping",
        "Where things stand in their answers",
        default=DEFAULT_PATHS,
        help="JSON: our name and their path, names joined by points. Our names are in docs/sources.",
        required=True,
        long=True,
    ),
    SettingField(
        "suppliers",
        "Suppliers",
        help="One a line: their code or name of a supplier = our code. Others are looked for under the same code.",
        long=True,
    ),
    SettingField(
        "statuses",
        "Statuses of an order",
        help="One a line: their status = proposed or withdrawn. Needed where the paths above name a status.",
        long=True,
    ),
    SettingField(
        "time_zone",
        "Time zone of their days",
        default="UTC",
        help="Such as Europe/Madrid: when their day ends.",
        required=True,
    ),
    SettingField(
        "overlap_days",
        "Days read again",
        default="1",
        help="Every reading begins this many days before the day of the last one.",
        required=True,
    ),
    SettingField("timeout_seconds", "Seconds to wait for an answer", default="10"),
)


@dataclass(frozen=True, slots=True)
class Settings:
    base_url: str
    start: date
    sign_in_path: str
    sign_in_format: str
    header: tuple[str, str]
    list_path: str
    order_path: str
    paths: OrderMapping
    suppliers: Mapping[str, str]
    statuses: Words[Standing]
    zone: ZoneInfo
    overlap: timedelta
    timeout: float

    @classmethod
    def of(cls, setting: Callable[[str], str]) -> "Settings":
        """Raises `ConnectorConfigurationError`."""
        settings_check(SETTINGS, setting, problem_with)
        paths, statuses = _paths(setting("mapping")), _statuses(setting("statuses"))
        if "supplier" not in paths and "line.supplier" not in paths:
            raise ConnectorConfigurationError(
                "The paths must say where the supplier stands: supplier or line.supplier."
            )
        name, _, value = setting("authorization").partition(": ")
        return cls(
            base_url=setting("base_url").rstrip("/"),
            start=date.fromisoformat(setting("start_date")),
            sign_in_path=setting("sign_in_path"),
            sign_in_format=setting("sign_in_format").lower(),
            header=(name, value),
            list_path=setting("list_path"),
            order_path=setting("order_path"),
            paths=paths,
            suppliers=_suppliers(setting("suppliers")),
            statuses=statuses,
            zone=ZoneInfo(setting("time_zone")),
            overlap=timedelta(days=int(setting("overlap_days"))),
            timeout=float(setting("timeout_seconds")),
        )


def _paths(value: str) -> OrderMapping:
    return OrderMapping(value, "The mapping")


def _statuses(value: str) -> Words[Standing]:
    return Words(value, Standing, "the statuses")


def _suppliers(value: str) -> dict[str, str]:
    """Their word, in lower case → our code."""
    table = {}
    for row in filter(None, (row.strip() for row in value.splitlines())):
        theirs, _, ours = (part.strip() for part in row.rpartition("="))
        if not theirs or not ours:
            raise ConnectorConfigurationError(f"{row!r} is no pair; write their code = our code.")
        table[theirs.lower()] = ours
    return table


def problem_with(name: str, value: str) -> str:
    value = value.strip()
    try:
        return _problem(name, value)
    except ConnectorConfigurationError as error:
        return str(error)


def _problem(name: str, value: str) -> str:
    match name:
        case "base_url":
            return url_problem(value)
        case "start_date" if not _day(value):
            return "A day looks like 2026-01-31."
        case "sign_in_format" if value.lower() not in SIGN_IN_FORMATS:
            return "Say json or form."
        case "authorization" if not HEADER.fullmatch(value):
            return "It looks like Authorization: Bearer {token}."
        case "sign_in_path" | "list_path" | "order_path" if not ADDRESS.fullmatch(value):
            return "It begins with / and has no blanks."
        case "list_path" if "{since}" not in value:
            return "It must have {since} where the day stands."
        case "order_path" if "{id}" not in value:
            return "It must have {id} where the order's id stands."
        case "mapping":
            _paths(value)
        case "suppliers":
            _suppliers(value)
        case "statuses":
            _statuses(value)
        case "time_zone" if value not in available_timezones():
            return "There is no such time zone; one looks like Europe/Madrid."
        case "overlap_days" if not _whole(value, 1, 31):
            return "Enter whole days, from 1 to 31."
        case "timeout_seconds" if not _whole(value, 1, 20):
            return "Enter whole seconds, from 1 to 20."
    return ""


def _day(value: str) -> bool:
    try:
        return bool(re.fullmatch(r"\d{4}-\d{2}-\d{2}", value, re.ASCII) and date.fromisoformat(value))
    except ValueError:
        return False


def _whole(value: str, least: int, most: int) -> bool:
    return value.isascii() and value.isdigit() and len(value) < 4 and least <= int(value) <= most
