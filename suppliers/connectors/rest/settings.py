"""What an administrator declares about a supplier's API, and what each of it is when nothing is said."""

from suppliers.connectors.account import CredentialField, SettingField
from suppliers.connectors.base import TIMEOUT
from suppliers.connectors.declared import settings as declared

ORDER_TEMPLATE = """{
  "order_number": "$buyer_reference",
  "customer_number": "$customer_number?",
  "ordered_at": "$issued_at",
  "currency": "$currency",
  "requested_date": "$requested_date?",
  "note": "$note?",
  "deliver_to": {
    "name": "$deliver_to.name", "line1": "$deliver_to.line1?", "line2": "$deliver_to.line2?",
    "city": "$deliver_to.city?", "region": "$deliver_to.region?", "postcode": "$deliver_to.postcode?",
    "country": "$deliver_to.country?", "contact": "$deliver_to.contact?", "email": "$deliver_to.email?",
    "phone": "$deliver_to.phone?"
  },
  "lines": [{
    "line_number": "$line.line_number", "sku": "$line.supplier_sku", "description": "$line.description?",
    "quantity": "$line.quantity", "unit": "$line.unit", "unit_price": "$line.unit_price?",
    "requested_date": "$line.requested_date?", "note": "$line.note?"
  }]
}"""

CREDENTIALS = (
    CredentialField("api_key", "API key", required=False, help="Where we sign in with a key."),
    CredentialField("username", "User name", required=False, secret=False, help="Where we sign in with HTTP Basic."),
    CredentialField("password", "Password", required=False),
    CredentialField("client_id", "Client id", required=False, secret=False, help="Where we sign in with OAuth 2."),
    CredentialField("client_secret", "Client secret", required=False),
    CredentialField("signing_key", "Our signing key", required=False, help="Where we sign the body of each request."),
    declared.WEBHOOK_SECRET,
)  # fmt: skip

ADDRESSES = (
    SettingField("order_url", "Order address", required=True, help="Orders are posted here."),
    SettingField(
        "lookup_url",
        "Look-up address",
        help="With {reference} for our reference. Empty if this supplier answers no look-ups.",
    ),
    SettingField(
        "lookup_list", "List in a look-up", help="Path to the order or the list. Empty: the whole answer."
    ),
    SettingField(
        "cancel_url",
        "Cancelling address",
        help="With {reference} for our reference. Empty if orders cannot be cancelled.",
    ),
    SettingField(
        "cancel_method",
        "Method of cancelling",
        required=True,
        default="POST",
        help="POST, PUT, PATCH or DELETE.",
    ),
    SettingField(
        "check_url",
        "Address to test the connection",
        help="Answers GET with 2xx. Empty: the look-up is tried.",
    ),
)
SIGNING_IN = (
    SettingField(
        "authentication",
        "How we sign in",
        required=True,
        default="api_key",
        help="none, api_key, basic, oauth2 or hmac.",
    ),
    SettingField("api_key_header", "Header of the API key", required=True, default="X-API-Key"),
    SettingField("token_url", "Token address", help="Where we sign in with OAuth 2."),
    SettingField("token_scope", "Scope of the token", help="Where the supplier wants one."),
    SettingField(
        "token_credentials",
        "Id and secret for a token",
        required=True,
        default="basic",
        help="basic: as HTTP Basic. form: as fields of the form, where the supplier wants that.",
    ),
    SettingField(
        "request_signature",
        "Our signature",
        required=True,
        default="X-Signature: {hex}",
        help="Header and value; {hex} or {base64} is the HMAC-SHA256 of the body.",
    ),
)
ORDERS = (
    *declared.ORDERS,
    SettingField(
        "order_template",
        "Order template",
        required=True,
        default=ORDER_TEMPLATE,
        long=True,
        help="The JSON of an order; its leaves name our fields, such as $buyer_reference and $line.quantity.",
    ),
    SettingField(
        "cancel_template",
        "Cancelling template",
        required=True,
        default='{"order_number": "$buyer_reference", "reason": "$reason"}',
        long=True,
        help="The JSON that cancels an order. Not sent with DELETE.",
    ),
    SettingField(
        "idempotency_header",
        "Header of the idempotency key",
        default="Idempotency-Key",
        help="Holds our reference. Empty: not sent.",
    ),
)
ANSWERS = (
    *declared.ANSWERS,
    SettingField(
        "answer_mapping",
        "Answer mapping",
        required=True,
        default=declared.ANSWER_MAPPING,
        long=True,
        help="Our name and the supplier's path of each thing in replies, look-ups and callbacks.",
    ),
    SettingField(
        "refusal_statuses",
        "Statuses of a refusal",
        default="422",
        help="HTTP statuses with which the supplier refuses an order and says what is wrong with it.",
    ),
)
SETTINGS = (*ADDRESSES, *SIGNING_IN, *ORDERS, *ANSWERS, TIMEOUT)
