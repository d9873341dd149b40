"""What an administrator enters for a supplier on the platform, and reading it."""

import re
from decimal import Decimal, InvalidOperation

from suppliers.connectors import entered
from suppliers.connectors.account import CredentialField, SettingField
from suppliers.connectors.base import PRICE_REACH, TIMEOUT, Connector
from suppliers.messages import Decision

CREDENTIALS = (
    CredentialField("org_id", "Our organisation id", secret=False),
    CredentialField("api_org_key", "API key"),
    CredentialField("api_org_pw", "API password"),
)
SETTINGS = (
    SettingField("base_url", "API address", default="https://api.squizz.com/rest/1/org", required=True),
    SettingField("supplier_org_id", "Supplier's organisation id", required=True),
    SettingField(
        "customer_account_code",
        "Our customer account",
        help="Needed where the supplier has given us more than one account: the one for all other places.",
    ),
    SettingField(
        "customer_accounts",
        "Customer accounts by delivery place",
        help="Code, name or postcode of the place = account code: Depot = ACC-1; SW1A 1AA = ACC-2",
        long=True,
    ),
    SettingField(
        "supplier_account_code",
        "Our code of the supplier",
        help="Stands in each order. Empty: the supplier's code here.",
    ),
    SettingField("supplier_account_key", "Our key of the supplier", help="Stands in each order where set."),
    SettingField("currency", "Currency of their prices", required=True, help="Price lists do not tell it."),
    SettingField(
        "compress", "Compress orders", default="yes", help="yes or no: gzip, as the platform advises."
    ),
    SettingField(
        "sales_order_means",
        "A sales order in the reply means",
        default="confirmed",
        help="confirmed or received: whether nothing more is to be waited for.",
    ),
    SettingField("total_includes_charges", "An order's total holds its surcharges", default="yes"),
    SettingField(
        "order_note_as",
        "The order's note is sent as",
        default="instructions",
        help="instructions or lines (a text line).",
    ),
    SettingField(
        "long_names",
        "Product names of more than 50 characters",
        default="refuse",
        help="refuse or shorten. The name is for people; articles are found by code.",
    ),
    SettingField("tax_rate", "Tax in percent", help="Set: expected prices are sent with tax, too."),
    SettingField(
        "country_names",
        "Names of countries",
        default="AU=Australia, GB=United Kingdom, NZ=New Zealand, US=United States, IE=Ireland",
        help="ISO code = name as the platform knows it. The code is always sent.",
        long=True,
    ),
    SettingField(
        "unit_words",
        "Unit words",
        default="C62=EACH, KGM=KG, GRM=G, LTR=L, MLT=ML",
        help="Our UN/ECE code = the supplier's word.",
    ),
    SettingField("default_unit", "Unit of products that name none", default="C62"),
    SettingField("whole_packs", "Order in whole packs where a product has one", default="yes"),
    SettingField("stock_field", "Field of the quantity in stock records", default="qtyAvailable"),
    SettingField(
        "price_type",
        "Kind of prices to ask for",
        help="Empty: not said. Else e.g. customer_account_pricing, price_level_unit_pricing.",
    ),
    SettingField("page_size", "Records a page", default="5000", help="At most 5000."),
    SettingField("lookup_days", "Days a look-up goes back", default="400"),
    SettingField(
        "lookup_first_page",
        "First page of a look-up",
        default="both",
        help="0, 1 or both: how pages are counted is not known, so both are asked.",
    ),
    SettingField(
        "follow_orders",
        "Follow orders in the supplier's system",
        default="no",
        help="yes: its records of our orders are fetched regularly and tell when all is delivered.",
    ),
    SettingField("follow_minutes", "Minutes between two such questions", default="30"),
    SettingField("follow_days", "Days for which orders are followed", default="60"),
    SettingField(
        "reference_prefix",
        "Our references begin with",
        default="PO-",
        help="Records of the supplier with another reference are not of our orders.",
    ),
    SettingField(
        "record_line_field",
        "Field of the article in records of orders",
        default="lineItemCode",
        help="Empty: their lines are not read.",
    ),
    PRICE_REACH,
    TIMEOUT,
)
DECISIONS = {"confirmed": Decision.CONFIRMED, "received": Decision.RECEIVED}
FIRST_PAGES = {"0": (0, 0), "1": (1, 1), "both": (0, 1)}  # the first page, and the last that is always asked
NOTE_AS_LINES = {"instructions": False, "lines": True}
SHORTEN = {"refuse": False, "shorten": True}


def percent(connector: Connector, name: str) -> Decimal | None:
    said = connector.setting(name).strip()
    if not said:
        return None
    try:
        found = Decimal(said)
    except InvalidOperation:
        found = Decimal(-1)
    if not found.is_finite() or not 0 <= found <= 100:
        raise entered.wrong(connector, name, "a number from 0 to 100, or nothing")
    return found


def matching(connector: Connector, name: str, pattern: str, example: str) -> str:
    said = connector.setting(name).strip()
    if not re.fullmatch(pattern, said):
        raise entered.wrong(connector, name, f"e.g. {example}")
    return said


def currency(connector: Connector, name: str) -> str:
    return matching(connector, name, "[A-Z]{3}", "GBP")


def unit(connector: Connector, name: str) -> str:
    return matching(connector, name, "[A-Z0-9]{2,3}", "C62")


def countries(connector: Connector, name: str) -> dict[str, str]:
    names: dict[str, str] = {}
    for pair in filter(None, (part.strip() for part in connector.setting(name).split(","))):
        code, sign, word = (piece.strip() for piece in pair.partition("="))
        if not sign or not 1 <= len(word) <= 70 or not re.fullmatch("[A-Z]{2}", code):
            raise entered.wrong(connector, name, f"pairs such as GB=United Kingdom, not {pair!r}")
        names[code] = word
    return names


def short(connector: Connector, name: str, limit: int) -> str:
    said = connector.setting(name).strip()
    if len(said) > limit:
        raise entered.wrong(connector, name, f"at most {limit} characters")
    return said
