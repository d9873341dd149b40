"""What an administrator enters for an account, and how each entry is read. A reader raises ValueError in words."""

import re
from collections.abc import Callable
from decimal import Decimal, InvalidOperation
from typing import Any
from zoneinfo import ZoneInfo

from suppliers.connectors.account import CredentialField, SettingField
from suppliers.connectors.base import TIMEOUT
from suppliers.connectors.fourws.addresses import SHORTEST_SECRET
from suppliers.connectors.fourws.places import places_read
from suppliers.connectors.network import url_problem

CREDENTIALS = (
    CredentialField("api_token", "API token", help="Goes into the sign-in header of every call."),
    CredentialField(
        "callback_secret",
        "Secret of the callback addresses",
        help=f"At least {SHORTEST_SECRET} random characters that nobody else knows; the supplier needs it not. "
        "While orders are on their way, enter a new one beside the old one.",
    ),
)
SETTINGS = (
    SettingField(
        "save_purchase_url",
        "Address of Save Purchase",
        required=True,
        help="The whole address, from the supplier; its path usually ends in /api.",
    ),
    SettingField("auth_header", "Sign-in header", default="Authorization"),
    SettingField("auth_value", "Content of the sign-in header", default="Bearer {token}"),
    SettingField(
        "service_header",
        "Header that chooses the service",
        help="As Name: value, if the supplier asks for one.",
    ),
    SettingField(
        "callback_url",
        "Our callback address",
        help="As the supplier reaches it, such as https://orders.example.com/callbacks/acme/. "
        "Empty: this system's public address.",
    ),
    SettingField("branch_code", "Branch that orders", required=True, help="branchCode, a whole number."),
    SettingField("buyer_code", "Buyer", required=True, help="buyerCode, a whole number."),
    SettingField("supplier_code", "Supplier", required=True, help="supplierCode in 4ws.trade."),
    SettingField(
        "places",
        "Locations of our places",
        help="For example LONDON=WRH:1001, CITY=SHOP:2: our code of the place, then the type (WRH or SHOP) and "
        "the code in 4ws.trade. Empty: everything is for the branch that orders.",
        long=True,
        example="LONDON=WRH:1001, CITY=SHOP:2",
    ),
    SettingField(
        "dimension_sign",
        "Sign before dimensions",
        help="Such as | where the supplier's codes are entered like 032B622|4|01|4|K: the item, then its dimensions. "
        "Empty: codes are items.",
    ),
    SettingField("tax_rate", "VAT in percent", required=True),
    SettingField("tax_rates", "VAT of single items", help="For example RICE-5=4, OILS-1=10.", long=True),
    SettingField(
        "markup_percent",
        "Markup in percent",
        required=True,
        help="Selling price = our price and this much more, then VAT. 4ws.trade takes no row without one.",
    ),
    SettingField(
        "send_prices",
        "Send our prices",
        default="yes",
        help="yes: as pricePurchase and priceInvoice. no: 4ws.trade takes them from its price lists.",
    ),
    SettingField(
        "document_status",
        "Status of the document",
        default="CONFIRMED",
        help="CONFIRMED, OPEN or empty. Only a CONFIRMED document confirms the order here.",
    ),
    SettingField("cause", "Cause", default="PLANNED"),
    SettingField("system", "System", default="ECOMMERCE"),
    SettingField("payment_code", "Payment code"),
    SettingField("season_code", "Season code"),
    SettingField("currency_symbols", "Currency symbols", default="EUR=€, GBP=£, USD=$"),
    SettingField(
        "time_zone",
        "Time zone of 4ws.trade",
        default="Europe/Rome",
        help="Its dates carry none; ours are written on the clock of this one.",
    ),
    SettingField(
        "reply_id_field",
        "Field of the id in the reply",
        default="id",
        help="Empty: the reply carries none.",
    ),
    SettingField(
        "check_callback_id",
        "Callbacks repeat our document id",
        default="yes",
        help="yes: one with another id is kept for a person to look at.",
    ),
    SettingField(
        "duplicate_check",
        "Makes no second document of an id",
        default="no",
        help="yes only if the supplier has promised it: an order sent again under the same id is then no second one.",
    ),
    TIMEOUT,
)


