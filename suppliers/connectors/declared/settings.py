"""Settings that every connector with a declared form has, and what each is when nothing is said."""

from suppliers.connectors.account import CredentialField, SettingField

ANSWER_MAPPING = """{
  "message_id": "id",
  "buyer_reference": "order_number",
  "supplier_reference": "supplier_order_number",
  "status": "status", "currency": "currency", "note": "note", "time": "timestamp",
  "lines": "lines",
  "line.line_number": "line_number", "line.supplier_sku": "sku", "line.quantity": "quantity",
  "line.unit_price": "unit_price", "line.promised_date": "delivery_date", "line.note": "note",
  "line.backorder_quantity": "backorder_quantity", "line.substitute_sku": "substitute_sku",
  "shipment.id": "shipment.id", "shipment.carrier": "shipment.carrier",
  "shipment.tracking": "shipment.tracking", "shipment.time": "shipment.shipped_at",
  "problems": "problems", "problem.line_number": "line_number", "problem.supplier_sku": "sku",
  "problem.kind": "kind", "problem.text": "text"
}"""
STATUS_WORDS = (
    "received=received, pending=received, processing=received, accepted=confirmed, confirmed=confirmed, "
    "rejected=rejected, cancelled=rejected, refused=refused, packed=packed, shipped=shipped"
)
PROBLEM_WORDS = (
    "unknown_item=unknown_item, no_price=no_price, out_of_stock=out_of_stock, not_permitted=not_permitted, "
    "unavailable=unavailable"
)

WEBHOOK_SECRET = CredentialField(
    "webhook_secret",
    "Callback secret",
    required=False,
    help="Proves the supplier's callbacks. During a rotation enter the new one beside the old one.",
)
ORDERS = (
    SettingField("customer_number", "Our customer number"),
    SettingField(
        "unit_words",
        "Unit words",
        help="Our UN/ECE code = the supplier's word, such as C62=each. Empty: the codes themselves.",
    ),
    SettingField(
        "duplicate_check",
        "Refuses a reference it has seen",
        required=True,
        default="no",
        help="yes or no: whether the same order sent twice is certainly one order.",
    ),
)
ANSWERS = (
    SettingField(
        "callback_mapping",
        "Callback mapping",
        long=True,
        help="Where callbacks look different. Empty: the same.",
    ),
    SettingField(
        "status_words",
        "Status words",
        required=True,
        default=STATUS_WORDS,
        long=True,
        help="Their word = our meaning.",
    ),
    SettingField(
        "problem_words",
        "Words for problems",
        default=PROBLEM_WORDS,
        long=True,
        help="Their word = our meaning.",
    ),
    SettingField(
        "lines_not_listed",
        "Lines that a confirmation does not list",
        required=True,
        default="open",
        help="accepted or open. A confirmation that lists no line at all accepts all.",
    ),
    SettingField(
        "reply_expected",
        "The reply says something",
        required=True,
        default="yes",
        help="no: an empty reply means that the supplier has the order.",
    ),
    SettingField(
        "callback_authentication",
        "How callbacks prove themselves",
        required=True,
        default="standard_webhooks",
        help="standard_webhooks, hmac, bearer, basic, or none for no callbacks.",
    ),
    SettingField(
        "callback_signature",
        "Their signature",
        required=True,
        default="X-Signature: {hex}",
        help="For hmac: header and value; {hex} or {base64} is the HMAC-SHA256 of the body.",
    ),
)
