"""What an administrator says about a system, and whether it can be right."""

import re
from collections.abc import Callable
from dataclasses import dataclass

from procurement.sources.sap.mapping import Numbers, Plants
from suppliers.connectors.account import CredentialField, SettingField, settings_check
from suppliers.connectors.network import url_problem
from suppliers.connectors.units import UnitWords
from suppliers.exceptions import ConnectorConfigurationError

WAYS_IN = ("basic", "oauth2", "api_key")

CREDENTIALS = (
    CredentialField("username", "User name", required=False, secret=False, help="For basic."),
    CredentialField("password", "Password", required=False, help="For basic."),
    CredentialField("client_id", "Client id", required=False, secret=False, help="For oauth2."),
    CredentialField("client_secret", "Client secret", required=False, help="For oauth2."),
    CredentialField("api_key", "API key", required=False, help="For api_key."),
)
SETTINGS = (
    SettingField(
        "base_url",
        "Address",
        help="Such as https://my300000-api.s4hana.cloud.sap: what stands before /sap/opu/odata.",
        required=True,
    ),
    SettingField(
        "authentication",
        "Signing in",
        default="basic",
        help="basic: a communication user. oauth2: client credentials. api_key: the header APIKey.",
        required=True,
    ),
    SettingField("token_url", "Address of tokens", help="For oauth2."),
    SettingField("client", "Client", help="The three digits of sap-client; empty: the system's own."),
    SettingField(
        "plants",
        "Plants",
        help="One a line: plant = code of our site, or plant/storage location = code of our site, which counts"
        " before its plant. Plant = - where its stock is none of ours.",
        required=True,
        long=True,
    ),
    SettingField(
        "leading_zeros",
        "Leading zeros of material numbers",
        default="remove",
        help="remove: 000000000000001234 is our item 1234. keep: our item codes have them, too.",
        required=True,
    ),
    SettingField(
        "number_digits",
        "Digits of a material number",
        default="18",
        help="To which the system itself fills numbers up with zeros; 0 where it does not.",
        required=True,
    ),
    SettingField(
        "unit_words",
        "Units",
        default="C62=PC, C62=ST, C62=EA, KGM=KG, GRM=G, TNE=TO, LTR=L, MTR=M",
        help="UN/ECE code=their unit. Theirs may be named several times; a code is understood as itself.",
    ),
    SettingField("page_rows", "Rows at once", default="5000", help="Asked for in one question."),
    SettingField("timeout_seconds", "Seconds to wait for an answer", default="20"),
)


@dataclass(frozen=True, slots=True)
class Settings:
    base_url: str
    authentication: str
    token_url: str
    client: str
    plants: Plants
    numbers: Numbers
    units: UnitWords
    page_rows: int
    timeout: float

    @classmethod
    def of(cls, setting: Callable[[str], str]) -> "Settings":
        """Raises `ConnectorConfigurationError`."""
        settings_check(SETTINGS, setting, problem_with)
        authentication = setting("authentication").lower()
        if authentication == "oauth2" and not setting("token_url"):
            raise ConnectorConfigurationError("Address of tokens: oauth2 needs one.")
        return cls(
            base_url=setting("base_url"),
            authentication=authentication,
            token_url=setting("token_url"),
            client=setting("client"),
            plants=Plants(setting("plants")),
            numbers=Numbers(
                digits=int(setting("number_digits")), keep_zeros=setting("leading_zeros").lower() == "keep"
            ),
            units=UnitWords(setting("unit_words")),
            page_rows=int(setting("page_rows")),
            timeout=float(setting("timeout_seconds")),
        )


def problem_with(name: str, value: str) -> str:
    value = value.strip()
    match name:
        case "base_url":
            return url_problem(value)
        case "token_url" if value:
            return url_problem(value)
        case "authentication" if value.lower() not in WAYS_IN:
            return f"Say one of {', '.join(WAYS_IN)}."
        case "client" if value and not re.fullmatch("[0-9]{3}", value, re.ASCII):
            return "A client has three digits."
        case "plants":
            return _refusal(lambda: Plants(value))
        case "leading_zeros" if value.lower() not in ("remove", "keep"):
            return "Say remove or keep."
        case "number_digits" if not _whole(value, 0, 40):
            return "Enter a whole number from 0 to 40."
        case "unit_words":
            return _refusal(lambda: UnitWords(value))
        case "page_rows" if not _whole(value, 1, 10_000):
            return "Enter a whole number from 1 to 10000."
        case "timeout_seconds" if not _whole(value, 1, 40):
            return "Enter whole seconds, from 1 to 40."
    return ""


def _refusal(read: Callable[[], object]) -> str:
    try:
        read()
    except ConnectorConfigurationError as error:
        return str(error)
    return ""


def _whole(value: str, least: int, most: int) -> bool:
    return value.isascii() and value.isdigit() and len(value) < 6 and least <= int(value) <= most
