"""What an administrator says about an organisation, and whether it can be right."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from procurement.sources.salesforce.mapping import Fields, State
from suppliers.connectors.account import CredentialField, SettingField, settings_check
from suppliers.connectors.jwt_bearer import key_problem
from suppliers.connectors.network import url_problem
from suppliers.connectors.standard_webhooks import signing_key_problem
from suppliers.connectors.words import Words
from suppliers.exceptions import ConnectorConfigurationError

FIELD_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,79}(\.[A-Za-z][A-Za-z0-9_]{0,79}){0,4}", re.ASCII)
WAYS_IN = ("client_credentials", "jwt")
PATH_PROBLEM = "A path is made of names of letters, digits and _, joined by points."
FIELD_SETTINGS = ("sku_field", "customer_field", "due_date_field", "shipped_field")

CREDENTIALS = (
    CredentialField("client_id", "Consumer key", secret=False),
    CredentialField("client_secret", "Consumer secret", required=False, help="For client_credentials."),
    CredentialField(
        "private_key", "Private key", required=False, help="For jwt: of the certificate that the app has."
    ),
    CredentialField(
        "event_token",
        "Token of events",
        required=False,
        help="Stands at the end of the address that outbound messages and flows call.",
    ),
    CredentialField(
        "event_key",
        "Signing key of events",
        required=False,
        help="whsec_…, for a sender that signs what it posts.",
    ),
)
SETTINGS = (
    SettingField(
        "base_url",
        "My Domain address",
        help="Such as https://acme.my.salesforce.com.",
        required=True,
    ),
    SettingField(
        "authentication",
        "Signing in",
        default="client_credentials",
        help="client_credentials: with the consumer secret. jwt: with a private key, as the user named below.",
        required=True,
    ),
    SettingField("username", "User name", help="For jwt: who is signed in, such as reader@acme.example."),
    SettingField(
        "audience",
        "Audience",
        default="https://login.salesforce.com",
        help="For jwt: https://login.salesforce.com, or https://test.salesforce.com for a sandbox organisation.",
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
    SettingField(
        "organization_id",
        "Organisation of events",
        help="Its id, such as 00D000000000001EAA: events of another one are ignored. Empty: of any.",
    ),
    SettingField(
        "event_ids",
        "Where orders' ids stand in an event",
        default="ids",
        help="Of a JSON event: names joined by points, such as payload.OrderId__c; one id or a list.",
    ),
    SettingField(
        "event_id",
        "Where an event's own id stands",
        default="event_id",
        help="Of a JSON event, such as event.EventUuid: told again it is recognised by that. May be empty.",
    ),
)


@dataclass(frozen=True, slots=True)
class Settings:
    base_url: str
    authentication: str
    username: str
    audience: str
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
        settings_check(SETTINGS, setting, problem_with)
        authentication = setting("authentication").lower()
        if authentication == "jwt" and not (setting("username") and setting("audience")):
            raise ConnectorConfigurationError("Signing in: jwt needs a user name and an audience.")
        return cls(
            base_url=setting("base_url"),
            authentication=authentication,
            username=setting("username"),
            audience=setting("audience"),
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
        case "authentication" if value.lower() not in WAYS_IN:
            return f"Say one of {', '.join(WAYS_IN)}."
        case "audience" if value:
            return url_problem(value)
        case "private_key":
            return key_problem(value)
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
        case "organization_id" if value and not re.fullmatch(
            r"00D[A-Za-z0-9]{12}([A-Za-z0-9]{3})?", value, re.ASCII
        ):
            return "An organisation's id is 00D and 12 or 15 letters and digits more."
        case "event_ids" if not FIELD_NAME.fullmatch(value):
            return PATH_PROBLEM
        case "event_id" if value and not FIELD_NAME.fullmatch(value):
            return PATH_PROBLEM
        case "event_key":
            return signing_key_problem(value)
        case "event_token" if not re.fullmatch(r"[A-Za-z0-9_-]{24,200}", value, re.ASCII):
            return "A token has 24 to 200 letters, digits, - and _; long and random, as it opens the address."
        case "timeout_seconds" if not _whole(value, 1, 20):
            return "Enter whole seconds, from 1 to 20."
        case _ if name in FIELD_SETTINGS and value and not FIELD_NAME.fullmatch(value):
            return "A field's API name is made of letters, digits and _, with points between related objects."
    return ""


def _whole(value: str, least: int, most: int) -> bool:
    return value.isascii() and value.isdigit() and len(value) < 6 and least <= int(value) <= most
