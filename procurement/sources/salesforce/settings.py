"""What an administrator says about an organisation, and whether it can be right."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from procurement.sources.salesforce.mapping import Fields, State
from suppliers.connectors.base import CredentialField, SettingField
from suppliers.connectors.network import url_problem
from suppliers.connectors.words import Words
from suppliers.exceptions import ConnectorConfigurationError

FIELD_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,79}(\.[A-Za-z][A-Za-z0-9_]{0,79}){0,4}", re.ASCII)
FIELD_SETTINGS = ("sku_field", "customer_field", "due_date_field", "shipped_field")

CREDENTIALS = (
    CredentialField("client_id", "Consumer key", secret=False),
    CredentialField("client_secret", "Consumer secret"),
)
SETTINGS = (
    SettingField(
        "base_url",
        "My Domain address",
        help="Such as https://acme.my.salesforce.com.",
        required=True,
    ),
    SettingField("api_version", "API version", default="59.0", required=True),
    SettingField(
        "statuses",
        "Statuses of an order",
        default="Draft = draft\nActivated = open\nCanceled = cancelled",
        help="One a line: a status as people see it, or the category behind it = draft, open, closed or cancelled."
        " The status counts before its category. Orders with another status are listed and not taken over.",
        required=True,
        long=True,
    ),
    SettingField(
        "sku_field",
        "Field of our item code",
        default="Product2.ProductCode",
        help="Seen from an order item; a custom field ends in __c.",
        required=True,
    ),
    SettingField(
        "customer_field", "Field of the customer's name", default="Account.Name", help="Seen from an order."
    ),
    SettingField(
        "due_date_field",
        "Field of the day it is due",
        default="EndDate",
        help="Seen from an order; may be empty.",
    ),
    SettingField(
        "shipped_field",
        "Field of the quantity shipped",
        help="Seen from an order item. Empty: nothing of an open order is shipped, and all of a closed one.",
    ),
    SettingField(
        "reductions",
        "Reduction orders",
        default="yes",
        help="yes or no: whether the organisation takes items off activated orders by reduction orders.",
    ),
    SettingField(
        "overlap_minutes",
        "Minutes read again",
        default="15",
        help="Changes become visible late. Every reading begins this long before the last one began.",
    ),
    SettingField(
        "share_percent",
        "Share of the daily calls",
        default="80",
        help="Percent of the organisation's calls after which nothing is asked until some are free again.",
    ),
    SettingField("timeout_seconds", "Seconds to wait for an answer", default="10"),
)


@dataclass(frozen=True, slots=True)
class Settings:
    base_url: str
    version: str
    statuses: Words[State]
    fields: Fields
    reductions: bool
    overlap: timedelta
    share: int
    timeout: float

    @classmethod
    def of(cls, setting: Callable[[str], str]) -> "Settings":
        """Raises `ConnectorConfigurationError`."""
        for declared in SETTINGS:
            if problem := problem_with(declared.name, setting(declared.name)):
                raise ConnectorConfigurationError(f"{declared.label}: {problem}")
        return cls(
            base_url=setting("base_url"),
            version=setting("api_version"),
            statuses=_statuses(setting("statuses")),
            fields=Fields(*(setting(name) for name in FIELD_SETTINGS)),
            reductions=setting("reductions").lower() == "yes",
            overlap=timedelta(minutes=int(setting("overlap_minutes"))),
            share=int(setting("share_percent")),
            timeout=float(setting("timeout_seconds")),
        )


def _statuses(value: str) -> Words[State]:
    return Words(value, State, "the statuses")


def problem_with(name: str, value: str) -> str:
    value = value.strip()
    match name:
        case "base_url":
            return url_problem(value)
        case "api_version" if not re.fullmatch(r"[1-9][0-9]{1,2}\.0", value, re.ASCII):
            return "A version looks like 59.0."
        case "statuses":
            try:
                _statuses(value)
            except ConnectorConfigurationError as error:
                return str(error)
        case "reductions" if value.lower() not in ("yes", "no"):
            return "Say yes or no."
        case "overlap_minutes" if not _whole(value, 1, 1440):
            return "Enter whole minutes, from 1 to 1440."
        case "share_percent" if not _whole(value, 1, 100):
            return "Enter a whole number from 1 to 100."
        case "timeout_seconds" if not _whole(value, 1, 20):
            return "Enter whole seconds, from 1 to 20."
        case _ if name in FIELD_SETTINGS and value and not FIELD_NAME.fullmatch(value):
            return "A field's API name is made of letters, digits and _, with points between related objects."
    return ""


def _whole(value: str, least: int, most: int) -> bool:
    return value.isascii() and value.isdigit() and len(value) < 6 and least <= int(value) <= most