def _address(value: str) -> str:
    if problem := url_problem(value):
        raise ValueError(problem)
    return value


def _callback_address(value: str) -> str:
    if value and ("?" in value or "#" in value):
        raise ValueError("Each order's own words are put behind this address, so it has no ? and no #.")
    return _address(value) if value else ""


def _sendable(value: str) -> bool:
    return value.isascii() and value.isprintable()


def _header_name(value: str) -> str:
    if not re.fullmatch("[A-Za-z0-9-]{1,60}", value):
        raise ValueError("The name of a header has letters, digits and hyphens, such as Authorization.")
    return value


def _header_value(value: str) -> str:
    if "{token}" not in value or not _sendable(value):
        raise ValueError("It must say where the token goes, such as Bearer {token}.")
    return value


def _header(value: str) -> dict[str, str]:
    if not value:
        return {}
    name, _, content = (part.strip() for part in value.partition(":"))
    if not content or not re.fullmatch("[A-Za-z0-9-]{1,60}", name) or not _sendable(content):
        raise ValueError("Write it as Name: value, such as X-Service: savePurchase.")
    return {name: content}


def _whole(value: str) -> int:
    if not re.fullmatch("[0-9]{1,9}", value.strip()):
        raise ValueError("This is a whole number, such as 2.")
    return int(value)


def _sign(value: str) -> str:
    if len(value.strip()) > 3:
        raise ValueError("This is a sign such as |, or empty.")
    return value.strip()


def _percent(value: str) -> Decimal:
    try:
        percent = Decimal(value.strip())
    except InvalidOperation:
        percent = Decimal("NaN")
    if not percent.is_finite() or not 0 <= percent <= 1000 or percent != round(percent, 4):
        raise ValueError(f"{value!r} is no number of percent from 0 to 1000, such as 22 or 4.5.")
    return percent


def _pairs(value: str) -> dict[str, str]:
    pairs: dict[str, str] = {}
    for pair in filter(None, (part.strip() for part in re.split("[,\n]", value))):
        name, sign, said = (part.strip() for part in pair.rpartition("="))
        if not (sign and name and said):
            raise ValueError(
                f"{pair!r} is not understood; write name=value, with commas between or one a line."
            )
        pairs[name] = said
    return pairs


def _status(value: str) -> str:
    if value.strip().upper() not in ("", "OPEN", "CONFIRMED"):
        raise ValueError("This is OPEN, CONFIRMED or empty.")
    return value.strip().upper()


def _zone(value: str) -> ZoneInfo:
    try:
        return ZoneInfo(value.strip())
    except (OSError, ValueError, KeyError):  # unknown names, and names that are paths
        raise ValueError("This is the name of a time zone, such as Europe/Rome.") from None


def _yes(value: str) -> bool:
    if value.strip().lower() not in ("yes", "no"):
        raise ValueError("This is yes or no.")
    return value.strip().lower() == "yes"


def _callback_secret(value: str) -> str:
    if len(value) < SHORTEST_SECRET or len(set(value)) < 8:
        raise ValueError(f"A secret has at least {SHORTEST_SECRET} characters that are not easily guessed.")
    return value


def _api_token(value: str) -> str:
    if not _sendable(value):
        raise ValueError("The token contains something that cannot be sent in a header.")
    return value


READERS: dict[str, Callable[[str], Any]] = {
    "save_purchase_url": _address,
    "callback_url": _callback_address,
    "auth_header": _header_name,
    "auth_value": _header_value,
    "service_header": _header,
    "branch_code": _whole,
    "buyer_code": _whole,
    "places": places_read,
    "dimension_sign": _sign,
    "tax_rate": _percent,
    "tax_rates": lambda value: {name: _percent(said) for name, said in _pairs(value).items()},
    "markup_percent": _percent,
    "send_prices": _yes,
    "document_status": _status,
    "currency_symbols": _pairs,
    "time_zone": _zone,
    "check_callback_id": _yes,
    "duplicate_check": _yes,
    "callback_secret": _callback_secret,
    "api_token": _api_token,
}
