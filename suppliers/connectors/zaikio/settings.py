"""What an account is described by, and what each of it is when nothing is said."""

from suppliers.connectors.account import CredentialField, SettingField

STATE_WORDS = (
    "draft=draft, placed=received, transferred=received, cancelation_requested=received, confirmed=confirmed, "
    "producing=confirmed, partially_shipped=confirmed, shipped=shipped, transfer_failed=rejected, "
    "canceled_by_supplier=rejected, canceled_by_consumer=rejected"
)
VARIANT_FIELDS = {name: name for name in ("external_id", "supplier_sku")}
IN_BASE_UNIT = {"amount": False, "amount_in_base_unit": True}
LONGEST_TIMEOUT = 20  # an order takes several calls within one lease
MOST_PAGES = 1000

CREDENTIALS = (
    CredentialField("client_id", "Client id", secret=False),
    CredentialField("client_secret", "Client secret"),
    CredentialField(
        "webhook_secret",
        "Shared secret of events",
        help="Signs loom events. During a rotation enter the new one beside the old one.",
        required=False,
    ),
)
SETTINGS = (
    SettingField("base_url", "API address", default="https://procurement.zaikio.com/api/v2", required=True),
    SettingField(
        "token_url", "Token address", default="https://hub.zaikio.com/oauth/access_token", required=True
    ),
    SettingField("organization", "Our organisation", required=True, help="Org/ and its id."),
    SettingField(
        "scopes",
        "Scopes",
        default="procurement_consumer.orders.rw, procurement_consumer.material_requirements.rw",
        required=True,
        help="Must have been granted to us before.",
    ),
    SettingField("supplier_id", "Supplier id", required=True),
    SettingField(
        "variant_field",
        "Which of our fields is the variant id",
        default="external_id",
        required=True,
        help="external_id or supplier_sku.",
    ),
    SettingField(
        "quantity_field",
        "Field of a confirmed quantity",
        default="amount_in_base_unit",
        required=True,
        help="amount_in_base_unit (we order in single pieces, sheets and so on) or amount (we order in packs).",
    ),
    SettingField(
        "reference_prefix",
        "Prefix of our references",
        default="buyer:",
        required=True,
        help="Tells our reference from those of other systems in the same list.",
    ),
    SettingField(
        "lookup_query", "Filter of the look-up", help="Added to the list of orders, where one is known."
    ),
    SettingField(
        "most_pages",
        "Pages of orders",
        default="50",
        required=True,
        help="At most so many are looked through.",
    ),
    SettingField(
        "state_words",
        "State words",
        default=STATE_WORDS,
        required=True,
        long=True,
        help="Their state = draft, received, confirmed, shipped or rejected.",
    ),
    SettingField("order_id_field", "Order id in an event", default="order_id", required=True),
    SettingField("timeout_seconds", "Seconds to wait for an answer", default="10", required=True),
)
